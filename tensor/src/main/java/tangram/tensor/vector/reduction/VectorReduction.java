package tangram.tensor.vector.reduction;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Reduction;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * {@link Reduction}. Long sums are taken over tiles of {@link VectorTiles#SUM} elements in the
 * lanes of single-precision vectors and then over the tiles in double precision.
 */
public final class VectorReduction implements Reduction {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> SI = IntVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

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
}
