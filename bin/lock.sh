# Sourced by scripts: lets one process at a time do what several might begin at once.

# Waits until no other process holds a lock, which this one then holds until its shell ends. Call it in a subshell,
# after tidy_at_end, and only if the lock's file can be written.
#   take_lock FILE SENTENCE: the sentence is printed if there is something to wait for.
take_lock() {
  if command -v flock >/dev/null; then
    # Java and Maven inherit the lock: it lasts as long as they do, even if this shell is killed.
    exec 9>>"$1"
    flock -n 9 && return
    echo "$2" >&2
    flock 9 && return
    # A file system without such locks.
  fi
  said=false
  until mkdir "$1.d" 2>/dev/null; do
    if [ ! -d "$1.d" ]; then
      # Released just now; or it cannot be made at all.
      sleep 1
      [ -d "$1.d" ] || { mkdir "$1.d" && break; } || fail "cannot write to $1.d."
    elif is_abandoned "$1.d"; then
      rm -rf "$1.d"
    else
      $said || echo "$2" >&2
      said=true
      sleep 1
    fi
  done
  lock=$1.d
  echo "$(uname -n) $$" >"$lock/owner"
}

# Lets a subshell remove the folder $work and its lock when it ends.
tidy_at_end() {
  # Not what the environment has by these names.
  work=
  lock=
  trap 'rm -rf "$work" "$lock"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Whether the process that made a lock has ended. One of another machine cannot be asked, and one that was killed
# at once left no name; both are given an hour.
is_abandoned() {
  owner=$(cat "$1/owner" 2>/dev/null)
  if [ "${owner% *}" = "$(uname -n)" ]; then
    ! kill -0 "${owner##* }" 2>/dev/null
  else
    [ -n "$(find "$1" -prune -mmin +60 2>/dev/null)" ]
  fi
}
