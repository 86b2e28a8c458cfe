package tangram.pclmix.method;

import java.util.Map;
import tangram.nn.Layer;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;

/** A way to learn to segment: a row of the paper's Table 1, or one beside it. */
public interface Method {
  /** The name on the command line and in files. */
  String key();

  /** The name of its row in the paper's Table 1. */
  String row();

  /** What it is, a few words. */
  String summary();

  /**
   * What its steps report, by name in order, each with the words that a chart has for it. The total
   * is not among them.
   */
  Map<String, String> losses();

  /** Whether it learns from dense truth in the place of scribbles. */
  default boolean isDense() {
    return false;
  }

  /** Whether its learner keeps the slices, so that no others can come while it trains. */
  default boolean keepsSlices() {
    return false;
  }

  /**
   * Whether a batch may be divided into shards: all that a step of its learner changes are
   * gradients, the statistics of networks in {@link Learner#network} and {@link Learner#left}, and
   * its random numbers follow {@link tangram.pclmix.objective.StepInput#shard}.
   */
  default boolean isDivisible() {
    return false;
  }

  /**
   * The slices to learn from, made once before the training.
   *
   * @param slices with scribbles, and dense truth where the files have it
   * @throws tangram.nn.data.DataException if the method needs what they lack
   */
  default Dataset prepare(Dataset slices, TrainingConfig config) {
    return slices;
  }

  /**
   * Makes its networks, with initial weights by the run's seed.
   *
   * @param slices as {@link #prepare} made them
   */
  Learner learner(Device device, TrainingConfig config, Dataset slices);

  /**
   * What segments after training, with any weights: logits [N, classes, H, W] of images. Files of
   * the run hold its tensors by their names here, {@code encoder.} and {@code decoder.} among them.
   */
  default Layer predictor(Device device, TrainingConfig config) {
    return SegmentationNetwork.create(device, config.seed(), config.network());
  }
}
