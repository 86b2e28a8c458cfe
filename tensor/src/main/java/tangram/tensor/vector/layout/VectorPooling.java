package tangram.tensor.vector.layout;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Max pooling: first the largest element of every column of a band of rows, then the largest of
 * neighbouring columns, at every position; the positions of the stride are kept.
 */
final class VectorPooling {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> SI = IntVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorPooling() {}

  static void maxPool2d(
      PoolShape shape, float[] x, int xo, float[] y, int yo, int[] index, int io) {
    int outH = shape.outH();
    int outW = shape.outW();
    int plane = shape.h() * shape.w();
    // Whole vectors of positions: what lies beyond the last one is computed and not used.
    int positions = VectorTiles.count((outW - 1) * shape.stride() + 1, LANES) * LANES;
    int width = Math.max(positions + shape.kernel(), shape.padding() + shape.w());
    VectorTiles.run(
        shape.planes(),
        VectorTiles.items(plane),
        (from, to) -> {
          float[] value = Scratch.floats(Scratch.SMALL, 2L * width);
          int[] at = Scratch.ints(Scratch.SMALL, 2L * width);
          for (int p = from; p < to; p++) {
            for (int i = 0; i < outH; i++) {
              int top = Math.max(0, i * shape.stride() - shape.padding());
              int end = Math.min(shape.h(), i * shape.stride() - shape.padding() + shape.kernel());
              columns(x, xo + p * plane, shape.w(), top, end, value, at, shape.padding());
              pad(value, at, shape.padding(), shape.w(), width);
              neighbours(value, at, width, shape.kernel(), positions);
              int row = (p * outH + i) * outW;
              for (int j = 0; j < outW; j++) {
                y[yo + row + j] = value[width + j * shape.stride()];
                index[io + row + j] = at[width + j * shape.stride()];
              }
            }
          }
        });
  }

  /** Largest element of every column over the rows top to end, the first one if several. */
  private static void columns(
      float[] x, int xo, int w, int top, int end, float[] value, int[] at, int start) {
    int j = 0;
    for (; j < S.loopBound(w); j += LANES) {
      FloatVector best = FloatVector.fromArray(S, x, xo + top * w + j);
      IntVector row = IntVector.broadcast(SI, top * w);
      for (int r = top + 1; r < end; r++) {
        FloatVector v = FloatVector.fromArray(S, x, xo + r * w + j);
        VectorMask<Float> keep = v.compare(VectorOperators.GT, best).not();
        best = v.blend(best, keep);
        row = IntVector.broadcast(SI, r * w).blend(row, keep.cast(SI));
      }
      best.intoArray(value, start + j);
      IntVector.broadcast(SI, j).addIndex(1).add(row).intoArray(at, start + j);
    }
    for (; j < w; j++) {
      float best = x[xo + top * w + j];
      int row = top;
      for (int r = top + 1; r < end; r++) {
        float v = x[xo + r * w + j];
        if (v > best) {
          best = v;
          row = r;
        }
      }
      value[start + j] = best;
      at[start + j] = row * w + j;
    }
  }

  /** Repeats the outermost columns beyond the edges: a duplicate never changes who wins. */
  private static void pad(float[] value, int[] at, int padding, int w, int width) {
    Arrays.fill(value, 0, padding, value[padding]);
    Arrays.fill(at, 0, padding, at[padding]);
    int last = padding + w - 1;
    Arrays.fill(value, last + 1, Math.max(last + 1, width), value[last]);
    Arrays.fill(at, last + 1, Math.max(last + 1, width), at[last]);
  }

  /**
   * Largest of a number of neighbouring columns, the one that comes first in the plane if several;
   * from the first half of the arrays to the second.
   */
  private static void neighbours(float[] value, int[] at, int width, int kernel, int n) {
    for (int j = 0; j < n; j += LANES) {
      FloatVector best = FloatVector.fromArray(S, value, j);
      IntVector where = IntVector.fromArray(SI, at, j);
      for (int s = 1; s < kernel; s++) {
        FloatVector v = FloatVector.fromArray(S, value, j + s);
        IntVector i = IntVector.fromArray(SI, at, j + s);
        VectorMask<Float> worse = v.compare(VectorOperators.GT, best).not();
        VectorMask<Float> tie = v.compare(VectorOperators.EQ, best);
        VectorMask<Integer> later = i.compare(VectorOperators.GE, where);
        best = v.blend(best, worse);
        // Of equal ones the first in the plane stays, whichever column it is in.
        where = i.blend(where, worse.andNot(tie).cast(SI).or(tie.cast(SI).and(later)));
      }
      best.intoArray(value, width + j);
      where.intoArray(at, width + j);
    }
  }

  static void maxPool2dBackward(
      PoolShape shape, float[] gy, int gyo, int[] index, int io, float[] gx, int gxo) {
    int outputs = shape.outH() * shape.outW();
    int plane = shape.h() * shape.w();
    VectorTiles.run(
        shape.planes(),
        VectorTiles.items(plane),
        (from, to) -> {
          Arrays.fill(gx, gxo + from * plane, gxo + to * plane, 0);
          for (int p = from; p < to; p++) {
            int target = gxo + p * plane;
            for (int o = p * outputs; o < (p + 1) * outputs; o++) {
              gx[target + index[io + o]] += gy[gyo + o];
            }
          }
        });
  }
}
