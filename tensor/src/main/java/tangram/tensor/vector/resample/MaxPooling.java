package tangram.tensor.vector.resample;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.Window;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Max pooling: first the largest element of every column over the rows of a window, then the
 * largest of neighbouring columns, at every position; the positions of the stride are kept.
 */
final class MaxPooling {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> SI = IntVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private final PoolShape shape;
  private final int w;

  /** The columns' windows; null where they are not of one size. */
  private final Window window;

  /** Columns before the first. */
  private final int begin;

  /** Whole vectors of positions: what lies beyond the last one is computed and not used. */
  private final int positions;

  /** Columns of the first half of the work arrays. */
  private final int width;

  MaxPooling(PoolShape shape) {
    this.shape = shape;
    this.w = shape.cols().size();
    this.window = shape.cols().window();
    this.begin = window == null ? 0 : window.begin();
    int last = window == null ? 0 : (window.out() - 1) * window.stride();
    this.positions = VectorTiles.count(last + 1, LANES) * LANES;
    this.width = Math.max(positions + (window == null ? 0 : window.reach()), begin + w + LANES);
  }

  void run(float[] x, int xo, float[] y, int yo, int[] index, int io) {
    PoolShape.Axis depth = shape.depth();
    PoolShape.Axis rows = shape.rows();
    int lines = depth.out() * rows.out();
    int outW = shape.cols().out();
    VectorTiles.run(
        shape.planes(),
        VectorTiles.items(shape.inputVolume()),
        (from, to) -> {
          float[] value = Scratch.floats(Scratch.SMALL, 2L * width);
          int[] at = Scratch.ints(Scratch.SMALL, 2L * width);
          Arrays.fill(value, 0, width, Float.NEGATIVE_INFINITY);
          Arrays.fill(at, 0, width, Integer.MAX_VALUE);
          for (int p = from; p < to; p++) {
            for (int line = 0; line < lines; line++) {
              int z = line / rows.out();
              int i = line % rows.out();
              boolean more = false;
              for (int a = depth.first(z); a < depth.end(z); a += depth.step()) {
                int plane = a * rows.size();
                for (int r = rows.first(i); r < rows.end(i); r += rows.step()) {
                  int next = r + rows.step();
                  int row = (plane + r) * w;
                  int start = xo + p * shape.inputVolume();
                  if (next < rows.end(i)) {
                    // Two at a time: half as many passes over the work arrays.
                    columns(x, start, row, (plane + next) * w, more, value, at);
                    r = next;
                  } else {
                    columns(x, start, row, row, more, value, at);
                  }
                  more = true;
                }
              }
              int result = (p * lines + line) * outW;
              if (window == null) {
                windows(value, at, y, yo + result, index, io + result);
                continue;
              }
              neighbours(value, at);
              for (int j = 0; j < outW; j++) {
                y[yo + result + j] = value[width + j * window.stride()];
                index[io + result + j] = at[width + j * window.stride()];
              }
            }
          }
        });
  }

  /**
   * The larger elements of two rows, and of what is in the work arrays.
   *
   * @param more whether there is something in the work arrays
   */
  private void columns(
      float[] x, int start, int row, int next, boolean more, float[] value, int[] at) {
    IntVector lanes = IntVector.zero(SI).addIndex(1);
    int j = 0;
    for (; j < S.loopBound(w); j += LANES) {
      FloatVector best = FloatVector.fromArray(S, x, start + row + j);
      IntVector where = lanes.add(row + j);
      FloatVector v = FloatVector.fromArray(S, x, start + next + j);
      VectorMask<Float> keep =
          v.compare(VectorOperators.LE, best).or(best.test(VectorOperators.IS_NAN));
      best = v.blend(best, keep);
      where = lanes.add(next + j).blend(where, keep.cast(SI));
      if (more) {
        FloatVector before = FloatVector.fromArray(S, value, begin + j);
        keep = best.compare(VectorOperators.LE, before).or(before.test(VectorOperators.IS_NAN));
        best = best.blend(before, keep);
        where = where.blend(IntVector.fromArray(SI, at, begin + j), keep.cast(SI));
      }
      best.intoArray(value, begin + j);
      where.intoArray(at, begin + j);
    }
    for (; j < w; j++) {
      float best = x[start + row + j];
      int where = row + j;
      float v = x[start + next + j];
      if (isLarger(v, best)) {
        best = v;
        where = next + j;
      }
      if (more && !isLarger(best, value[begin + j])) {
        continue;
      }
      value[begin + j] = best;
      at[begin + j] = where;
    }
  }

  private static boolean isLarger(float a, float b) {
    return a > b || a != a && b == b;
  }

  /**
   * Largest of a number of neighbouring columns, the one that comes first in the plane if several;
   * from the first half of the arrays to the second.
   */
  private void neighbours(float[] value, int[] at) {
    for (int j = 0; j < positions; j += LANES) {
      FloatVector best = FloatVector.fromArray(S, value, j);
      IntVector where = IntVector.fromArray(SI, at, j);
      for (int s = 1, k = j; s < window.kernel(); s++) {
        k += window.dilation();
        FloatVector v = FloatVector.fromArray(S, value, k);
        IntVector i = IntVector.fromArray(SI, at, k);
        // Neither is smaller: equal, or one is NaN.
        VectorMask<Float> less = v.compare(VectorOperators.LT, best);
        VectorMask<Float> more = v.compare(VectorOperators.GT, best);
        VectorMask<Float> nan = v.test(VectorOperators.IS_NAN);
        VectorMask<Float> bestNan = best.test(VectorOperators.IS_NAN);
        VectorMask<Float> earlier = i.compare(VectorOperators.LT, where).cast(S);
        VectorMask<Float> take =
            more.or(nan.andNot(bestNan)).or(earlier.andNot(less).andNot(bestNan.andNot(nan)));
        best = best.blend(v, take);
        where = where.blend(i, take.cast(SI));
      }
      best.intoArray(value, width + j);
      where.intoArray(at, width + j);
    }
  }

  /** As {@link #neighbours}, of windows that are not of one size. */
  private void windows(float[] value, int[] at, float[] y, int yo, int[] index, int io) {
    PoolShape.Axis cols = shape.cols();
    for (int j = 0; j < cols.out(); j++) {
      int best = cols.first(j);
      for (int s = best + 1; s < cols.end(j); s++) {
        boolean same =
            value[s] == value[best] || value[s] != value[s] && value[best] != value[best];
        if (isLarger(value[s], value[best]) || same && at[s] < at[best]) {
          best = s;
        }
      }
      y[yo + j] = value[best];
      index[io + j] = at[best];
    }
  }

  static void backward(
      PoolShape shape, float[] gy, int gyo, int[] index, int io, float[] gx, int gxo) {
    int outputs = shape.outputVolume();
    int volume = shape.inputVolume();
    VectorTiles.run(
        shape.planes(),
        VectorTiles.items(volume),
        (from, to) -> {
          Arrays.fill(gx, gxo + from * volume, gxo + to * volume, 0);
          for (int p = from; p < to; p++) {
            int target = gxo + p * volume;
            for (int o = p * outputs; o < (p + 1) * outputs; o++) {
              gx[target + index[io + o]] += gy[gyo + o];
            }
          }
        });
  }
}
