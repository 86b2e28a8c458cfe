package tangram.pclmix.objective;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;

/**
 * CutMix of two shuffled views of a batch (paper 3.2; Yun et al. 2019). Images, labels and
 * probabilities mix alike. Without derivative.
 */
public final class Mixing {
  private Mixing() {}

  /**
   * Pastes samples into others: {@code y[i] = a[orderA[i]]} where the mask is 1, {@code
   * b[orderB[i]]} where it is 0.
   *
   * @param a what is pasted, [N, C, H, W]
   * @param orderA integers [N]: the order in which it is shuffled
   * @param b what it is pasted into, of the shape of a
   * @param orderB integers [N]
   * @param mask 0 or 1, [N, H, W]
   */
  public static Tensor cutMix(Tensor a, Tensor orderA, Tensor b, Tensor orderB, Tensor mask) {
    try (Autograd.Guard guard = Autograd.noGrad();
        Tensor first = a.indexSelect(0, orderA);
        Tensor second = b.indexSelect(0, orderB)) {
      return Tensor.where(mask.unsqueeze(1), first, second);
    }
  }
}
