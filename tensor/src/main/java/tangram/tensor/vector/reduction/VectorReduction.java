package tangram.tensor.vector.reduction;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Reduction;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * {@link Reduction}. Long sums are taken over tiles of {@link VectorTiles#SUM} elements in the
 * lanes of single-precision vectors and then over the tiles in double precision.
 */
public final class VectorReduction implements Reduction {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> SI = IntVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Elements of one task of a whole sum. */
  private static final int SUM_TASK = 8 * VectorTiles.SUM;

  /** Rows whose column sums one task takes. */
  private static final int ROWS = 128;

  @Override
  public void sum(Buffer x, Buffer y) {
    float[] xf = x.floats();
    int xo = x.offset();
    int n = x.length();
    double[] partial = new double[n == 0 ? 0 : VectorTiles.count(n, SUM_TASK)];
    VectorTiles.run(
        n, SUM_TASK, (from, to) -> partial[from / SUM_TASK] = sum(xf, xo + from, to - from));
    y.floats()[y.offset()] = (float) sum(partial);
  }

  /** Sum of a few numbers in order. */
  public static double sum(double[] x) {
    double s = 0;
    for (double v : x) {
      s += v;
    }
    return s;
  }

  /** Sum of consecutive elements. */
  public static double sum(float[] x, int xo, int n) {
    double s = 0;
    for (int i = 0; i < n; i += VectorTiles.SUM) {
      s += sumTile(x, xo + i, Math.min(VectorTiles.SUM, n - i));
    }
    return s;
  }

  private static float sumTile(float[] x, int xo, int n) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) {
      s0 = FloatVector.fromArray(S, x, xo + i).add(s0);
      s1 = FloatVector.fromArray(S, x, xo + i + LANES).add(s1);
      s2 = FloatVector.fromArray(S, x, xo + i + 2 * LANES).add(s2);
      s3 = FloatVector.fromArray(S, x, xo + i + 3 * LANES).add(s3);
    }
    for (; i <= n - LANES; i += LANES) {
      s0 = FloatVector.fromArray(S, x, xo + i).add(s0);
    }
    float s = VectorMath.sum(s0, s1, s2, s3);
    for (; i < n; i++) {
      s += x[xo + i];
    }
    return s;
  }

  @Override
  public void sumRows(int rows, int cols, Buffer x, Buffer y) {
    float[] xf = x.floats();
    int xo = x.offset();
    int chunks = rows == 0 ? 0 : VectorTiles.count(rows, ROWS);
    float[] partial = Scratch.floats(Scratch.PARTIAL, (long) chunks * cols);
    VectorTiles.run(
        chunks,
        VectorTiles.items((long) ROWS * cols),
        (from, to) -> {
          for (int chunk = from; chunk < to; chunk++) {
            int first = chunk * ROWS;
            Arrays.fill(partial, chunk * cols, (chunk + 1) * cols, 0);
            addRows(
                xf, xo + first * cols, Math.min(ROWS, rows - first), cols, partial, chunk * cols);
          }
        });
    sumPartials(partial, 0, chunks, cols, cols, y.floats(), y.offset());
  }

  /** s[j] += sum over rows of x, four rows at a time. */
  private static void addRows(float[] x, int xo, int rows, int cols, float[] s, int so) {
    int r = 0;
    for (; r <= rows - 4; r += 4) {
      int o0 = xo + r * cols;
      int o1 = o0 + cols;
      int o2 = o1 + cols;
      int o3 = o2 + cols;
      int j = 0;
      for (; j < S.loopBound(cols); j += LANES) {
        FloatVector a =
            FloatVector.fromArray(S, x, o0 + j).add(FloatVector.fromArray(S, x, o1 + j));
        FloatVector b =
            FloatVector.fromArray(S, x, o2 + j).add(FloatVector.fromArray(S, x, o3 + j));
        FloatVector.fromArray(S, s, so + j).add(a.add(b)).intoArray(s, so + j);
      }
      for (; j < cols; j++) {
        s[so + j] += (x[o0 + j] + x[o1 + j]) + (x[o2 + j] + x[o3 + j]);
      }
    }
    for (; r < rows; r++) {
      int o = xo + r * cols;
      int j = 0;
      for (; j < S.loopBound(cols); j += LANES) {
        FloatVector.fromArray(S, s, so + j)
            .add(FloatVector.fromArray(S, x, o + j))
            .intoArray(s, so + j);
      }
      for (; j < cols; j++) {
        s[so + j] += x[o + j];
      }
    }
  }

  /**
   * y[j] = sum over i of p[i * stride + j], in order of i and with Kahan's compensation, so that
   * the number of partial sums costs no accuracy.
   */
  public static void sumPartials(
      float[] p, int po, int count, int stride, int cols, float[] y, int yo) {
    int j = 0;
    for (; j < S.loopBound(cols); j += LANES) {
      FloatVector s = FloatVector.zero(S);
      FloatVector lost = FloatVector.zero(S);
      for (int i = 0; i < count; i++) {
        FloatVector v = FloatVector.fromArray(S, p, po + i * stride + j).sub(lost);
        FloatVector t = v.add(s);
        lost = t.sub(s).sub(v);
        s = t;
      }
      s.intoArray(y, yo + j);
    }
    for (; j < cols; j++) {
      float s = 0;
      float lost = 0;
      for (int i = 0; i < count; i++) {
        float v = p[po + i * stride + j] - lost;
        float t = s + v;
        lost = t - s - v;
        s = t;
      }
      y[yo + j] = s;
    }
  }

  @Override
  public void sumChannels(int n, int c, int hw, Buffer x, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int yo = y.offset();
    VectorTiles.run(
        c,
        VectorTiles.items((long) n * hw),
        (from, to) -> {
          for (int ch = from; ch < to; ch++) {
            double s = 0;
            for (int b = 0; b < n; b++) {
              s += sum(xf, xo + (b * c + ch) * hw, hw);
            }
            yf[yo + ch] = (float) s;
          }
        });
  }

  @Override
  public void softmax(int outer, int k, int inner, Buffer x, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int yo = y.offset();
    if (inner == 1) {
      VectorTiles.run(
          outer,
          VectorTiles.items(k),
          (from, to) -> {
            for (int r = from; r < to; r++) {
              VectorSoftmax.row(xf, xo + r * k, yf, yo + r * k, k);
            }
          });
      return;
    }
    VectorTiles.planes(
        outer,
        k,
        inner,
        (o, from, to) ->
            VectorSoftmax.planes(
                xf, xo + o * k * inner + from, yf, yo + o * k * inner + from, k, inner, to - from));
  }

  @Override
  public void softmaxBackward(int outer, int k, int inner, Buffer y, Buffer gy, Buffer gx) {
    float[] yf = y.floats();
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    int yo = y.offset();
    int gyo = gy.offset();
    int gxo = gx.offset();
    if (inner == 1) {
      VectorTiles.run(
          outer,
          VectorTiles.items(k),
          (from, to) -> {
            for (int r = from; r < to; r++) {
              VectorSoftmax.rowBackward(yf, yo + r * k, gyf, gyo + r * k, gxf, gxo + r * k, k);
            }
          });
      return;
    }
    VectorTiles.planes(
        outer,
        k,
        inner,
        (o, from, to) -> {
          int at = o * k * inner + from;
          VectorSoftmax.planesBackward(
              yf, yo + at, gyf, gyo + at, gxf, gxo + at, k, inner, to - from);
        });
  }

  @Override
  public void argmax(int outer, int k, int inner, Buffer x, Buffer y) {
    float[] xf = x.floats();
    int[] yi = y.ints();
    int xo = x.offset();
    int yo = y.offset();
    VectorTiles.planes(
        outer,
        k,
        inner,
        (o, from, to) ->
            argmax(xf, xo + o * k * inner + from, yi, yo + o * inner + from, k, inner, to - from));
  }

  private static void argmax(float[] x, int xo, int[] y, int yo, int k, int stride, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector max = FloatVector.fromArray(S, x, xo + i);
      IntVector best = IntVector.zero(SI);
      for (int j = 1; j < k; j++) {
        FloatVector v = FloatVector.fromArray(S, x, xo + j * stride + i);
        VectorMask<Float> keep = v.compare(VectorOperators.GT, max).not();
        max = v.blend(max, keep);
        best = IntVector.broadcast(SI, j).blend(best, keep.cast(SI));
      }
      best.intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      float max = x[xo + i];
      int best = 0;
      for (int j = 1; j < k; j++) {
        float v = x[xo + j * stride + i];
        if (v > max) {
          max = v;
          best = j;
        }
      }
      y[yo + i] = best;
    }
  }
}
