package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Elementwise;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Elementwise} in tiles of consecutive elements. */
public final class VectorElementwise implements Elementwise {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  @Override
  public void fill(Buffer y, double value) {
    float[] yf = y.floats();
    int yo = y.offset();
    VectorTiles.run(
        y.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> Arrays.fill(yf, yo + from, yo + to, (float) value));
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int yo = y.offset();
    VectorTiles.run(
        y.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> System.arraycopy(xf, xo + from, yf, yo + from, to - from));
  }

  @Override
  public void copyInts(Buffer x, Buffer y) {
    System.arraycopy(x.ints(), x.offset(), y.ints(), y.offset(), y.length());
  }

  @Override
  public void add(Buffer a, Buffer b, Buffer y) {
    float[] af = a.floats();
    float[] bf = b.floats();
    float[] yf = y.floats();
    int ao = a.offset();
    int bo = b.offset();
    int yo = y.offset();
    VectorTiles.run(
        y.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> add(af, ao + from, bf, bo + from, yf, yo + from, to - from));
  }

  private static void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, a, ao + i)
          .add(FloatVector.fromArray(S, b, bo + i))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  @Override
  public void scale(Buffer x, Buffer s, Buffer y) {
    multiply(x, s.floats()[s.offset()], y);
  }

  @Override
  public void lerp(Buffer a, Buffer b, double t, Buffer y) {
    float[] af = a.floats();
    float[] bf = b.floats();
    float[] yf = y.floats();
    int ao = a.offset();
    int bo = b.offset();
    int yo = y.offset();
    float u = (float) t;
    float v = (float) (1 - t);
    VectorTiles.run(
        y.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> lerp(af, ao + from, bf, bo + from, yf, yo + from, to - from, u, v));
  }

  private static void lerp(
      float[] a, int ao, float[] b, int bo, float[] y, int yo, int n, float u, float v) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, a, ao + i)
          .mul(v)
          .add(FloatVector.fromArray(S, b, bo + i).mul(u))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * v + b[bo + i] * u;
    }
  }

  @Override
  public void multiply(Buffer x, double t, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int yo = y.offset();
    float factor = (float) t;
    VectorTiles.run(
        y.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> multiply(xf, xo + from, yf, yo + from, to - from, factor));
  }

  private static void multiply(float[] x, int xo, float[] y, int yo, int n, float factor) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, x, xo + i).mul(factor).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * factor;
    }
  }

  @Override
  public void relu(Buffer x, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int yo = y.offset();
    VectorTiles.run(
        y.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> relu(xf, xo + from, yf, yo + from, to - from));
  }

  private static void relu(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      // Unlike a maximum this costs two instructions, and it keeps NaN too.
      v.blend(0f, v.compare(VectorOperators.LE, 0f)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      float v = x[xo + i];
      y[yo + i] = v <= 0 ? 0 : v;
    }
  }

  @Override
  public void reluBackward(Buffer y, Buffer gy, Buffer gx) {
    float[] yf = y.floats();
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    int yo = y.offset();
    int gyo = gy.offset();
    int gxo = gx.offset();
    VectorTiles.run(
        gx.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> reluBackward(yf, yo + from, gyf, gyo + from, gxf, gxo + from, to - from));
  }

  private static void reluBackward(
      float[] y, int yo, float[] gy, int gyo, float[] gx, int gxo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.zero(S)
          .blend(
              FloatVector.fromArray(S, gy, gyo + i),
              FloatVector.fromArray(S, y, yo + i).compare(VectorOperators.GT, 0f))
          .intoArray(gx, gxo + i);
    }
    for (; i < n; i++) {
      gx[gxo + i] = y[yo + i] > 0 ? gy[gyo + i] : 0;
    }
  }

  @Override
  public void gelu(Buffer x, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int yo = y.offset();
    VectorTiles.run(
        y.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> gelu(xf, xo + from, yf, yo + from, to - from));
  }

  private static void gelu(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      VectorMath.gelu(FloatVector.fromArray(S, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.gelu(x[xo + i]);
    }
  }

  @Override
  public void geluBackward(Buffer x, Buffer gy, Buffer gx) {
    float[] xf = x.floats();
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    int xo = x.offset();
    int gyo = gy.offset();
    int gxo = gx.offset();
    VectorTiles.run(
        gx.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> geluBackward(xf, xo + from, gyf, gyo + from, gxf, gxo + from, to - from));
  }

  private static void geluBackward(
      float[] x, int xo, float[] gy, int gyo, float[] gx, int gxo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      VectorMath.geluDerivative(FloatVector.fromArray(S, x, xo + i))
          .mul(FloatVector.fromArray(S, gy, gyo + i))
          .intoArray(gx, gxo + i);
    }
    for (; i < n; i++) {
      gx[gxo + i] = VectorMath.geluDerivative(x[xo + i]) * gy[gyo + i];
    }
  }

  @Override
  public void broadcastRows(int rows, int cols, Buffer v, Buffer y) {
    float[] vf = v.floats();
    float[] yf = y.floats();
    int vo = v.offset();
    int yo = y.offset();
    VectorTiles.run(
        rows,
        VectorTiles.items(cols),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            System.arraycopy(vf, vo, yf, yo + i * cols, cols);
          }
        });
  }

  @Override
  public void scaleRows(int rows, int cols, Buffer x, Buffer s, Buffer y) {
    float[] xf = x.floats();
    float[] sf = s.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int so = s.offset();
    int yo = y.offset();
    if (cols >= 2 * VectorTiles.ELEMENTS) {
      // Few long rows, as when whole samples are dropped: the rows alone would not fill the cores.
      int tiles = VectorTiles.count(cols, VectorTiles.ELEMENTS);
      Parallel.run(
          rows * tiles,
          t -> {
            int row = t / tiles;
            int from = (t - row * tiles) * VectorTiles.ELEMENTS;
            int at = row * cols + from;
            int n = Math.min(VectorTiles.ELEMENTS, cols - from);
            multiply(xf, xo + at, yf, yo + at, n, sf[so + row]);
          });
      return;
    }
    VectorTiles.run(
        rows,
        VectorTiles.items(cols),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            multiply(xf, xo + i * cols, yf, yo + i * cols, cols, sf[so + i]);
          }
        });
  }
}
