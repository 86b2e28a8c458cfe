# Sourced by scripts: sets $java to a Java 25 or later, or ends with a sentence through fail().

# Major version of a java command, nothing if it is none. Most JDKs tell it in a file, which is faster
# than to start them.
major() {
  [ -x "$1" ] || return 1
  release=$(dirname -- "$1")/../release
  if [ -f "$release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release"
  else
    "$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
  fi
}

is_recent() {
  version=$(major "$1")
  [ -n "$version" ] && [ "$version" -ge 25 ]
}

java=
if [ -n "${JAVA_HOME:-}" ] && is_recent "$JAVA_HOME/bin/java"; then
  java=$JAVA_HOME/bin/java
elif command -v java >/dev/null && is_recent "$(command -v java)"; then
  java=$(command -v java)
else
  for candidate in /usr/lib/jvm/*/bin/java \
    /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java \
    "${HOME:-/}"/Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java \
    "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/*/bin/java \
    "${HOME:-/}"/.jdks/*/bin/java /opt/*jdk*/bin/java; do
    if is_recent "$candidate"; then
      java=$candidate
      break
    fi
  done
fi
[ -n "$java" ] || fail "needs Java 25 or later; install a JDK (https://adoptium.net) or set JAVA_HOME to one."
