package tangram.pclmix.method;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tangram.nn.Module;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * A learner whose step is one pass of the batch as it is, differentiated once. It may have a second
 * section, before which the host decides something by what the first left in tensors.
 */
abstract class OnePass implements Learner {
  private static final String TOTAL = "total";

  private final Module network;
  private final SegmentationNetwork main;
  private final LossReport report;
  private final Replay pass;

  /**
   * Creates the learner.
   *
   * @param network all networks
   * @param main the one that predicts, a part of it or the same
   */
  OnePass(Device device, Method method, Module network, SegmentationNetwork main) {
    this.network = network;
    this.main = main;
    List<String> names = new ArrayList<>(List.of(TOTAL));
    names.addAll(method.losses().keySet());
    report = new LossReport(device, names);
    pass = device.replay("pass");
  }

  /** A learner of one network. */
  OnePass(Device device, Method method, SegmentationNetwork main) {
    this(device, method, main, main);
  }

  /**
   * The loss of the pass, of one element. It is recorded and repeated: what changes from step to
   * step comes in tensors that are overwritten.
   *
   * @param report takes the method's losses
   */
  abstract Tensor loss(StepInput input, LossReport report);

  /** Overwrites what changes from step to step. */
  void prepare(StepInput input, long step) {}

  /** Whether {@link #decide} and {@link #rest} follow {@link #loss}. */
  boolean hasRest() {
    return false;
  }

  /** Reads what {@link #loss} left in tensors and overwrites others. */
  void decide(long step) {}

  /** The rest of the loss, recorded as {@link #loss} is. */
  Tensor rest(LossReport report) {
    throw new IllegalStateException("there is no rest");
  }

  @Override
  public final Module network() {
    return network;
  }

  @Override
  public final SegmentationNetwork segmentation() {
    return main;
  }

  @Override
  public final StepLosses step(StepInput input, long step) {
    try (Scope scope = Scope.open()) {
      prepare(input, step);
      pass.begin();
      Tensor[] first = new Tensor[1];
      pass.section(
          () -> {
            first[0] = loss(input, report);
            if (!hasRest()) {
              finish(first[0]);
            }
          });
      if (hasRest()) {
        decide(step);
        pass.section(() -> finish(first[0].add(rest(report))));
      }
      Map<String, Double> values = report.read();
      return new StepLosses(values.remove(TOTAL), values);
    }
  }

  private void finish(Tensor loss) {
    report.put(TOTAL, loss);
    loss.backward();
  }
}
