package tangram.pclmix.method;

import java.util.Map;
import tangram.nn.ExponentialMovingAverage;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Ramp;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.UncertaintyThreshold;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Autograd;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Generator;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Uncertainty-aware self-ensembling and transformation-consistent mean teacher (Liu et al. 2022): a
 * teacher, the average of the student's weights, sees the images turned and noisy; the student
 * agrees with it where its predictions under noise have little entropy.
 */
final class Ustm implements Method {
  private static final String CONSISTENCY = "consistency";
  private static final double LOG_EPS = 1e-6;
  private static final double SUM_EPS = 1e-16;
  private static final int TURNS = 0x3E7D_0201;
  private static final long NOISE = 0x3E7D_0202L << 32;

  /** Steps of the ramp; a training of any length takes all. */
  private static final int RAMP_STEPS = 60;

  @Override
  public String key() {
    return "ustm";
  }

  @Override
  public String row() {
    return "USTM";
  }

  @Override
  public String summary() {
    return "ustm: uncertainty-aware mean teacher";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(
        Names.SUP, Names.SUP_TITLE, CONSISTENCY, "Agreement with the teacher (consistency)");
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    // The same seed: teacher and student begin alike.
    return new AtWork(
        device,
        this,
        config,
        SegmentationNetwork.create(device, config.seed(), config.network()),
        SegmentationNetwork.create(device, config.seed(), config.network()));
  }

  /**
   * {@code sum M |p - q|^2 / (2 sum M + 1e-16)}, the squares summed over classes.
   *
   * @param p the student's probabilities [N, K, H, W]
   * @param q the teacher's
   * @param certain 1 where the teacher is certain, else 0, [N, 1, H, W]
   */
  static Tensor consistency(Tensor p, Tensor q, Tensor certain) {
    return p.sub(q).square().mul(certain).sum().div(certain.sum().mul(2).add(SUM_EPS));
  }

  /** Entropy of probabilities [N, K, H, W] in nats, [N, 1, H, W]. */
  static Tensor entropy(Tensor q) {
    return q.mul(q.add(LOG_EPS).log()).sum(new int[] {1}, true).neg();
  }

  private static final class AtWork extends OnePass {
    private final Device device;
    private final SegmentationNetwork student;
    private final SegmentationNetwork teacher;
    private final ExponentialMovingAverage average;
    private final Replay teaching;
    private final TrainingConfig config;
    private final ScribbleLoss scribbles;
    private final int samples;
    private final double noise;
    private final Tensor seen;
    private final Tensor predicted;
    private final Tensor target;
    private final Tensor mean;
    private final Tensor threshold;
    private final Tensor weight;

    AtWork(
        Device device,
        Method method,
        TrainingConfig config,
        SegmentationNetwork student,
        SegmentationNetwork teacher) {
      super(device, method, new NetworkSet(student, Map.of("teacher", teacher)), student);
      this.device = device;
      this.student = student;
      this.teacher = teacher;
      this.config = config;
      this.scribbles = config.scribbleLoss();
      this.average =
          new ExponentialMovingAverage(device, teacher.parameters(), student.parameters());
      this.teaching = device.replay("teacher");
      this.samples = config.integer(Setting.USTM_SAMPLES);
      this.noise = config.real(Setting.TEACHER_NOISE);
      int n = config.batch();
      int size = config.imageSize();
      int classes = config.network().classes();
      try (Scope persistent = Scope.detached()) {
        seen = device.zeros(n, 1, size, size);
        predicted = device.zeros(n, classes, size, size);
        target = device.zeros(n, classes, size, size);
        mean = device.zeros(n, classes, size, size);
        threshold = device.scalar(0);
        weight = device.scalar(0);
      }
    }

    @Override
    public Map<String, Tensor> parameters() {
      return student.parameters();
    }

    @Override
    void prepare(StepInput input, long step) {
      int turns = new CounterRandom(config.seed(), TURNS, step, 0).nextInt(4);
      threshold.copyFrom(new double[] {UncertaintyThreshold.at(step, config.iterations())}, 0);
      double ramp =
          Ramp.sigmoid(Math.floor(step * (double) RAMP_STEPS / config.iterations()), RAMP_STEPS);
      weight.copyFrom(new double[] {config.real(Setting.CONSISTENCY_WEIGHT) * ramp}, 0);
      try (Autograd.Guard guard = Autograd.noGrad()) {
        Generator generator = new Generator(config.seed() ^ NOISE, step << 32);
        for (int i = 0; i <= samples; i++) {
          Tensor added =
              device.randn(generator, seen.shape().dims()).mul(noise).clamp(-2 * noise, 2 * noise);
          seen.copyFrom(turned(input.image(), turns).add(added));
          teaching.begin();
          teaching.section(() -> predicted.copyFrom(teacher.probabilities(seen)));
          // Turned back, so that the student's prediction is compared as it is.
          Tensor back = turned(predicted, 4 - turns);
          if (i == 0) {
            target.copyFrom(back.contiguous());
          } else {
            Tensor sum = i == 1 ? back : mean.add(back);
            mean.copyFrom(i == samples ? sum.div((double) samples) : sum.contiguous());
          }
        }
      }
    }

    /** Counter-clockwise by quarters. */
    private static Tensor turned(Tensor x, int quarters) {
      return switch (quarters % 4) {
        case 1 -> x.transpose(2, 3).flip(2);
        case 2 -> x.flip(2, 3);
        case 3 -> x.transpose(2, 3).flip(3);
        default -> x;
      };
    }

    @Override
    Tensor loss(StepInput input, LossReport report) {
      Tensor p = student.probabilities(input.image());
      Tensor sup = report.put(Names.SUP, scribbles.of(p, scribbles.target(input)));
      Tensor certain = entropy(mean).lt(threshold).to(p.type());
      Tensor agreement = report.put(CONSISTENCY, consistency(p, target, certain));
      return sup.add(agreement.mul(weight));
    }

    @Override
    public void updated(long step) {
      average.update(Math.min(1 - 1.0 / (step + 1), config.real(Setting.EMA_DECAY)));
    }
  }
}
