package tangram.pclmix.objective;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Which losses are trained on, and how (paper 4.1; docs/method.md, One training step).
 *
 * @param terms the losses in use: the rows of the paper's Table 2
 * @param transformerSupervision whether the auxiliary decoder takes part in the supervised loss
 * @param lambdaT weight of the auxiliary decoder in ensembles of the two
 * @param contrastWeight weight of the contrast
 * @param consistencyWeight weight of the dual consistency
 * @param mixWeight weight of the mixed consistency within the dual consistency
 * @param temperature temperature of the contrast
 * @param queueSlots memory of each class, in vectors
 * @param maxAnchors largest number of anchors of one image and class
 * @param totalAnchors largest number of anchors of a batch
 * @param minPixels confirmed pixels that an image and class need to give anchors
 * @param warmUpFraction part of the training before the contrast starts
 * @param form how the losses are computed
 * @param mixes mixtures a step: 2, or one of the two by a coin
 */
public record LossConfig(
    Set<Term> terms,
    boolean transformerSupervision,
    double lambdaT,
    double contrastWeight,
    double consistencyWeight,
    double mixWeight,
    double temperature,
    int queueSlots,
    int maxAnchors,
    int totalAnchors,
    int minPixels,
    double warmUpFraction,
    ObjectiveForm form,
    int mixes) {
  /** The paper's form of the losses. */
  public LossConfig(
      Set<Term> terms,
      boolean transformerSupervision,
      double lambdaT,
      double contrastWeight,
      double consistencyWeight,
      double mixWeight,
      double temperature,
      int queueSlots,
      int maxAnchors,
      int totalAnchors,
      int minPixels,
      double warmUpFraction) {
    this(
        terms,
        transformerSupervision,
        lambdaT,
        contrastWeight,
        consistencyWeight,
        mixWeight,
        temperature,
        queueSlots,
        maxAnchors,
        totalAnchors,
        minPixels,
        warmUpFraction,
        ObjectiveForm.PAPER,
        ObjectiveForm.PAPER.mixes());
  }

  /** A loss that can be switched. */
  public enum Term {
    /** Partial cross-entropy on scribbles. */
    SUP,
    /** Uncertainty-guided pixel contrast. */
    CTR,
    /** Heterogeneous consistency: the two decoders agree. */
    HET,
    /** Mixed consistency: the prediction of a mixture is the mixture of the predictions. */
    MIX;

    /** The name in settings and reports. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the terms and checks the numbers. */
  public LossConfig {
    terms = terms.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(terms));
    if (terms.isEmpty()) {
      throw new IllegalArgumentException("at least one loss is needed");
    }
    if (!(lambdaT >= 0 && lambdaT <= 1)) {
      throw new IllegalArgumentException("lambda-t must be in 0..1, not " + lambdaT);
    }
    if (!(temperature > 0) || queueSlots < 1 || maxAnchors < 1 || totalAnchors < 1) {
      throw new IllegalArgumentException(
          "temperature, queue slots and anchors of the contrast must be positive");
    }
    if (mixes != 1 && mixes != 2) {
      throw new IllegalArgumentException("mixes must be 1 or 2, not " + mixes);
    }
  }

  /** The paper's settings, all losses. */
  public static LossConfig paper() {
    return new LossConfig(
        EnumSet.allOf(Term.class), true, 0.4, 0.15, 1, 1, 0.07, 500, 100, 1024, 1, 1.0 / 60);
  }

  /** These settings with losses of another form. */
  public LossConfig in(ObjectiveForm otherForm, int otherMixes) {
    return new LossConfig(
        terms,
        transformerSupervision,
        lambdaT,
        contrastWeight,
        consistencyWeight,
        mixWeight,
        temperature,
        queueSlots,
        maxAnchors,
        totalAnchors,
        minPixels,
        warmUpFraction,
        otherForm,
        otherMixes);
  }

  boolean uses(Term term) {
    return terms.contains(term);
  }
}
