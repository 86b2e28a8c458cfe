package tangram.tensor.vector.norm;

import java.util.Arrays;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Normalization;
import tangram.tensor.vector.reduction.VectorReduction;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Normalization}: batch norm by channels, the others by rows. */
public final class VectorNormalization implements Normalization {
  @Override
  public void batchNorm(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer residual,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      double momentum,
      double eps,
      boolean relu,
      Buffer mean,
      Buffer invStd,
      Buffer y) {
    float[] xf = x.floats();
    float[] rf = residual == null ? null : residual.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int ro = residual == null ? 0 : residual.offset();
    int yo = y.offset();
    long count = (long) n * hw;
    VectorTiles.run(
        c,
        VectorTiles.items(count),
        (from, to) -> {
          VectorBatchNorm.Moments moments = new VectorBatchNorm.Moments();
          for (int ch = from; ch < to; ch++) {
            // The channel is still in the cache when it is normalised right after its statistics.
            VectorBatchNorm.moments(xf, xo + ch * hw, c * hw, n, hw, moments);
            double biased = moments.squares / count;
            double scale = 1 / Math.sqrt(biased + eps);
            set(mean, ch, moments.mean);
            set(invStd, ch, scale);
            double unbiased = count > 1 ? moments.squares / (count - 1) : biased;
            set(runningMean, ch, lerp(get(runningMean, ch), moments.mean, momentum));
            set(runningVar, ch, lerp(get(runningVar, ch), unbiased, momentum));
            for (int b = 0; b < n; b++) {
              int at = (b * c + ch) * hw;
              VectorBatchNorm.apply(
                  xf,
                  xo + at,
                  rf,
                  ro + at,
                  yf,
                  yo + at,
                  hw,
                  (float) moments.mean,
                  (float) (get(gamma, ch) * scale),
                  get(beta, ch),
                  relu);
            }
          }
        });
  }

  @Override
  public void batchNormBackward(
      int n,
      int c,
      int hw,
      Buffer x,
      Buffer y,
      Buffer gamma,
      Buffer mean,
      Buffer invStd,
      boolean relu,
      Buffer gy,
      Buffer gx,
      Buffer gResidual,
      Buffer gGamma,
      Buffer gBeta) {
    float[] xf = x.floats();
    float[] yf = relu ? y.floats() : null;
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    float[] grf = gResidual == null ? null : gResidual.floats();
    int xo = x.offset();
    int yo = relu ? y.offset() : 0;
    int gyo = gy.offset();
    int gxo = gx.offset();
    int gro = gResidual == null ? 0 : gResidual.offset();
    long count = (long) n * hw;
    VectorTiles.run(
        c,
        VectorTiles.items(count),
        (from, to) -> {
          VectorBatchNormGradient.Sums sums = new VectorBatchNormGradient.Sums();
          for (int ch = from; ch < to; ch++) {
            int first = ch * hw;
            float mu = get(mean, ch);
            float inv = get(invStd, ch);
            VectorBatchNormGradient.sums(
                xf,
                xo + first,
                yf,
                yo + first,
                gyf,
                gyo + first,
                grf,
                gro + first,
                c * hw,
                n,
                hw,
                mu,
                sums);
            double gammaGradient = sums.product * inv;
            set(gBeta, ch, sums.gradient);
            set(gGamma, ch, gammaGradient);
            double a = (double) get(gamma, ch) * inv;
            float slope = (float) (-a * inv * gammaGradient / count);
            float shift = (float) (-a * sums.gradient / count);
            for (int b = 0; b < n; b++) {
              int at = first + b * c * hw;
              // The gradient of the residual is the gradient behind the activation.
              boolean masked = relu && grf == null;
              VectorBatchNormGradient.inputGradient(
                  xf,
                  xo + at,
                  masked ? yf : null,
                  yo + at,
                  grf == null ? gyf : grf,
                  (grf == null ? gyo : gro) + at,
                  gxf,
                  gxo + at,
                  hw,
                  mu,
                  (float) a,
                  slope,
                  shift);
            }
          }
        });
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
    float[] xf = x.floats();
    float[] rf = residual == null ? null : residual.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int ro = residual == null ? 0 : residual.offset();
    int yo = y.offset();
    VectorTiles.run(
        n * c,
        VectorTiles.items(hw),
        (from, to) -> {
          for (int plane = from; plane < to; plane++) {
            int ch = plane % c;
            int at = plane * hw;
            double scale = get(gamma, ch) / Math.sqrt(get(runningVar, ch) + eps);
            VectorBatchNorm.apply(
                xf,
                xo + at,
                rf,
                ro + at,
                yf,
                yo + at,
                hw,
                get(runningMean, ch),
                (float) scale,
                get(beta, ch),
                relu);
          }
        });
  }

