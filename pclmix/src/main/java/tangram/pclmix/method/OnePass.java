package tangram.pclmix.method;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** Trains one segmentation network by one pass of the batch as it is. */
abstract class OnePass implements Learner {
  private static final String TOTAL = "total";

  private final SegmentationNetwork network;
  private final LossReport report;
  private final Replay pass;

  OnePass(Device device, TrainingConfig config, Method method) {
    network = new SegmentationNetwork(new Init(device, config.seed()), config.network());
    List<String> names = new ArrayList<>(List.of(TOTAL));
    names.addAll(method.losses().keySet());
    report = new LossReport(device, names);
    pass = device.replay("pass");
  }

  /**
   * The loss of a pass, of one element. It is recorded and repeated: what changes from step to step
   * comes in tensors that are overwritten.
   *
   * @param p probabilities [N, classes, H, W]
   * @param report takes the method's losses
   */
  abstract Tensor loss(Tensor p, StepInput input, LossReport report);

  /** Overwrites what changes from step to step. */
  void prepare(StepInput input, long step) {}

  @Override
  public Module network() {
    return network;
  }

  @Override
  public SegmentationNetwork segmentation() {
    return network;
  }

  @Override
  public StepLosses step(StepInput input, long step) {
    prepare(input, step);
    try (Scope scope = Scope.open()) {
      pass.begin();
      pass.section(
          () -> {
            Tensor loss = loss(network.probabilities(input.image()), input, report);
            report.put(TOTAL, loss);
            loss.backward();
          });
      Map<String, Double> values = report.read();
      return new StepLosses(values.remove(TOTAL), values);
    }
  }
}
