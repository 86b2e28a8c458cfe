package tangram.pclmix.method;

import java.util.Map;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/**
 * Cross-entropy on labels and nothing else, as a U-Net learns them (paper 4.2).
 *
 * @param isDense whether the labels are dense truth, else scribbles
 */
record Supervised(String key, String row, String summary, boolean isDense) implements Method {
  /** The paper's baseline. */
  static Method pce() {
    return new Supervised("pce", "baseline", "pce: U-Net on scribbles alone", false);
  }

  /** The paper's upper bound. */
  static Method full() {
    return new Supervised("full", "upper bound", "full: U-Net on dense truth", true);
  }

  @Override
  public Map<String, String> losses() {
    return Map.of(Names.SUP, Names.SUP_TITLE);
  }

  @Override
  public Dataset prepare(Dataset slices, TrainingConfig config) {
    return isDense ? slices.denselyAnnotated() : slices;
  }

  @Override
  public boolean isDivisible() {
    return true;
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    SegmentationNetwork network =
        SegmentationNetwork.create(device, config.seed(), config.network());
    ScribbleLoss scribbles = config.scribbleLoss();
    return new OnePass(device, this, network) {
      @Override
      Tensor loss(StepInput input, LossReport report) {
        Tensor p = network.probabilities(input.image());
        return report.put(Names.SUP, scribbles.of(p, scribbles.target(input)));
      }
    };
  }
}
