package tangram.pclmix.method;

import java.util.Map;
import tangram.pclmix.data.ByteMap;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.label.RandomWalker;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.Overlap;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/**
 * Labels by random walks from the scribbles (Grady 2006), made once; then training as if they were
 * dense truth: half cross-entropy, half Dice.
 */
final class RandomWalk implements Method {
  /** The labels among a slice's maps. */
  static final String LABELS = "random_walk";

  @Override
  public String key() {
    return "rw";
  }

  @Override
  public String row() {
    return "RW";
  }

  @Override
  public String summary() {
    return "rw: labels by random walks from the scribbles";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(Names.SUP, Names.SUP_TITLE, Names.DICE, "Dice of the same labels (dice)");
  }

  @Override
  public Dataset prepare(Dataset slices, TrainingConfig config) {
    RandomWalker walker = new RandomWalker(config.real(Setting.RW_BETA), RandomWalker.TOLERANCE);
    return slices.prepared(
        s ->
            s.with(
                ByteMap.ofLabels(
                    LABELS,
                    walker.labels(
                        s.image(), s.scribble(), s.labels().count(), s.height(), s.width()),
                    s.labels())));
  }

  @Override
  public boolean isDivisible() {
    return true;
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    SegmentationNetwork network =
        SegmentationNetwork.create(device, config.seed(), config.network());
    return new OnePass(device, this, network) {
      @Override
      Tensor loss(StepInput input, LossReport report) {
        Tensor p = network.probabilities(input.image());
        Tensor labels = input.map(LABELS);
        Tensor sup = report.put(Names.SUP, Losses.partialCrossEntropy(p, labels));
        return sup.add(report.put(Names.DICE, Overlap.dice(p, labels))).mul(0.5);
      }
    };
  }
}
