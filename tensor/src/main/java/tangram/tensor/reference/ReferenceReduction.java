package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Reduction;

/** Sums from the first element to the last, and softmax. */
final class ReferenceReduction implements Reduction {
  @Override
  public void sum(Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer);
    double sum = 0;
    for (int i = 0; i < x.length(); i++) {
      sum += x.get(i);
    }
    Reals.of(yBuffer).set(0, sum);
  }

  @Override
  public void sumRows(int rows, int cols, Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, rows, cols);
    Reals y = Reals.of(yBuffer, cols);
    for (int j = 0; j < cols; j++) {
      double sum = 0;
      for (int i = 0; i < rows; i++) {
        sum += x.get(i, j);
      }
      y.set(j, sum);
    }
  }

  @Override
  public void sumChannels(int n, int c, int hw, Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, n, c, hw);
    Reals y = Reals.of(yBuffer, c);
    for (int j = 0; j < c; j++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        for (int p = 0; p < hw; p++) {
          sum += x.get(i, j, p);
        }
      }
      y.set(j, sum);
    }
  }

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

  @Override
  public void argmax(int outer, int k, int inner, Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, outer, k, inner);
    Ints y = Ints.of(yBuffer, outer, inner);
    for (int o = 0; o < outer; o++) {
      for (int p = 0; p < inner; p++) {
        int best = 0;
        for (int c = 1; c < k; c++) {
          if (x.get(o, c, p) > x.get(o, best, p)) {
            best = c;
          }
        }
        y.set(o, p, best);
      }
    }
  }
}
