package tangram.pclmix.objective;

import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * What scribbles teach: partial cross-entropy on scribbled pixels and, beyond the paper, losses on
 * what scribbles imply where every structure in a slice is scribbled.
 *
 * @param balanced whether every class weighs the same, however many of its pixels are scribbled
 * @param farWeight weight of the cross-entropy on pixels far from all structures; 0 for none
 * @param absentWeight weight of the loss on classes that a slice does not have; 0 for none
 */
public record ScribbleLoss(boolean balanced, double farWeight, double absentWeight) {
  /** The name of the map of labels far from all structures. */
  public static final String FAR = "far";

  /** Partial cross-entropy alone, as in the paper. */
  public static final ScribbleLoss PLAIN = new ScribbleLoss(false, 0, 0);

  /**
   * What a batch's scribbles say.
   *
   * @param scribble classes, whole numbers [N, H, W]; what is no class is unlabelled
   * @param far 0 where it is far from all structures, else unlabelled, [N, H, W]; null if not in
   *     use
   * @param absent 1 for classes that are not there, else 0: [N, K, 1, 1], or [N, K, H, W] where
   *     parts of a slice come from others; null if not in use
   */
  public record Target(Tensor scribble, Tensor far, Tensor absent) {
    /** That of two orders of the batch of which one is pasted into the other. */
    public Target cutMix(Tensor first, Tensor second, Tensor mask) {
      return new Target(
          labels(scribble, first, second, mask),
          far == null ? null : labels(far, first, second, mask),
          absent == null ? null : Mixing.cutMix(absent, first, absent, second, mask));
    }

    private static Tensor labels(Tensor labels, Tensor first, Tensor second, Tensor mask) {
      Tensor x = labels.to(DType.F32).unsqueeze(1);
      return Mixing.cutMix(x, first, x, second, mask).squeeze(1);
    }
  }

  /** What a step's scribbles say. */
  public Target target(StepInput input) {
    return new Target(
        input.scribble(),
        farWeight > 0 ? input.map(FAR) : null,
        absentWeight > 0 ? input.absent().unsqueeze(-1).unsqueeze(-1) : null);
  }

  /**
   * The loss of probabilities.
   *
   * @param p [N, K, H, W]
   * @return of one element
   */
  public Tensor of(Tensor p, Target target) {
    Tensor loss =
        balanced
            ? Losses.balancedCrossEntropy(p, target.scribble)
            : Losses.partialCrossEntropy(p, target.scribble);
    if (target.far != null) {
      loss = loss.add(Losses.partialCrossEntropy(p, target.far).mul(farWeight));
    }
    if (target.absent != null) {
      loss = loss.add(Losses.absence(p, target.absent).mul(absentWeight));
    }
    return loss;
  }
}
