package tangram.compare;

import java.util.Arrays;
import java.util.Map;
import tangram.nn.Init;
import tangram.nn.Sgd;
import tangram.pclmix.data.Labels;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.pclmix.objective.Objective;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** Training steps as {@code pclmix train} does them. */
final class OurStep {
  private final TwoViewNetwork network;
  private final Objective objective;
  private final Sgd optimizer;
  private final StepInput input;
  private int step;

  OurStep(Device device, StepSetting setting) {
    TrainingConfig config = setting.config();
    network = network(device, setting);
    network.train(true);
    objective = new Objective(device, network, config.losses(), config.iterations(), config.seed());
    optimizer =
        new Sgd(network.parameters(), config.schedule().at(0))
            .momentum(config.real(Setting.MOMENTUM))
            .weightDecay(config.real(Setting.WEIGHT_DECAY));
    objective.queue().vectors().copyFrom(setting.memory(), 0);
    int[] filled = new int[Labels.HEART.count() - 1];
    Arrays.fill(filled, config.losses().queueSlots());
    objective.queue().restore(filled, new int[filled.length]);
    input = new StepInput(device, config.batch(), config.imageSize());
    input.load(
        setting.images(),
        setting.scribbles(),
        setting.masks()[0],
        setting.masks()[1],
        config.seed(),
        0);
  }

  /** The network that is trained, with initial weights. */
  static TwoViewNetwork network(Device device, StepSetting setting) {
    Init init = new Init(device, setting.config().seed());
    NetworkConfig config = setting.config().network();
    return setting.decoders() == Decoders.BOTH
        ? new PclMixNetwork(init, config)
        : new SingleDecoderNetwork(
            init, config, setting.decoders(), setting.fixed(), setting.config().batch());
  }

  /** The network that is trained. */
  TwoViewNetwork network() {
    return network;
  }

  /** Parameters by name. */
  Map<String, Tensor> parameters() {
    return network.parameters();
  }

  /** Parameters and running statistics by name. */
  Map<String, Tensor> state() {
    return network.state();
  }

  /** One step. */
  StepLosses run() {
    network.zeroGrad();
    StepLosses losses = objective.step(input, step++);
    optimizer.step();
    return losses;
  }
}
