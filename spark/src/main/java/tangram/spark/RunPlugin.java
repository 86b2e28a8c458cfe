package tangram.spark;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * What executors tell the driver while they train, by Spark's own messages: how far a run is. The
 * answer says whether it is to stop.
 */
public final class RunPlugin implements SparkPlugin {
  private static volatile PluginContext executor;

  /** In the driver: how far the parts are of what has begun. */
  private static final Map<String, Map<Integer, Integer>> STEPS = new ConcurrentHashMap<>();

  /** In the driver: the runs that are to stop. */
  private static final Set<String> STOPPING = ConcurrentHashMap.newKeySet();

  /** Made by Spark. */
  public RunPlugin() {}

  /** How far a run is. */
  private record Progress(String run, int part, int step) implements Serializable {}

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Object receive(Object message) {
        Progress progress = (Progress) message;
        STEPS
            .computeIfAbsent(progress.run(), run -> new ConcurrentHashMap<>())
            .put(progress.part(), progress.step());
        return STOPPING.contains(progress.run());
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> extra) {
        executor = context;
      }
    };
  }

  /**
   * Tells the driver, from an executor, how far a part of something is.
   *
   * @param part its number; 0 where there is one
   * @return whether it is to stop
   */
  static boolean tell(String run, int part, int step) {
    try {
      return (Boolean) executor.ask(new Progress(run, part, step));
    } catch (Exception e) {
      throw new IllegalStateException("the driver does not answer", e);
    }
  }

  /** Makes a run that is about to start unknown: one of this name may have been stopped before. */
  static void forget(String run) {
    STEPS.remove(run);
    STOPPING.remove(run);
  }

  /** Lets a run save and end when it asks next. */
  static void stop(String run) {
    STOPPING.add(run);
  }

  /** How far all parts are together. */
  static int steps(String run) {
    return STEPS.getOrDefault(run, Map.of()).values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Whether an executor has begun or continued a run. */
  static boolean hasBegun(String run) {
    return STEPS.containsKey(run);
  }
}
