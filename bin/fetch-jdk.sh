# Sourced by java.sh where no JDK is found: brings Temurin into the user's cache. TANGRAM_JDK names another source
# (address or file of a .tar.gz, with its SHA-256 beside it in a file of the same name and .sha256.txt), or 'none'.
. "$root/bin/lock.sh"

# Prints the folder of the JDK.
fetch_jdk() (
  base=https://github.com/adoptium/temurin25-binaries/releases/download
  source=${TANGRAM_JDK:-$base/jdk-25.0.3%2B9/OpenJDK25U-jdk_$(platform)_hotspot_25.0.3_9.tar.gz}
  needs="needs JDK 25.0.3 or later and finds none"
  advice="install a JDK (https://adoptium.net) or set JAVA_HOME to one"
  [ "$source" != none ] || fail "$needs, and TANGRAM_JDK=none forbids to fetch it; $advice."
  case $(platform) in
    x64_linux | aarch64_linux | x64_alpine-linux | aarch64_alpine-linux | x64_mac | aarch64_mac) ;;
    *) [ -n "${TANGRAM_JDK:-}" ] || fail "$needs, and knows of no archive for $(uname -sm); $advice." ;;
  esac
  case $cache in
    /.cache/*) fail "$needs, and there is no HOME to fetch it to; $advice." ;;
  esac
  jdks=$cache/jdk/$(platform)
  (mkdir -p "$jdks" && : >>"$jdks/lock") 2>/dev/null ||
    fail "$needs, and cannot write to $jdks to fetch it; set XDG_CACHE_HOME to a folder that can be written, or JAVA_HOME to a JDK."
  tidy_at_end
  take_lock "$jdks/lock" "Waiting for another process that fetches a JDK ..."
  # It may have been brought meanwhile.
  for candidate in "$jdks"/*; do
    if will_do "$candidate" jdk; then
      printf '%s\n' "$jdk"
      return
    fi
  done
  # Of processes that were killed.
  rm -rf "$jdks"/.new.*
  work=$(mktemp -d "$jdks/.new.XXXXXX") || fail "cannot write to $jdks."
  printf '%s\n' "No JDK 25.0.3 or later is found: fetching Temurin (140 MB) from $source to $jdks ..." >&2
  get "$source.sha256.txt" "$work/sum"
  get "$source" "$work/archive"
  expected=$(head -n 1 "$work/sum" | tr -d '\r' | cut -d ' ' -f 1 | tr A-F a-f)
  actual=$(sha256 "$work/archive") || fail "needs sha256sum, shasum or openssl to check $source; install one of them."
  [ "$expected" = "$actual" ] ||
    fail "$source is damaged: its SHA-256 is $actual, but $source.sha256.txt says '$expected'; try again, or $advice."
  # As root, too, the files belong to who fetched them.
  said=$(mkdir "$work/unpacked" && tar -xzof "$work/archive" -C "$work/unpacked" 2>&1) ||
    fail "$source cannot be unpacked in $jdks ($(last_line "$said")); free some space there, or $advice."
  home=
  for candidate in "$work/unpacked"/*/Contents/Home "$work/unpacked"/*; do
    [ ! -x "$candidate/bin/javac" ] || home=$candidate
  done
  [ -n "$home" ] || fail "$source is no archive of a JDK: it holds no bin/javac; name another in TANGRAM_JDK, or $advice."
  version=$("$home/bin/java" -version 2>&1) ||
    fail "$source does not run on this machine, $(uname -sm) ($(last_line "$version")); name another in TANGRAM_JDK, or $advice."
  will_do "$home" jdk ||
    fail "$source holds Java $version, not a JDK 25.0.3 or later; name another in TANGRAM_JDK, or $advice."
  jdk=$jdks/$(printf %.16s "$actual")
  mv "$home" "$jdk" || fail "cannot write to $jdks."
  printf '%s\n' "$jdk"
)

# Fetches an address, or copies a file.
get() {
  case $1 in
    http://* | https://*)
      if command -v curl >/dev/null; then
        said=$(curl -fsSL --connect-timeout 30 --speed-limit 1000 --speed-time 60 -o "$2" "$1" 2>&1)
      elif command -v wget >/dev/null; then
        said=$(wget -T 60 -O "$2" "$1" 2>&1)
      else
        fail "needs curl or wget to fetch a JDK, and finds neither; install one of them, or $advice."
      fi
      ;;
    *) said=$(cp -- "${1#file://}" "$2" 2>&1) ;;
  esac || fail "cannot fetch $1 ($(last_line "$said")); name another source in TANGRAM_JDK, or $advice."
}

last_line() {
  printf '%s\n' "$1" | sed '/^ *$/d' | tail -n 1
}

sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 -r <"$1" | cut -d ' ' -f 1
  else
    return 1
  fi
}