  @Override
  public void layerNorm(
      int rows,
      int cols,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      double eps,
      Buffer mean,
      Buffer invStd,
      Buffer y) {
    float[] xf = x.floats();
    float[] gf = gamma.floats();
    float[] bf = beta.floats();
    float[] mf = mean.floats();
    float[] sf = invStd.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int go = gamma.offset();
    int bo = beta.offset();
    int mo = mean.offset();
    int so = invStd.offset();
    int yo = y.offset();
    VectorTiles.run(
        rows,
        VectorTiles.items(cols),
        (from, to) -> {
          for (int r = from; r < to; r++) {
            int at = r * cols;
            float mu = VectorRows.sum(xf, xo + at, cols) / cols;
            double variance = VectorRows.squaredDeviations(xf, xo + at, cols, mu) / cols;
            float scale = (float) (1 / Math.sqrt(variance + eps));
            mf[mo + r] = mu;
            sf[so + r] = scale;
            VectorRows.affine(xf, xo + at, mu, scale, gf, go, bf, bo, yf, yo + at, cols);
          }
        });
  }

  @Override
  public void layerNormBackward(
      int rows,
      int cols,
      Buffer x,
      Buffer gamma,
      Buffer mean,
      Buffer invStd,
      Buffer gy,
      Buffer gx,
      Buffer gGamma,
      Buffer gBeta) {
    float[] xf = x.floats();
    float[] gf = gamma.floats();
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    int xo = x.offset();
    int go = gamma.offset();
    int gyo = gy.offset();
    int gxo = gx.offset();
    int tile = Math.min(VectorTiles.items(cols), 128);
    int tiles = VectorTiles.count(Math.max(1, rows), tile);
    float[] partial = Scratch.floats(Scratch.PARTIAL, 2L * tiles * cols);
    Arrays.fill(partial, 0, 2 * tiles * cols, 0);
    VectorTiles.run(
        rows,
        tile,
        (from, to) -> {
          int sums = from / tile * 2 * cols;
          for (int r = from; r < to; r++) {
            int at = r * cols;
            VectorRows.layerNormGradient(
                xf,
                xo + at,
                get(mean, r),
                get(invStd, r),
                gf,
                go,
                gyf,
                gyo + at,
                gxf,
                gxo + at,
                partial,
                sums,
                cols);
          }
        });
    VectorReduction.sumPartials(
        partial, 0, tiles, 2 * cols, cols, gGamma.floats(), gGamma.offset());
    VectorReduction.sumPartials(
        partial, cols, tiles, 2 * cols, cols, gBeta.floats(), gBeta.offset());
  }

  @Override
  public void normalize(int outer, int c, int inner, Buffer x, double eps, Buffer norm, Buffer y) {
    float[] xf = x.floats();
    float[] nf = norm.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int no = norm.offset();
    int yo = y.offset();
    float least = (float) eps;
    if (inner == 1) {
      VectorTiles.run(
          outer,
          VectorTiles.items(c),
          (from, to) -> {
            for (int r = from; r < to; r++) {
              int at = r * c;
              double squares = VectorRows.dot(xf, xo + at, xf, xo + at, c);
              float length = Math.max((float) Math.sqrt(squares), least);
              nf[no + r] = length;
              VectorRows.scale(xf, xo + at, 1 / length, yf, yo + at, c);
            }
          });
      return;
    }
    VectorTiles.planes(
        outer,
        c,
        inner,
        (o, from, to) -> {
          int at = o * c * inner + from;
          VectorRows.normalizeColumns(
              xf, xo + at, nf, no + o * inner + from, yf, yo + at, c, inner, to - from, least);
        });
  }

  @Override
  public void normalizeBackward(
      int outer, int c, int inner, Buffer y, Buffer norm, Buffer gy, Buffer gx) {
    float[] yf = y.floats();
    float[] nf = norm.floats();
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    int yo = y.offset();
    int no = norm.offset();
    int gyo = gy.offset();
    int gxo = gx.offset();
    if (inner == 1) {
      VectorTiles.run(
          outer,
          VectorTiles.items(c),
          (from, to) -> {
            for (int r = from; r < to; r++) {
              int at = r * c;
              float dot = VectorRows.dot(yf, yo + at, gyf, gyo + at, c);
              VectorRows.normalizeGradient(
                  yf, yo + at, gyf, gyo + at, dot, 1 / nf[no + r], gxf, gxo + at, c);
            }
          });
      return;
    }
    VectorTiles.planes(
        outer,
        c,
        inner,
        (o, from, to) -> {
          int at = o * c * inner + from;
          VectorRows.normalizeColumnsGradient(
              yf,
              yo + at,
              nf,
              no + o * inner + from,
              gyf,
              gyo + at,
              gxf,
              gxo + at,
              c,
              inner,
              to - from);
        });
  }

  private static float get(Buffer b, int i) {
    return b.floats()[b.offset() + i];
  }

  private static void set(Buffer b, int i, double value) {
    b.floats()[b.offset() + i] = (float) value;
  }

  private static double lerp(double from, double to, double t) {
    return from + t * (to - from);
  }
}
