package tangram.pclmix.method;

import java.util.Map;
import tangram.nn.Init;
import tangram.pclmix.data.ByteMap;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.label.Superpixels;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.objective.ClassContrast;
import tangram.pclmix.objective.ClassSample;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Overlap;
import tangram.pclmix.objective.Ramp;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * SC-Net (Zhou et al., MICCAI 2023): two decoders that learn from their mixture, labels of
 * superpixels into which scribbles walk, and a contrast by class.
 */
final class ScNet implements Method {
  /** The labels among a slice's maps. */
  static final String LABELS = "superpixels";

  private static final String SUPERPIXEL = "superpixel";
  private static final String CONTRAST = "class_contrast";
  private static final int DECODERS = 2;

  /** The part of the training after which the contrast has its full weight. */
  private static final double RAMP = 0.5;

  @Override
  public String key() {
    return "scnet";
  }

  @Override
  public String row() {
    return "SC-Net";
  }

  @Override
  public String summary() {
    return "scnet: scribbles walk through superpixels";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(
        Names.SUP,
        Names.SUP_TITLE,
        Names.PSEUDO,
        Names.PSEUDO_TITLE,
        SUPERPIXEL,
        "Loss of superpixels' labels (superpixel)",
        CONTRAST,
        "Contrast by class (class_contrast)");
  }

  @Override
  public Dataset prepare(Dataset slices, TrainingConfig config) {
    Superpixels superpixels =
        new Superpixels(
            config.integer(Setting.SUPERPIXELS), config.real(Setting.SUPERPIXEL_COMPACTNESS));
    return slices.prepared(
        s -> {
          int[] division = superpixels.divide(s.image(), s.height(), s.width());
          byte[] labels = Superpixels.grow(division, s.scribble(), s.labels().unlabelled());
          return s.with(ByteMap.ofLabels(LABELS, labels, s.labels()));
        });
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    Init init = new Init(device, config.seed());
    NetworkConfig size = config.network();
    TwoDecoders.Networks networks = TwoDecoders.Networks.create(init, size);
    int[] channels = size.unetChannels();
    return new AtWork(
        device,
        this,
        config,
        networks,
        new ClassContrast(init, channels[channels.length - 1], size.classes()));
  }

  private static final class AtWork extends TwoDecoders {
    private final ClassContrast contrast;
    private final ClassSample sample;
    private final double superpixelWeight;
    private final double contrastWeight;
    private final double rampLength;
    private final Tensor rampedWeight;
    private final Tensor labels;
    private final Tensor[] predicted = new Tensor[DECODERS];
    private Views views;

    AtWork(
        Device device,
        Method method,
        TrainingConfig config,
        Networks networks,
        ClassContrast contrast) {
      super(device, method, config, networks, Map.of("contrast", contrast));
      this.contrast = contrast;
      this.sample = new ClassSample(device, config.network().classes(), DECODERS, config.seed());
      this.superpixelWeight = config.real(Setting.SUPERPIXEL_WEIGHT);
      this.contrastWeight = config.real(Setting.CLASS_CONTRAST_WEIGHT);
      this.rampLength = RAMP * config.iterations();
      int size = config.imageSize();
      try (Scope persistent = Scope.detached()) {
        rampedWeight = device.scalar(0);
        labels = device.emptyInts(config.batch(), size, size);
        for (int d = 0; d < DECODERS; d++) {
          predicted[d] = device.emptyInts(config.batch(), size, size);
        }
      }
    }

    @Override
    void prepare(StepInput input, long step) {
      super.prepare(input, step);
      rampedWeight.copyFrom(new double[] {contrastWeight * Ramp.sigmoid(step, rampLength)}, 0);
    }

    @Override
    Tensor loss(StepInput input, LossReport report) {
      views = views(input);
      Tensor total = loss(views, input, report);
      Tensor superpixel = null;
      labels.copyFrom(views.labels());
      for (int d = 0; d < DECODERS; d++) {
        Tensor p = views.p().get(d);
        predicted[d].copyFrom(p.detach().argmax(1).to(DType.I32));
        Tensor one = Overlap.noiseRobustDice(p, input.map(LABELS));
        superpixel = superpixel == null ? one : superpixel.add(one);
      }
      Tensor mean = report.put(SUPERPIXEL, superpixel.div((double) DECODERS));
      return total.add(mean.mul(superpixelWeight));
    }

    @Override
    boolean hasRest() {
      return true;
    }

    @Override
    void decide(long step) {
      int[] labelled = labels.toInts();
      for (int d = 0; d < DECODERS; d++) {
        sample.draw(d, labelled, predicted[d].toInts(), step);
      }
    }

    @Override
    Tensor rest(LossReport report) {
      Tensor both =
          contrast
              .loss(views.decoded().get(0), sample.of(0))
              .add(contrast.loss(views.decoded().get(1), sample.of(1)));
      return report.put(CONTRAST, both).mul(rampedWeight);
    }
  }
}
