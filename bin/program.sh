# Sourced by the launchers: finds Java, builds on first use and when sources have changed, and starts a class. The
# launcher sets $program, its name for messages, and $root, the folder of the checkout.

fail() {
  printf '%s\n' "$program: $*" >&2
  exit 1
}

. "$root/bin/java.sh"
. "$root/bin/build.sh"
java=
find_app
[ -n "$java" ] || find_java

# Java inherits it: as long as it runs, later builds leave its jars alone.
if command -v flock >/dev/null; then
  exec 8<"$app"
  flock -s -n 8
fi

# What Java cannot tell by itself: which outputs are terminals, and how wide they are.
if [ -z "${COLUMNS:-}" ] && [ -t 1 ]; then
  COLUMNS=$({ stty size </dev/tty; } 2>/dev/null | cut -d ' ' -f 2)
fi
export COLUMNS
output=false
errors=false
[ -t 1 ] && output=true
[ -t 2 ] && errors=true

# What Java is started with.
#
# G1: its placing of large arrays is what keeps tensors on cache lines.
# The heap has and keeps its final size from the start and a small young part: memory counts only once it is
# touched, and a heap that grows moves its young part, whose pages then stay. Garbage is rare, but for
# the boxed vectors of kernels that are not compiled yet.
# PCLMIX_JAVA_OPTIONS are the user's own.
options="-XX:+UseG1GC -XX:+UseTransparentHugePages -Xlog:pagesize=off -XX:MaxRAMPercentage=75 \
  -XX:InitialRAMPercentage=75 -XX:MaxNewSize=64m -XX:MaxHeapFreeRatio=100 ${PCLMIX_JAVA_OPTIONS:-}"

# Starts a class of the command line.
#   start CLASS ARGUMENTS
start() {
  main=$1
  shift
  # The device 'tornado' needs TornadoVM, which brings options of its own for Java and wants programs on the
  # class path. Everything else runs without.
  tornado=false
  previous=
  for argument in "$@"; do
    case $previous$argument in
      devices | --device=tornado* | --devicetornado*) tornado=true ;;
    esac
    previous=
    [ "$argument" = --device ] && previous=--device
  done
  if [ -n "${TORNADOVM_HOME:-}" ] && $tornado; then
    [ -f "$TORNADOVM_HOME/tornado-argfile" ] ||
      fail "TORNADOVM_HOME is $TORNADOVM_HOME, but there is no file 'tornado-argfile' in it; set it to the folder of an installed TornadoVM (docs/gpu.md)."
    # A heap of more than 32 GB has other headers of arrays, with which TornadoVM was not tried.
    heap=-XX:MaxRAMPercentage=75
    memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo 2>/dev/null)
    [ "${memory:-0}" -le 40000000 ] || heap=-Xmx30g
    # The module path: TornadoVM's own begins with the working folder, whatever lies there.
    # shellcheck disable=SC2086 # the options are words
    exec "$java" "@$TORNADOVM_HOME/tornado-argfile" "@$root/bin/tornado.options" \
      --module-path "$TORNADOVM_HOME/share/java/tornado" "$heap" \
      -Dtangram.outputToTerminal=$output -Dtangram.errorsToTerminal=$errors ${PCLMIX_JAVA_OPTIONS:-} \
      -cp "$app/*" "$main" "$@"
  fi

  # All modules: those that the HDF5 library needs are named by nobody, since it has no descriptor.
  # shellcheck disable=SC2086 # the options are words
  exec "$java" $options -Dtangram.outputToTerminal=$output -Dtangram.errorsToTerminal=$errors \
    -p "$app" --add-modules ALL-MODULE-PATH -m "tangram.cli/$main" "$@"
}
