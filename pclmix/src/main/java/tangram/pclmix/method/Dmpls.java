package tangram.pclmix.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tangram.nn.Init;
import tangram.nn.model.UnetDecoder;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.HardLabels;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.Overlap;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Dynamically mixed pseudo labels (Luo et al., MICCAI 2022): a second decoder sees the features
 * with half of their channels dropped; a random mixture of both predictions labels both.
 */
final class Dmpls implements Method {
  private static final int BETA = 0x3E7D_0101;

  /** Plus the number of the feature maps. */
  private static final int CHANNELS = 0x3E7D_0110;

  @Override
  public String key() {
    return "dmpls";
  }

  @Override
  public String row() {
    return "DMPLS";
  }

  @Override
  public String summary() {
    return "dmpls: dynamically mixed pseudo labels";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(Names.SUP, Names.SUP_TITLE, Names.PSEUDO, Names.PSEUDO_TITLE);
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    Init init = new Init(device, config.seed());
    NetworkConfig size = config.network();
    SegmentationNetwork main = new SegmentationNetwork(init, size);
    UnetDecoder second =
        new UnetDecoder(init, size.encoder().channels(), size.unetChannels(), size.classes());
    return new AtWork(device, this, config, main, second);
  }

  private static final class AtWork extends OnePass {
    private final SegmentationNetwork main;
    private final UnetDecoder second;
    private final long seed;
    private final double dropout;
    private final double weight;
    private final Tensor beta;
    private final Tensor[] kept;

    AtWork(
        Device device,
        Method method,
        TrainingConfig config,
        SegmentationNetwork main,
        UnetDecoder second) {
      super(device, method, new NetworkSet(main, Map.of("second", second)), main);
      this.main = main;
      this.second = second;
      this.seed = config.seed();
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

    @Override
    Tensor loss(StepInput input, LossReport report) {
      List<Tensor> features = main.encoder().forward(input.image());
      List<Tensor> dropped = new ArrayList<>();
      for (int i = 0; i < kept.length; i++) {
        dropped.add(features.get(i).mul(kept[i]));
      }
      Tensor p1 = main.decoder().forward(features).softmax(1);
      Tensor p2 = second.forward(dropped).softmax(1);
      Tensor t = HardLabels.ofMixture(p1, p2, beta);
      Tensor sup =
          Losses.partialCrossEntropy(p1, input.scribble())
              .add(Losses.partialCrossEntropy(p2, input.scribble()))
              .mul(0.5);
      Tensor pseudo = Overlap.dice(p1, t).add(Overlap.dice(p2, t)).mul(0.5);
      return report.put(Names.SUP, sup).add(report.put(Names.PSEUDO, pseudo).mul(weight));
    }
  }
}
