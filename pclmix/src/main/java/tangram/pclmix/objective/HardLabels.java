package tangram.pclmix.objective;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * Pseudo labels of predictions: integers [N, H, W] of probabilities [N, K, H, W], no derivative.
 */
public final class HardLabels {
  private HardLabels() {}

  /** The most probable class of a mixture of two predictions; of several the first. */
  public static Tensor ofMixture(Tensor p1, Tensor p2, Tensor beta) {
    try (Autograd.Guard guard = Autograd.noGrad()) {
      return p1.mul(beta).add(p2.mul(beta.rsub(1))).argmax(1).to(DType.I32);
    }
  }

  /**
   * The most probable class where its probability is above a threshold, else K, which is no class.
   */
  public static Tensor confident(Tensor p, double threshold) {
    try (Autograd.Guard guard = Autograd.noGrad()) {
      Tensor best = p.argmax(1).to(DType.I32);
      return best.maskedFill(p.max(1).le(threshold), p.dim(1));
    }
  }
}
