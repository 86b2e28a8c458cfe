package tangram.spark;

import tangram.cli.ClusterProgram;

/** What {@code spark-submit} starts: the commands of PCLMix that a cluster can do. */
public final class Main {
  /** The program's name in messages. */
  static final String NAME = "pclmix-spark";

  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    ClusterProgram.run(NAME, new SparkCluster(), args);
  }
}
