# Sourced by scripts: finds Java 25.0.3 or later, and fetches a JDK where there is none. The script that
# sources this sets $root, the folder of the checkout, and defines fail(), which ends it with a sentence.

# Java encodes the names of files as the locale says, and the locale C cannot spell most of them.
if [ "$(uname -s)" = Linux ]; then
  case $(locale charmap 2>/dev/null || echo "${LC_ALL:-${LC_CTYPE:-${LANG:-C}}}") in
    ANSI_X3.4* | US-ASCII | C | POSIX)
      for spelling in C.UTF-8 en_US.UTF-8; do
        # Without the command there is musl's C library, which has the first.
        if [ "$(LC_ALL=$spelling locale charmap 2>/dev/null || echo UTF-8)" = UTF-8 ]; then
          LC_ALL=$spelling
          export LC_ALL
          break
        fi
      done
      ;;
  esac
fi

# Where everything goes that is fetched or built outside the checkout.
case ${XDG_CACHE_HOME:-} in
  /*) cache=$XDG_CACHE_HOME/tangram ;;
  *) cache=${HOME:-}/.cache/tangram ;;
esac

# Of the Java in a folder: sets $version, and $home to the folder that Java itself names.
inspect() {
  version=
  modules=
  home=$1
  if [ -f "$1/release" ]; then
    # Faster than to start it.
    while IFS='=' read -r key value; do
      case $key in
        JAVA_VERSION) version=${value#\"} ;;
        MODULES) modules=" ${value#\"}" ;;
      esac
    done <"$1/release"
    version=${version%%\"*}
    modules="${modules%%\"*} "
  else
    told=$("$1/bin/java" -XshowSettings:properties -version 2>&1) || return 1
    version=$(printf '%s\n' "$told" | sed -n 's/^ *java\.version = //p')
    home=$(printf '%s\n' "$told" | sed -n 's/^ *java\.home = //p')
  fi
}

# Whether a version is 25.0.3 or later: earlier ones of 25 can corrupt arrays in use.
is_recent() {
  numbers=${1%%[!0-9.]*}
  major=${numbers%%.*}
  case $numbers in *.*.*) patch=${numbers#*.*.} patch=${patch%%.*} ;; *) patch=0 ;; esac
  case $numbers in *.*) minor=${numbers#*.} minor=${minor%%.*} ;; *) minor=0 ;; esac
  [ "${major:-0}" -gt 25 ] ||
    { [ "${major:-0}" -eq 25 ] && { [ "${minor:-0}" -gt 0 ] || [ "${patch:-0}" -ge 3 ]; }; }
}

# Whether the Java in a folder will do: to run, or with the second argument "jdk" to build too. Sets $java
# and $jdk then.
will_do() {
  [ -x "$1/bin/java" ] && inspect "$1" && is_recent "$version" || return 1
  case $modules in
    '' | ' ' | *' jdk.incubator.vector '*) ;;
    *) return 1 ;;
  esac
  java=$home/bin/java
  jdk=$home
  [ "${2:-}" != jdk ] || [ -x "$home/bin/javac" ]
}

# The folder of a java command that the PATH leads to.
folder_of() {
  command=$1
  while [ -h "$command" ]; do
    link=$(readlink "$command")
    case $link in
      /*) command=$link ;;
      *) command=$(dirname -- "$command")/$link ;;
    esac
  done
  dirname -- "$(dirname -- "$command")"
}

# Looks for Java, in the order in which people expect it.
search() {
  [ -n "${JAVA_HOME:-}" ] && will_do "$JAVA_HOME" "$1" && return
  on_path=$(command -v java) && will_do "$(folder_of "$on_path")" "$1" && return
  for candidate in /usr/lib/jvm/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* \
    "${HOME:-/}"/.jdks/* /opt/*jdk* "$cache/jdk/$(platform)"/*; do
    will_do "$candidate" "$1" && return
  done
  return 1
}

# The name by which Adoptium's archives tell machines apart.
platform() {
  case $(uname -s) in
    Darwin) os=mac ;;
    Linux) if ls /lib/ld-musl-* >/dev/null 2>&1; then os=alpine-linux; else os=linux; fi ;;
    *) os=$(uname -s) ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) machine=$(uname -m) ;;
  esac
  echo "${machine}_$os"
}

# Sets $java to a command that runs the program.
find_java() {
  search run || find_jdk
}

# Sets $jdk to the folder of a JDK, which builds the program, and $java to its java.
find_jdk() {
  search jdk && return
  . "$root/bin/fetch-jdk.sh"
  jdk=$(fetch_jdk) || exit 1
  java=$jdk/bin/java
}
