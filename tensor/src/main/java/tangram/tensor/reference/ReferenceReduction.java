package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Reduction;

/** Softmax. */
final class ReferenceReduction implements Reduction {
  /** {@code y_k = exp(x_k - max) / sum_j exp(x_j - max)}: the shift prevents overflow. */
  @Override
  public void softmax(int outer, int k, int inner, Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, outer, k, inner);
    Reals y = Reals.of(yBuffer, outer, k, inner);
    for (int o = 0; o < outer; o++) {
      for (int p = 0; p < inner; p++) {
        double max = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < k; c++) {
          max = Math.max(max, x.get(o, c, p));
        }
        double sum = 0;
        for (int c = 0; c < k; c++) {
          sum += Math.exp(x.get(o, c, p) - max);
        }
        for (int c = 0; c < k; c++) {
          y.set(o, c, p, Math.exp(x.get(o, c, p) - max) / sum);
        }
      }
    }
  }

  @Override
  public void softmaxBackward(
      int outer, int k, int inner, Buffer yBuffer, Buffer gyBuffer, Buffer gxBuffer) {
    Reals y = Reals.of(yBuffer, outer, k, inner);
    Reals gy = Reals.of(gyBuffer, outer, k, inner);
    Reals gx = Reals.of(gxBuffer, outer, k, inner);
    for (int o = 0; o < outer; o++) {
      for (int p = 0; p < inner; p++) {
        double dot = 0;
        for (int c = 0; c < k; c++) {
          dot += y.get(o, c, p) * gy.get(o, c, p);
        }
        for (int c = 0; c < k; c++) {
          gx.set(o, c, p, y.get(o, c, p) * (gy.get(o, c, p) - dot));
        }
      }
    }
  }
}
