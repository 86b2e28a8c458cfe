package tangram.pclmix.objective;

import tangram.pclmix.network.TwoViewNetwork;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Partial cross-entropy of the main decoder on the batch as it is: no mixing, no second decoder
 * (paper 4.2, "baseline" when the annotations are scribbles, "upper bound" when they are dense).
 */
public final class SupervisedObjective implements StepObjective {
  private final TwoViewNetwork network;
  private final Tensor loss;
  private final Replay pass;

  /** Creates the objective of a network, whose main view alone is trained. */
  public SupervisedObjective(Device device, TwoViewNetwork network) {
    this.network = network;
    try (Scope persistent = Scope.detached()) {
      loss = device.zeros(1).slice(0, Shape.of());
    }
    pass = device.replay("pass");
  }

  @Override
  public StepLosses step(StepInput input, long step) {
    try (Scope scope = Scope.open()) {
      pass.begin();
      pass.section(
          () -> {
            Tensor main = network.forward(input.image, false).main();
            Tensor sup = Losses.partialCrossEntropy(main, input.scribble);
            loss.copyFrom(sup);
            sup.backward();
          });
      double sup = loss.toDoubles()[0];
      return new StepLosses(sup, sup, 0, 0, 0, 0);
    }
  }
}
