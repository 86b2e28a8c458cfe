package tangram.pclmix.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.nn.model.UnetDecoder;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.HardLabels;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Overlap;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.objective.ScribbleLoss.Target;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * A learner with a second decoder, which sees the features with half of their channels dropped; a
 * random mixture of both predictions labels both (Luo et al., MICCAI 2022).
 */
class TwoDecoders extends OnePass {
  private static final int BETA = 0x3E7D_0101;

  /** Plus the number of the feature maps. */
  private static final int CHANNELS = 0x3E7D_0110;

  private final SegmentationNetwork main;
  private final UnetDecoder second;
  private final long seed;
  private final ScribbleLoss scribbles;
  private final double dropout;
  private final double weight;
  private final Tensor beta;
  private final Tensor[] kept;

  /** The networks of such a learner. */
  record Networks(SegmentationNetwork main, UnetDecoder second) {
    static Networks create(Init init, NetworkConfig size) {
      return new Networks(
          new SegmentationNetwork(init, size),
          new UnetDecoder(init, size.encoder().channels(), size.unetChannels(), size.classes()));
    }

    private NetworkSet with(Map<String, Module> heads) {
      Map<String, Module> others = new LinkedHashMap<>();
      others.put("second", second);
      others.putAll(heads);
      return new NetworkSet(main, others);
    }
  }

  /**
   * What the decoders make of a batch.
   *
   * @param decoded the last feature map of each [N, d, H, W]
   * @param p probabilities of each [N, K, H, W]
   * @param labels by the mixture, integers [N, H, W]
   */
  record Views(List<Tensor> decoded, List<Tensor> p, Tensor labels) {}

  /**
   * Creates the learner.
   *
   * @param heads further parts, by name
   */
  TwoDecoders(
      Device device,
      Method method,
      TrainingConfig config,
      Networks networks,
      Map<String, Module> heads) {
    super(device, method, networks.with(heads), networks.main());
    this.main = networks.main();
    this.second = networks.second();
    this.seed = config.seed();
    this.scribbles = config.scribbleLoss();
    this.dropout = config.real(Setting.CHANNEL_DROPOUT);
    this.weight = config.real(Setting.PSEUDO_WEIGHT);
    int[] channels = config.network().encoder().channels();
    try (Scope persistent = Scope.detached()) {
      beta = device.scalar(0);
      kept = new Tensor[channels.length];
      Arrays.setAll(kept, i -> device.zeros(config.batch(), channels[i], 1, 1));
    }
  }

  @Override
  void prepare(StepInput input, long step) {
    beta.copyFrom(new double[] {new CounterRandom(seed, BETA, step, 0).nextDouble()}, 0);
    for (int i = 0; i < kept.length; i++) {
      int n = kept[i].dim(0);
      int channels = kept[i].dim(1);
      double[] factors = new double[n * channels];
      for (int sample = 0; sample < n; sample++) {
        CounterRandom random = new CounterRandom(seed, CHANNELS + i, step, sample);
        for (int c = 0; c < channels; c++) {
          factors[sample * channels + c] = random.nextDouble() < dropout ? 0 : 1 / (1 - dropout);
        }
      }
      kept[i].copyFrom(factors, 0);
    }
  }

  /** Runs both decoders. */
  final Views views(StepInput input) {
    List<Tensor> features = main.encoder().features(input.image());
    List<Tensor> dropped = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) {
      dropped.add(features.get(i).mul(kept[i]));
    }
    Tensor f1 = main.decoder().decode(features);
    Tensor p1 = main.decoder().classify(f1).softmax(1);
    Tensor f2 = second.decode(dropped);
    Tensor p2 = second.classify(f2).softmax(1);
    return new Views(List.of(f1, f2), List.of(p1, p2), HardLabels.ofMixture(p1, p2, beta));
  }

  /** The losses of scribbles and of the labels by the mixture. */
  final Tensor loss(Views views, StepInput input, LossReport report) {
    Tensor p1 = views.p.get(0);
    Tensor p2 = views.p.get(1);
    Target y = scribbles.target(input);
    Tensor sup = scribbles.of(p1, y).add(scribbles.of(p2, y)).mul(0.5);
    Tensor pseudo = Overlap.dice(p1, views.labels).add(Overlap.dice(p2, views.labels)).mul(0.5);
    return report.put(Names.SUP, sup).add(report.put(Names.PSEUDO, pseudo).mul(weight));
  }

  @Override
  Tensor loss(StepInput input, LossReport report) {
    return loss(views(input), input, report);
  }
}
