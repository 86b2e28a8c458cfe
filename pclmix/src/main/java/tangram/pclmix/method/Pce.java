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

/** The paper's baseline: partial cross-entropy on scribbles alone (paper 4.2). */
final class Pce implements Method {
  @Override
  public String key() {
    return "pce";
  }

  @Override
  public String row() {
    return "baseline";
  }

  @Override
  public String summary() {
    return "pce: U-Net on scribbles alone";
  }

  @Override
  public Map<String, String> losses() {
    return Map.of(Names.SUP, Names.SUP_TITLE);
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    return supervised(device, config, this);
  }

  /** Cross-entropy on the labels of the slices, whatever they are. */
  static Learner supervised(Device device, TrainingConfig config, Method method) {
    SegmentationNetwork network =
        SegmentationNetwork.create(device, config.seed(), config.network());
    ScribbleLoss scribbles = config.scribbleLoss();
    return new OnePass(device, method, network) {
      @Override
      Tensor loss(StepInput input, LossReport report) {
        Tensor p = network.probabilities(input.image());
        return report.put(Names.SUP, scribbles.of(p, scribbles.target(input)));
      }
    };
  }
}
