# Sourced by program.sh: builds the program, where the sources have not been built yet, into a folder of its own.
# A later build does not pull the jars from under a program that runs, nor does 'mvn clean'.
. "$root/bin/lock.sh"

# The sources of the program below a folder, as words for find and cp, which are called in that folder.
sources="pom.xml .mvn */pom.xml */*/pom.xml */src/main */*/src/main"

# What tells one state of the sources from another. Not their times: clocks differ, and copies are as good.
state_of() {
  # shellcheck disable=SC2086 # patterns
  (cd "$1" && find $sources -type f ! -name '.*' ! -name '*~' -exec cksum {} +) |
    LC_ALL=C sort | cksum | tr -s ' \t' - | tr -d '\n'
}

# Java takes a colon for the end of a path.
case $root in
  *:*) apps=$cache/apps/$(printf %s "$root" | cksum | tr -s ' \t' - | tr -d '\n') ;;
  *) apps=$root/cli/target/apps ;;
esac

# The module that is the program, with the profile that has it, and how the folder of its jars begins.
case $program in
  pclmix-spark) module=spark profile=-Pspark kind=spark- ;;
  *) module=cli profile= kind= ;;
esac

# Sets $app to the folder of the program's jars.
find_app() {
  app=$apps/$kind$(state_of "$root")
  if [ -d "$app" ]; then
    # In a checkout that cannot be written nothing is removed either.
    touch -c "$app" 2>/dev/null
    return
  fi
  reason="sources have changed"
  [ -n "$(find "$apps" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | head -n 1)" ] || reason="first use"
  find_jdk
  app=$(build_app) || exit 1
}

# Prints the folder of the jars.
build_app() (
  (mkdir -p "$apps" && : >>"$apps/lock") 2>/dev/null ||
    fail "must be built ($reason), but cannot write to $apps; run it once as a user who can, or use a copy of your own."
  tidy_at_end
  take_lock "$apps/lock" "$program: waiting for another process that builds ..."
  app=$apps/$kind$(state_of "$root")
  if [ ! -d "$app" ]; then
    echo "$program: building ($reason) ..." >&2
    # From a copy: whatever else is built, cleaned or edited in the checkout does not concern this build.
    rm -rf "$apps"/.new.*
    work=$(mktemp -d "$apps/.new.XXXXXX") && mkdir "$work/jars" ||
      fail "cannot write to $apps; free some space there."
    said=$(copy_to "$work" 2>&1) ||
      fail "cannot copy the sources to $work ($(printf '%s\n' "$said" | tail -n 1)); free some space there."
    app=$apps/$kind$(state_of "$work")
    # shellcheck disable=SC2086 # no profile is no word
    JAVA_HOME=$jdk sh "$work/mvnw" -q -B -Dstyle.color=never -f "$work/pom.xml" $profile -pl "$module" -am \
      -Dmaven.test.skip=true -Dspotless.check.skip=true package >"$work/log" 2>&1 || {
      cat "$work/log" >&2
      fail "the build failed; see the messages above."
    }
    said=$(
      {
        cp "$work/$module/target/tangram-$module"-*.jar "$work/$module"/target/lib/*.jar "$work/jars" &&
          { [ -d "$app" ] || mv "$work/jars" "$app"; }
      } 2>&1
    ) || fail "cannot write to $apps ($(printf '%s\n' "$said" | tail -n 1)); free some space there."
    remove_old
  fi
  printf '%s\n' "$app"
)

# Programs hold a lock on the folder that they run from. Where there are no locks, nothing runs for a quarter.
remove_old() {
  for old in "$apps"/*/; do
    if [ "$old" = "$app/" ]; then
      continue
    elif command -v flock >/dev/null; then
      [ -z "$(find "$old" -prune -mtime +1)" ] || flock -n -x "$old" rm -rf "$old"
    else
      [ -z "$(find "$old" -prune -mtime +90)" ] || rm -rf "$old"
    fi
  done
}

copy_to() {
  cd "$root" || return
  # shellcheck disable=SC2086 # patterns
  for source in $sources mvnw bin; do
    mkdir -p "$1/$(dirname "$source")" && cp -R "$source" "$1/$source" || return
  done
}
