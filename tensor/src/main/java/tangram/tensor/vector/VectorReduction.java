package tangram.tensor.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Reduction;

/**
 * {@link Reduction}. Long sums are taken over tiles of {@link VectorTiles#SUM} elements in the
 * lanes of single-precision vectors and then over the tiles in double precision.
 */
final class VectorReduction implements Reduction {
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
  static double sum(double[] x) {
    double s = 0;
    for (double v : x) {
      s += v;
    }
    return s;
  }

  /** Sum of consecutive elements. */
  static double sum(float[] x, int xo, int n) {
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
  static void sumPartials(float[] p, int po, int count, int stride, int cols, float[] y, int yo) {
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
              softmaxRow(xf, xo + r * k, yf, yo + r * k, k);
            }
          });
      return;
    }
    planes(
        outer,
        k,
        inner,
        (o, from, to) ->
            softmaxPlanes(
                xf, xo + o * k * inner + from, yf, yo + o * k * inner + from, k, inner, to - from));
  }

  /** Work on the columns from, ..., to - 1 of one [k, inner] matrix. */
  interface Columns {
    void run(int matrix, int from, int to);
  }

  /** Splits [outer, k, inner] into tasks of whole columns of about equal size. */
  static void planes(int outer, int k, int inner, Columns body) {
    // Whole cache lines, so that two tasks never write the same one.
    planes(outer, k, inner, Math.max(64, VectorTiles.ELEMENTS / k / 16 * 16), body);
  }

  /** As {@link #planes(int, int, int, Columns)}, with the largest number of columns given. */
  static void planes(int outer, int k, int inner, int width, Columns body) {
    if (inner > width) {
      int tiles = VectorTiles.count(inner, width);
      Parallel.run(
          outer * tiles,
          t -> {
            int o = t / tiles;
            int from = (t - o * tiles) * width;
            body.run(o, from, Math.min(inner, from + width));
          });
    } else {
      VectorTiles.run(
          outer,
          VectorTiles.items((long) k * inner),
          (from, to) -> {
            for (int o = from; o < to; o++) {
              body.run(o, 0, inner);
            }
          });
    }
  }

  private static void softmaxPlanes(
      float[] x, int xo, float[] y, int yo, int k, int stride, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector max = FloatVector.fromArray(S, x, xo + i);
      for (int j = 1; j < k; j++) {
        FloatVector v = FloatVector.fromArray(S, x, xo + j * stride + i);
        max = VectorMath.max(max, v);
      }
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < k; j++) {
        FloatVector e = VectorMath.exp(FloatVector.fromArray(S, x, xo + j * stride + i).sub(max));
        e.intoArray(y, yo + j * stride + i);
        sum = e.add(sum);
      }
      FloatVector scale = FloatVector.broadcast(S, 1f).div(sum);
      for (int j = 0; j < k; j++) {
        int at = yo + j * stride + i;
        FloatVector.fromArray(S, y, at).mul(scale).intoArray(y, at);
      }
    }
    for (; i < n; i++) {
      float max = x[xo + i];
      for (int j = 1; j < k; j++) {
        float v = x[xo + j * stride + i];
        max = v > max ? v : max;
      }
      float sum = 0;
      for (int j = 0; j < k; j++) {
        float e = VectorMath.exp(x[xo + j * stride + i] - max);
        y[yo + j * stride + i] = e;
        sum += e;
      }
      float scale = 1f / sum;
      for (int j = 0; j < k; j++) {
        y[yo + j * stride + i] *= scale;
      }
    }
  }

  private static void softmaxRow(float[] x, int xo, float[] y, int yo, int k) {
    float max = Float.NEGATIVE_INFINITY;
    int i = 0;
    if (k >= LANES) {
      FloatVector m = FloatVector.fromArray(S, x, xo);
      for (i = LANES; i < S.loopBound(k); i += LANES) {
        m = VectorMath.max(m, FloatVector.fromArray(S, x, xo + i));
      }
      max = VectorMath.max(m);
    }
    for (; i < k; i++) {
      max = Math.max(max, x[xo + i]);
    }
    FloatVector s = FloatVector.zero(S);
    for (i = 0; i < S.loopBound(k); i += LANES) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, x, xo + i).sub(max));
      e.intoArray(y, yo + i);
      s = e.add(s);
    }
    float sum = VectorMath.sum(s);
    for (; i < k; i++) {
      float e = VectorMath.exp(x[xo + i] - max);
      y[yo + i] = e;
      sum += e;
    }
    float scale = 1f / sum;
    for (i = 0; i < S.loopBound(k); i += LANES) {
      FloatVector.fromArray(S, y, yo + i).mul(scale).intoArray(y, yo + i);
    }
    for (; i < k; i++) {
      y[yo + i] *= scale;
    }
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
              softmaxRowBackward(yf, yo + r * k, gyf, gyo + r * k, gxf, gxo + r * k, k);
            }
          });
      return;
    }
    planes(
        outer,
        k,
        inner,
        (o, from, to) -> {
          int at = o * k * inner + from;
          softmaxPlanesBackward(yf, yo + at, gyf, gyo + at, gxf, gxo + at, k, inner, to - from);
        });
  }

  private static void softmaxPlanesBackward(
      float[] y, int yo, float[] gy, int gyo, float[] gx, int gxo, int k, int stride, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector dot = FloatVector.zero(S);
      for (int j = 0; j < k; j++) {
        int at = j * stride + i;
        dot = FloatVector.fromArray(S, y, yo + at).fma(FloatVector.fromArray(S, gy, gyo + at), dot);
      }
      for (int j = 0; j < k; j++) {
        int at = j * stride + i;
        FloatVector.fromArray(S, gy, gyo + at)
            .sub(dot)
            .mul(FloatVector.fromArray(S, y, yo + at))
            .intoArray(gx, gxo + at);
      }
    }
    for (; i < n; i++) {
      float dot = 0;
      for (int j = 0; j < k; j++) {
        dot = Math.fma(y[yo + j * stride + i], gy[gyo + j * stride + i], dot);
      }
      for (int j = 0; j < k; j++) {
        int at = j * stride + i;
        gx[gxo + at] = (gy[gyo + at] - dot) * y[yo + at];
      }
    }
  }

  private static void softmaxRowBackward(
      float[] y, int yo, float[] gy, int gyo, float[] gx, int gxo, int k) {
    FloatVector d = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(k); i += LANES) {
      d = FloatVector.fromArray(S, y, yo + i).fma(FloatVector.fromArray(S, gy, gyo + i), d);
    }
    float dot = VectorMath.sum(d);
    for (; i < k; i++) {
      dot = Math.fma(y[yo + i], gy[gyo + i], dot);
    }
    for (i = 0; i < S.loopBound(k); i += LANES) {
      FloatVector.fromArray(S, gy, gyo + i)
          .sub(dot)
          .mul(FloatVector.fromArray(S, y, yo + i))
          .intoArray(gx, gxo + i);
    }
    for (; i < k; i++) {
      gx[gxo + i] = (gy[gyo + i] - dot) * y[yo + i];
    }
  }

  @Override
  public void argmax(int outer, int k, int inner, Buffer x, Buffer y) {
    float[] xf = x.floats();
    int[] yi = y.ints();
    int xo = x.offset();
    int yo = y.offset();
    planes(
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
