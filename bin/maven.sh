# Sourced by mvnw: sets JAVA_HOME to a JDK that builds the program, and a locale that can spell all paths.

fail() {
  printf '%s\n' "mvnw: $*" >&2
  exit 1
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
# Java takes a colon for the end of a path.
case $root in
  *:*) fail "Java cannot build in $root, because of the colon in its name; rename the folder, or build in another." ;;
esac
set +euf
. "$root/bin/java.sh"
find_jdk
export JAVA_HOME="$jdk"
# Java warns of what Maven's own libraries do.
export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"

# The wrapper unpacks Maven in a temporary folder and moves it: on one disk, so that nobody sees a part of it.
[ -n "${MAVEN_USER_HOME:-}${HOME:-}" ] || fail "needs HOME or MAVEN_USER_HOME, where Maven keeps itself and what it fetches."
maven_home=${MAVEN_USER_HOME:-${HOME:-}/.m2}
if ! ls "$maven_home"/wrapper/dists/*/*/bin/mvn >/dev/null 2>&1; then
  mkdir -p "$maven_home/wrapper" 2>/dev/null ||
    fail "cannot write to $maven_home, where Maven keeps itself and what it fetches; set MAVEN_USER_HOME to a folder that can be written."
  export TMPDIR="$maven_home/wrapper"
fi
set -euf
