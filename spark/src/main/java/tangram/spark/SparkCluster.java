package tangram.spark;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import tangram.cli.Cluster;
import tangram.cli.ClusterException;
import tangram.nn.console.Terminal;
import tangram.pclmix.study.RunHost;

/** A cluster of Spark, on which everything is a job of one application. */
public final class SparkCluster implements Cluster, AutoCloseable {
  private static final String PLUGINS = "spark.plugins";
  private JavaSparkContext context;

  /** Connects at the first command that needs it, as Spark's settings say. */
  public SparkCluster() {}

  /**
   * The connection to the cluster.
   *
   * @throws ClusterException if there is none
   */
  synchronized JavaSparkContext context() {
    if (context == null) {
      SparkConf conf = new SparkConf();
      if (!conf.contains("spark.master")) {
        throw new ClusterException(
            "Spark has no master; start with spark-submit --master ADDRESS, or by"
                + " bin/pclmix-spark.");
      }
      complete(conf);
      try {
        context = new JavaSparkContext(conf);
      } catch (RuntimeException e) {
        throw new ClusterException(
            "Spark does not start ("
                + Failure.sentence(e)
                + "); check the address of its master and its settings.",
            e);
      }
      context.setLogLevel("ERROR");
    }
    return context;
  }

  /** Adds what tasks of ours need to Spark's settings. */
  private static void complete(SparkConf conf) {
    conf.setIfMissing("spark.app.name", "PCLMix");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    Set<String> plugins =
        new LinkedHashSet<>(List.of(conf.get(PLUGINS, RunPlugin.class.getName()).split(",")));
    plugins.add(RunPlugin.class.getName());
    conf.set(PLUGINS, String.join(",", plugins));
    String master = conf.get("spark.master");
    if (master.startsWith("local")) {
      return;
    }
    // The threads of a process are shared by all that computes in it: a task has an executor to
    // itself.
    String cores = conf.get("spark.executor.cores", master.startsWith("spark://") ? "" : "1");
    if (cores.isEmpty()) {
      throw new ClusterException(
          "Spark is not told how many cores an executor has; add --conf spark.executor.cores=N.");
    }
    conf.setIfMissing("spark.task.cpus", cores);
    if (!conf.get("spark.task.cpus").equals(cores)) {
      throw new ClusterException(
          "A task has all cores of its executor; set spark.task.cpus to spark.executor.cores, which"
              + " is "
              + cores
              + ", or leave it out.");
    }
  }

  @Override
  public RunHost host(String device, Integer jobs) {
    return new SparkHost(context(), device, jobs);
  }

  @Override
  public int train(Terminal terminal, Training training) {
    return new SharedTraining(context(), terminal, training).run();
  }

  @Override
  public int predict(Terminal terminal, Segmentation segmentation) {
    return new SharedPrediction(context(), terminal, segmentation).run();
  }

  /** Ends the application, and with it all that is under way. */
  @Override
  public synchronized void close() {
    if (context != null) {
      context.stop();
      context = null;
    }
  }
}
