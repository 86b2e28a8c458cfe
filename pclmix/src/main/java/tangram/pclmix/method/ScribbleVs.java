package tangram.pclmix.method;

import java.util.Map;
import tangram.nn.ExponentialMovingAverage;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.HardLabels;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.Overlap;
import tangram.pclmix.objective.Ramp;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.objective.ScribbleLoss.Target;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * ScribbleVS (arXiv 2411.10237): pseudo labels of a teacher, the average of the student's weights,
 * or of the student, whichever fits the scribbles better.
 */
final class ScribbleVs implements Method {
  /** The part of the training after which the pseudo labels have their full weight. */
  private static final double RAMP = 0.2;

  @Override
  public String key() {
    return "scribblevs";
  }

  @Override
  public String row() {
    return "ScribbleVS";
  }

  @Override
  public String summary() {
    return "scribblevs: pseudo labels of student or teacher";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(Names.SUP, Names.SUP_TITLE, Names.PSEUDO, Names.PSEUDO_TITLE);
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

  private static final class AtWork extends OnePass {
    private final SegmentationNetwork student;
    private final SegmentationNetwork teacher;
    private final ExponentialMovingAverage average;
    private final ScribbleLoss scribbles;
    private final double decay;
    private final double confidence;
    private final double weight;
    private final double rampLength;
    private final Tensor pseudoWeight;

    AtWork(
        Device device,
        Method method,
        TrainingConfig config,
        SegmentationNetwork student,
        SegmentationNetwork teacher) {
      super(device, method, new NetworkSet(student, Map.of("teacher", teacher)), student);
      this.student = student;
      this.teacher = teacher;
      this.average = new ExponentialMovingAverage(device, teacher.state(), student.state());
      this.scribbles = config.scribbleLoss();
      this.decay = config.real(Setting.EMA_DECAY);
      this.confidence = config.real(Setting.CONFIDENCE);
      this.weight = config.real(Setting.PSEUDO_WEIGHT);
      this.rampLength = RAMP * config.iterations();
      try (Scope persistent = Scope.detached()) {
        pseudoWeight = device.scalar(0);
      }
    }

    @Override
    public Map<String, Tensor> parameters() {
      return student.parameters();
    }

    @Override
    void prepare(StepInput input, long step) {
      pseudoWeight.copyFrom(new double[] {weight * Ramp.sigmoid(step, rampLength)}, 0);
    }

    @Override
    Tensor loss(StepInput input, LossReport report) {
      Tensor p = student.probabilities(input.image());
      Target y = scribbles.target(input);
      Tensor sup = report.put(Names.SUP, scribbles.of(p, y));
      Tensor t;
      try (Autograd.Guard guard = Autograd.noGrad()) {
        Tensor q = teacher.probabilities(input.image());
        Tensor teacherFits = scribbles.of(q, y).lt(sup);
        t =
            Tensor.where(
                teacherFits,
                HardLabels.confident(q, confidence),
                HardLabels.confident(p, confidence));
      }
      Tensor pseudo = Losses.partialCrossEntropy(p, t).add(Overlap.dice(p, t));
      return sup.add(report.put(Names.PSEUDO, pseudo).mul(pseudoWeight));
    }

    @Override
    public void updated(long step) {
      average.update(decay);
    }
  }
}
