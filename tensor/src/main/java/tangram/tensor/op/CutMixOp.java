package tangram.tensor.op;

import java.lang.ref.Reference;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * CutMix of two shuffled views of a batch (paper 3.2; Yun et al. 2019): {@code y[i] = mask[i]
 * a[permA[i]] + (1 - mask[i]) b[permB[i]]}. Images, labels and probabilities mix alike. Not
 * differentiable.
 */
public final class CutMixOp {
  private CutMixOp() {}

  /**
   * Mixes.
   *
   * @param a first view [N, C, H, W], or integers [N, H, W]
   * @param permA integers [N]: the order in which the first view is shuffled
   * @param b second view, of the shape of a
   * @param permB integers [N]
   * @param mask 0 or 1, [N, H, W]
   */
  public static Tensor cutMix(Tensor a, Tensor permA, Tensor b, Tensor permB, Tensor mask) {
    if (a.type() == DType.F32) {
      Checks.reals("cut_mix", a, b);
    } else {
      Checks.integers("cut_mix", a, a, b);
    }
    Checks.integers("cut_mix (orders)", a, permA, permB);
    Checks.realsWith("cut_mix (mask)", a, mask);
    Checks.sameShape("cut_mix", a, b);
    Checks.notEmpty("cut_mix", a, mask);
    Checks.notRecorded("cut_mix", a, b);
    int n = a.dim(0);
    int hw = mask.size() / n;
    for (Tensor perm : new Tensor[] {permA, permB}) {
      Checks.that(
          perm.size() == n, () -> "cut_mix: an order of " + perm.shape() + " for a batch of " + n);
    }
    var layout = a.device().kernels().layout();
    if (a.type() == DType.I32) {
      Checks.that(
          a.size() == n * hw, () -> "cut_mix: a mask of " + mask.shape() + " for " + a.shape());
      Tensor y = a.device().uninitializedInts(a.shape().dims());
      layout.cutMixLabels(
          n, hw, a.buffer(), permA.buffer(), b.buffer(), permB.buffer(), mask.buffer(), y.buffer());
      fence(a, permA, b, permB, mask);
      return y;
    }
    Checks.rank("cut_mix", a, 4);
    Checks.that(
        a.dim(2) * a.dim(3) == hw,
        () -> "cut_mix: a mask of " + mask.shape() + " for " + a.shape());
    Tensor y = Checks.like(a);
    layout.cutMix(
        n,
        a.dim(1),
        hw,
        a.buffer(),
        permA.buffer(),
        b.buffer(),
        permB.buffer(),
        mask.buffer(),
        y.buffer());
    fence(a, permA, b, permB, mask);
    return y;
  }

  private static void fence(Tensor... operands) {
    Reference.reachabilityFence(operands);
  }
}
