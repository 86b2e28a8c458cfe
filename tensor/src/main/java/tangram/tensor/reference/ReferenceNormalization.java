package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Normalization;

/** Two-pass statistics (mean first, then squared deviations), then the affine map. */
final class ReferenceNormalization implements Normalization {
  @Override
  public void batchNorm(
      int n,
      int c,
      int hw,
      Buffer xBuffer,
      Buffer residualBuffer,
      Buffer gammaBuffer,
      Buffer betaBuffer,
      Buffer runningMeanBuffer,
      Buffer runningVarBuffer,
      double momentum,
      double eps,
      boolean relu,
      Buffer meanBuffer,
      Buffer invStdBuffer,
      Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, n, c, hw);
    Reals runningMean = Reals.of(runningMeanBuffer, c);
    Reals runningVar = Reals.of(runningVarBuffer, c);
    Reals mean = Reals.of(meanBuffer, c);
    Reals invStd = Reals.of(invStdBuffer, c);
    int count = n * hw;
    for (int j = 0; j < c; j++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        for (int p = 0; p < hw; p++) {
          sum += x.get(i, j, p);
        }
      }
      double mu = sum / count;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        for (int p = 0; p < hw; p++) {
          squares += (x.get(i, j, p) - mu) * (x.get(i, j, p) - mu);
        }
      }
      mean.set(j, mu);
      invStd.set(j, 1 / Math.sqrt(squares / count + eps));
      runningMean.set(j, (1 - momentum) * runningMean.get(j) + momentum * mu);
      runningVar.set(j, (1 - momentum) * runningVar.get(j) + momentum * squares / (count - 1));
    }
    affine(n, c, hw, x, residualBuffer, gammaBuffer, betaBuffer, mean, invStd::get, relu, yBuffer);
  }

  /**
   * With the normalised input {@code h = (x - mean) * invStd} and g the gradient that passes the
   * activation: {@code gBeta = sum g}, {@code gGamma = sum g h}, {@code gx = gamma * invStd * (g -
   * gBeta / count - h * gGamma / count)}, {@code gResidual = g}.
   */
  @Override
  public void batchNormBackward(
      int n,
      int c,
      int hw,
      Buffer xBuffer,
      Buffer yBuffer,
      Buffer gammaBuffer,
      Buffer meanBuffer,
      Buffer invStdBuffer,
      boolean relu,
      Buffer gyBuffer,
      Buffer gxBuffer,
      Buffer gResidualBuffer,
      Buffer gGammaBuffer,
      Buffer gBetaBuffer) {
    Reals x = Reals.of(xBuffer, n, c, hw);
    Reals y = relu ? Reals.of(yBuffer, n, c, hw) : null;
    Reals gamma = Reals.of(gammaBuffer, c);
    Reals mean = Reals.of(meanBuffer, c);
    Reals invStd = Reals.of(invStdBuffer, c);
    Reals gy = Reals.of(gyBuffer, n, c, hw);
    Reals gx = Reals.of(gxBuffer, n, c, hw);
    Reals gResidual = gResidualBuffer == null ? null : Reals.of(gResidualBuffer, n, c, hw);
    Reals gGamma = Reals.of(gGammaBuffer, c);
    Reals gBeta = Reals.of(gBetaBuffer, c);
    int count = n * hw;
    for (int j = 0; j < c; j++) {
      double sumG = 0;
      double sumGh = 0;
      for (int i = 0; i < n; i++) {
        for (int p = 0; p < hw; p++) {
          double g = relu && y.get(i, j, p) <= 0 ? 0 : gy.get(i, j, p);
          double h = (x.get(i, j, p) - mean.get(j)) * invStd.get(j);
          sumG += g;
          sumGh += g * h;
        }
      }
      gBeta.set(j, sumG);
      gGamma.set(j, sumGh);
      for (int i = 0; i < n; i++) {
        for (int p = 0; p < hw; p++) {
          double g = relu && y.get(i, j, p) <= 0 ? 0 : gy.get(i, j, p);
          double h = (x.get(i, j, p) - mean.get(j)) * invStd.get(j);
          gx.set(i, j, p, gamma.get(j) * invStd.get(j) * (g - sumG / count - h * sumGh / count));
          if (gResidual != null) {
            gResidual.set(i, j, p, g);
          }
        }
      }
    }
  }

  @Override
  public void batchNormInference(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer residual,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      double eps,
      boolean relu,
      Buffer y) {
    Reals var = Reals.of(runningVar, c);
    affine(
        n,
        c,
        hw,
        Reals.of(x, n, c, hw),
        residual,
        gamma,
        beta,
        Reals.of(runningMean, c),
        j -> 1 / Math.sqrt(var.get(j) + eps),
        relu,
        y);
  }

  /** {@code 1 / sqrt(variance + eps)} of a channel. */
  private interface InvStd {
    double of(int channel);
  }

  /** {@code y = act(gamma * (x - mean) * invStd + beta + residual)}. */
  private static void affine(
      int n,
      int c,
      int hw,
      Reals x,
      Buffer residualBuffer,
      Buffer gammaBuffer,
      Buffer betaBuffer,
      Reals mean,
      InvStd invStd,
      boolean relu,
      Buffer yBuffer) {
    Reals residual = residualBuffer == null ? null : Reals.of(residualBuffer, n, c, hw);
    Reals gamma = Reals.of(gammaBuffer, c);
    Reals beta = Reals.of(betaBuffer, c);
    Reals y = Reals.of(yBuffer, n, c, hw);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < c; j++) {
        for (int p = 0; p < hw; p++) {
          double value = gamma.get(j) * (x.get(i, j, p) - mean.get(j)) * invStd.of(j) + beta.get(j);
          if (residual != null) {
            value += residual.get(i, j, p);
          }
          y.set(i, j, p, relu ? Math.max(value, 0) : value);
        }
      }
    }
  }

  @Override
  public void layerNorm(
      int rows,
      int cols,
      Buffer xBuffer,
      Buffer gammaBuffer,
      Buffer betaBuffer,
      double eps,
      Buffer meanBuffer,
      Buffer invStdBuffer,
      Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, rows, cols);
    Reals gamma = Reals.of(gammaBuffer, cols);
    Reals beta = Reals.of(betaBuffer, cols);
    Reals mean = Reals.of(meanBuffer, rows);
    Reals invStd = Reals.of(invStdBuffer, rows);
    Reals y = Reals.of(yBuffer, rows, cols);
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      for (int j = 0; j < cols; j++) {
        sum += x.get(i, j);
      }
      double mu = sum / cols;
      double squares = 0;
      for (int j = 0; j < cols; j++) {
        squares += (x.get(i, j) - mu) * (x.get(i, j) - mu);
      }
      mean.set(i, mu);
      invStd.set(i, 1 / Math.sqrt(squares / cols + eps));
      for (int j = 0; j < cols; j++) {
        y.set(i, j, gamma.get(j) * (x.get(i, j) - mu) * invStd.get(i) + beta.get(j));
      }
    }
  }

  /**
   * With {@code h = (x - mean) * invStd} and {@code g = gamma * gy}: {@code gx = invStd * (g -
   * mean(g) - h * mean(g h))} along the row; {@code gGamma = sum over rows of gy h}, {@code gBeta =
   * sum over rows of gy}.
   */
  @Override
  public void layerNormBackward(
      int rows,
      int cols,
      Buffer xBuffer,
      Buffer gammaBuffer,
      Buffer meanBuffer,
      Buffer invStdBuffer,
      Buffer gyBuffer,
      Buffer gxBuffer,
      Buffer gGammaBuffer,
      Buffer gBetaBuffer) {
    Reals x = Reals.of(xBuffer, rows, cols);
    Reals gamma = Reals.of(gammaBuffer, cols);
    Reals mean = Reals.of(meanBuffer, rows);
    Reals invStd = Reals.of(invStdBuffer, rows);
    Reals gy = Reals.of(gyBuffer, rows, cols);
    Reals gx = Reals.of(gxBuffer, rows, cols);
    Reals gGamma = Reals.of(gGammaBuffer, cols);
    Reals gBeta = Reals.of(gBetaBuffer, cols);
    gGamma.fill(0);
    gBeta.fill(0);
    for (int i = 0; i < rows; i++) {
      double sumG = 0;
      double sumGh = 0;
      for (int j = 0; j < cols; j++) {
        double h = (x.get(i, j) - mean.get(i)) * invStd.get(i);
        sumG += gamma.get(j) * gy.get(i, j);
        sumGh += gamma.get(j) * gy.get(i, j) * h;
        gGamma.add(j, gy.get(i, j) * h);
        gBeta.add(j, gy.get(i, j));
      }
      for (int j = 0; j < cols; j++) {
        double h = (x.get(i, j) - mean.get(i)) * invStd.get(i);
        double g = gamma.get(j) * gy.get(i, j);
        gx.set(i, j, invStd.get(i) * (g - sumG / cols - h * sumGh / cols));
      }
    }
  }

  @Override
  public void normalize(
      int outer, int c, int inner, Buffer xBuffer, double eps, Buffer normBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, outer, c, inner);
    Reals norm = Reals.of(normBuffer, outer, inner);
    Reals y = Reals.of(yBuffer, outer, c, inner);
    for (int o = 0; o < outer; o++) {
      for (int p = 0; p < inner; p++) {
        double squares = 0;
        for (int j = 0; j < c; j++) {
          squares += x.get(o, j, p) * x.get(o, j, p);
        }
        norm.set(o, p, Math.max(Math.sqrt(squares), eps));
        for (int j = 0; j < c; j++) {
          y.set(o, j, p, x.get(o, j, p) / norm.get(o, p));
        }
      }
    }
  }

  @Override
  public void normalizeBackward(
      int outer,
      int c,
      int inner,
      Buffer yBuffer,
      Buffer normBuffer,
      Buffer gyBuffer,
      Buffer gxBuffer) {
    Reals y = Reals.of(yBuffer, outer, c, inner);
    Reals norm = Reals.of(normBuffer, outer, inner);
    Reals gy = Reals.of(gyBuffer, outer, c, inner);
    Reals gx = Reals.of(gxBuffer, outer, c, inner);
    for (int o = 0; o < outer; o++) {
      for (int p = 0; p < inner; p++) {
        double dot = 0;
        for (int j = 0; j < c; j++) {
          dot += y.get(o, j, p) * gy.get(o, j, p);
        }
        for (int j = 0; j < c; j++) {
          gx.set(o, j, p, (gy.get(o, j, p) - y.get(o, j, p) * dot) / norm.get(o, p));
        }
      }
    }
  }
}
