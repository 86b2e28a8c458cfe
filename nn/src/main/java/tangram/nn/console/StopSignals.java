package tangram.nn.console;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into a request to stop; a second SIGINT or SIGTERM ends
 * the process at once. The signals mean what they did before when this is closed. Java leaves alone
 * what is ignored from the start, such as SIGHUP under nohup.
 *
 * <p>A shutdown hook would not do, since the JVM ignores further signals while hooks run. {@code
 * sun.misc.Signal} is supported (module jdk.unsupported) but the compiler warns of its every
 * mention, so it is called by reflection.
 */
public final class StopSignals implements AutoCloseable {
  /** The exit code of a process that a signal stopped. */
  public static final int INTERRUPTED = 130;

  private final Map<Object, Object> previous = new LinkedHashMap<>();
  private final AtomicBoolean requested = new AtomicBoolean();

  /** Calls {@code stop}, from another thread, at the first signal. */
  public StopSignals(Runnable stop) {
    handle("INT", () -> received(stop));
    handle("TERM", () -> received(stop));
    // A terminal that is closed sends it more than once.
    handle(
        "HUP",
        () -> {
          if (!requested.getAndSet(true)) {
            stop.run();
          }
        });
  }

  private StopSignals() {}

  /**
   * For a process that another one controls: calls {@code stop} once, at SIGTERM or when the other
   * process has ended. SIGINT and SIGHUP do nothing, since a terminal sends them to both and the
   * other decides.
   *
   * @param process the other process's number
   */
  public static StopSignals ofPart(Runnable stop, long process) {
    StopSignals signals = new StopSignals();
    Runnable once =
        () -> {
          if (!signals.requested.getAndSet(true)) {
            stop.run();
          }
        };
    signals.handle("INT", () -> {});
    signals.handle("HUP", () -> {});
    signals.handle("TERM", once);
    ProcessHandle.of(process).ifPresentOrElse(handle -> handle.onExit().thenRun(once), once);
    return signals;
  }

  private void handle(String name, Runnable action) {
    try {
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                  return null;
                }
                return method.getName().equals("equals")
                    ? proxy == arguments[0]
                    : method.getName().equals("hashCode")
                        ? (Object) System.identityHashCode(proxy)
                        : "StopSignals";
              });
      Object signal =
          Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
      previous.put(signal, install(signal, handler));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java runtime cannot handle signal " + name, e);
    }
  }

  /** Whether a signal came. */
  public boolean requested() {
    return requested.get();
  }

  private void received(Runnable stop) {
    if (requested.getAndSet(true)) {
      // Not exit(): nothing is to be waited for any more.
      Runtime.getRuntime().halt(INTERRUPTED);
    }
    stop.run();
  }

  private static Object install(Object signal, Object handler) throws ReflectiveOperationException {
    return Class.forName("sun.misc.Signal")
        .getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"))
        .invoke(null, signal, handler);
  }

  @Override
  public void close() {
    previous.forEach(
        (signal, handler) -> {
          try {
            install(signal, handler);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot restore the handler of " + signal, e);
          }
        });
  }
}
