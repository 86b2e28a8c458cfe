package tangram.pclmix.objective;

import java.util.Objects;
import tangram.pclmix.network.TwoViewNetwork.Output;
import tangram.pclmix.objective.ScribbleLoss.Target;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * How the losses of a step are computed: as the paper has them, or as its authors' published code
 * does (docs/method.md, Where the published code differs).
 */
public enum ObjectiveForm {
  /** The paper's equations. */
  PAPER(2) {
    @Override
    Tensor supervised(ScribbleLoss loss, Output out, Tensor q, Target target, boolean both) {
      return loss.of(both ? q : out.main(), target);
    }

    @Override
    Tensor heterogeneous(Output out) {
      return Losses.meanSquaredDifference(out.main(), out.auxiliary());
    }

    @Override
    Tensor mixed(Tensor target, Output out, Tensor q) {
      return Losses.negativeCosine(target, q);
    }

    @Override
    double heterogeneousRamp(long step, long iterations) {
      return 1;
    }

    @Override
    double contrastRamp(long step, long iterations) {
      return 1;
    }
  },

  /**
   * The published code: a supervised loss for each decoder, consistency of logits, cross-entropy of
   * both decoders on the most probable classes of the mixed prediction, weights that rise, one
   * mixture a step.
   *
   * <p>Its heterogeneous weight rises over {@code I / 100} epochs. Of 1,200 slices in batches of 12
   * these are the whole training, which is what is done here whatever the number of slices.
   */
  REFERENCE(1) {
    @Override
    Tensor supervised(ScribbleLoss loss, Output out, Tensor q, Target target, boolean both) {
      Tensor main = loss.of(out.main(), target);
      return both ? main.add(loss.of(out.auxiliary(), target)) : main;
    }

    @Override
    Tensor heterogeneous(Output out) {
      Objects.requireNonNull(out.mainLogits(), "the network gives no logits");
      return Losses.meanSquaredDifference(out.mainLogits(), out.auxiliaryLogits());
    }

    @Override
    Tensor mixed(Tensor target, Output out, Tensor q) {
      Tensor labels;
      try (Autograd.Guard guard = Autograd.noGrad()) {
        labels = target.argmax(1).to(DType.I32);
      }
      return Losses.partialCrossEntropy(out.main(), labels)
          .add(Losses.partialCrossEntropy(out.auxiliary(), labels));
    }

    @Override
    double heterogeneousRamp(long step, long iterations) {
      return Ramp.sigmoid(step, iterations);
    }

    @Override
    double contrastRamp(long step, long iterations) {
      return Math.pow((double) step / iterations, CONTRAST_POWER);
    }
  };

  private static final double CONTRAST_POWER = 0.9;

  private final int mixes;

  ObjectiveForm(int mixes) {
    this.mixes = mixes;
  }

  /** Mixtures a step, unless another number is asked for. */
  public int mixes() {
    return mixes;
  }

  /**
   * The loss of scribbles.
   *
   * @param q the ensemble of the two decoders
   * @param target what the scribbles say
   * @param both whether the auxiliary decoder takes part
   */
  abstract Tensor supervised(ScribbleLoss loss, Output out, Tensor q, Target target, boolean both);

  /** How far the two decoders differ. */
  abstract Tensor heterogeneous(Output out);

  /**
   * How far the prediction of a mixture is from the mixture of the predictions.
   *
   * @param target the latter, probabilities without gradient
   */
  abstract Tensor mixed(Tensor target, Output out, Tensor q);

  /** What the weight of {@link #heterogeneous} is multiplied by at a step. */
  abstract double heterogeneousRamp(long step, long iterations);

  /** What the weight of the contrast is multiplied by at a step. */
  abstract double contrastRamp(long step, long iterations);
}
