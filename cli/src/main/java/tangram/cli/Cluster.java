package tangram.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tangram.nn.console.Terminal;
import tangram.pclmix.study.RunHost;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** Computers that commands work on in the place of this one; see {@link ClusterProgram}. */
public interface Cluster {
  /**
   * Where the runs of a study are trained.
   *
   * @param device that computes
   * @param jobs runs at a time; null for as many as there is room for
   * @throws ClusterException if the cluster cannot be reached
   */
  RunHost host(String device, Integer jobs);

  /**
   * A run to train.
   *
   * @param config its settings
   * @param folder where all workers see it
   * @param workers how many share its steps, a power of two
   * @param device that computes
   */
  record Training(TrainingConfig config, Path folder, int workers, String device) {}

  /**
   * Trains a run, or continues the one in the folder.
   *
   * @return the exit code: 0, 1 if it failed, 130 if a signal stopped it
   * @throws ClusterException if the cluster cannot be reached
   */
  int train(Terminal terminal, Training training);

  /**
   * Scans to segment.
   *
   * @param inputs addresses of files and folders
   * @param model address of the weights
   * @param out address of the folder for results
   * @param probabilities whether to write those, too
   * @param overlay whether to draw pictures
   * @param replaced settings that replace those of the model's run
   * @param device that computes
   */
  record Segmentation(
      List<String> inputs,
      String model,
      String out,
      boolean probabilities,
      boolean overlay,
      Map<Setting, String> replaced,
      String device) {}

  /**
   * Segments scans that have no result yet.
   *
   * @return the exit code: 0, 1 if a scan failed, 130 if a signal stopped it
   * @throws ClusterException if the cluster cannot be reached
   */
  int predict(Terminal terminal, Segmentation segmentation);
}
