package tangram.pclmix.method;

import java.util.Map;
import java.util.function.BiFunction;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Regularisation;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** Partial cross-entropy on scribbles, and a loss of all pixels that needs no labels. */
abstract class Regularised implements Method {
  private final String key;
  private final String row;
  private final String summary;
  private final String loss;
  private final Setting weight;

  private Regularised(String key, String row, String summary, String loss, Setting weight) {
    this.key = key;
    this.row = row;
    this.summary = summary;
    this.loss = loss;
    this.weight = weight;
  }

  /** The loss of probabilities [N, K, H, W] and images [N, 1, H, W]. */
  abstract BiFunction<Tensor, Tensor, Tensor> term(TrainingConfig config);

  /** Entropy minimisation (Grandvalet and Bengio 2004, as WSL4MIS has it). */
  static Method em() {
    return new Regularised(
        "em", "EM", "em: entropy minimisation", "entropy", Setting.ENTROPY_WEIGHT) {
      @Override
      BiFunction<Tensor, Tensor, Tensor> term(TrainingConfig config) {
        return (p, x) -> Regularisation.entropy(p);
      }
    };
  }

  /** Mumford-Shah (Kim and Ye 2020), by pixel. */
  static Method mloss() {
    return new Regularised(
        "mloss", "MLoss", "mloss: Mumford-Shah", "mumford_shah", Setting.MUMFORD_SHAH_WEIGHT) {
      @Override
      BiFunction<Tensor, Tensor, Tensor> term(TrainingConfig config) {
        return (p, x) -> Regularisation.mumfordShah(p, x).div((double) x.size());
      }
    };
  }

  /** Regularised loss as a gated conditional random field (Obukhov et al. 2019). */
  static Method rloss() {
    return new Regularised(
        "rloss", "RLoss", "rloss: gated conditional random field", "crf", Setting.CRF_WEIGHT) {
      @Override
      BiFunction<Tensor, Tensor, Tensor> term(TrainingConfig config) {
        int radius = config.integer(Setting.CRF_RADIUS);
        double xy = config.real(Setting.CRF_SIGMA_XY);
        double intensity = config.real(Setting.CRF_SIGMA_INTENSITY);
        return (p, x) -> Regularisation.gatedCrf(p, x, radius, xy, intensity);
      }
    };
  }

  @Override
  public final String key() {
    return key;
  }

  @Override
  public final String row() {
    return row;
  }

  @Override
  public final String summary() {
    return summary;
  }

  @Override
  public final Map<String, String> losses() {
    return Names.of(Names.SUP, Names.SUP_TITLE, loss, summary.substring(key.length() + 2));
  }

  @Override
  public final boolean isDivisible() {
    return true;
  }

  @Override
  public final Learner learner(Device device, TrainingConfig config, Dataset slices) {
    SegmentationNetwork network =
        SegmentationNetwork.create(device, config.seed(), config.network());
    BiFunction<Tensor, Tensor, Tensor> term = term(config);
    double factor = config.real(weight);
    ScribbleLoss scribbles = config.scribbleLoss();
    return new OnePass(device, this, network) {
      @Override
      Tensor loss(StepInput input, LossReport report) {
        Tensor p = network.probabilities(input.image());
        Tensor sup = report.put(Names.SUP, scribbles.of(p, scribbles.target(input)));
        return sup.add(report.put(loss, term.apply(p, input.image())).mul(factor));
      }
    };
  }
}
