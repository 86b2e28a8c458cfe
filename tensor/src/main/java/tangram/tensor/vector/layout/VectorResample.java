package tangram.tensor.vector.layout;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/** Nearest-neighbour doubling and bilinear resizing of planes. */
final class VectorResample {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Lanes 0, 0, 1, 1, ...: the first half of a vector, doubled; and the second half. */
  private static final VectorShuffle<Float> FIRST_TWICE = VectorShuffle.fromOp(S, i -> i / 2);

  private static final VectorShuffle<Float> SECOND_TWICE =
      VectorShuffle.fromOp(S, i -> LANES / 2 + i / 2);

  /** Even lanes, then even lanes again; and odd lanes likewise. */
  private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(S, i -> 2 * i % LANES);

  private static final VectorShuffle<Float> ODD = VectorShuffle.fromOp(S, i -> 2 * i % LANES + 1);

  private static final VectorMask<Float> SECOND_HALF =
      VectorMask.fromLong(S, -1L << LANES / 2 & ((1L << LANES) - 1));

  private VectorResample() {}

  /** One row of x becomes two rows of twice its length. */
  static void doubleRow(float[] x, int xo, float[] y, int yo, int w) {
    int next = yo + 2 * w;
    int i = 0;
    for (; i < S.loopBound(w); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector first = v.rearrange(FIRST_TWICE);
      FloatVector second = v.rearrange(SECOND_TWICE);
      first.intoArray(y, yo + 2 * i);
      second.intoArray(y, yo + 2 * i + LANES);
      first.intoArray(y, next + 2 * i);
      second.intoArray(y, next + 2 * i + LANES);
    }
    for (; i < w; i++) {
      float v = x[xo + i];
      y[yo + 2 * i] = v;
      y[yo + 2 * i + 1] = v;
      y[next + 2 * i] = v;
      y[next + 2 * i + 1] = v;
    }
  }

  /** Two rows of gy become one of half their length, by sums of 2 x 2 blocks. */
  static void sumBlocks(float[] gy, int gyo, float[] gx, int gxo, int w) {
    int next = gyo + 2 * w;
    int i = 0;
    for (; i < S.loopBound(w); i += LANES) {
      FloatVector a =
          FloatVector.fromArray(S, gy, gyo + 2 * i).add(FloatVector.fromArray(S, gy, next + 2 * i));
      FloatVector b =
          FloatVector.fromArray(S, gy, gyo + 2 * i + LANES)
              .add(FloatVector.fromArray(S, gy, next + 2 * i + LANES));
      FloatVector even = a.rearrange(EVEN).blend(b.rearrange(EVEN), SECOND_HALF);
      FloatVector odd = a.rearrange(ODD).blend(b.rearrange(ODD), SECOND_HALF);
      even.add(odd).intoArray(gx, gxo + i);
    }
    for (; i < w; i++) {
      float even = gy[gyo + 2 * i] + gy[next + 2 * i];
      float odd = gy[gyo + 2 * i + 1] + gy[next + 2 * i + 1];
      gx[gxo + i] = even + odd;
    }
  }

  /** Bilinear resize with pixel centres at half-integers, as PyTorch's without align_corners. */
  static void bilinear(
      int planes, int h, int w, int outH, int outW, float[] x, int xo, float[] y, int yo) {
    int[] left = Scratch.ints(Scratch.PARTIAL, 2L * outW);
    float[] across = Scratch.floats(Scratch.PARTIAL, outW);
    columns(w, outW, left, across);
    VectorTiles.run(
        planes * outH,
        VectorTiles.items(w + 2L * outW),
        (from, to) -> {
          float[] line = Scratch.floats(Scratch.SMALL, w);
          for (int r = from; r < to; r++) {
            int plane = r / outH;
            double at = source(r - plane * outH, h, outH);
            int top = (int) at;
            float down = (float) (at - top);
            int upper = xo + (plane * h + top) * w;
            int lower = xo + (plane * h + Math.min(top + 1, h - 1)) * w;
            for (int j = 0; j < w; j++) {
              line[j] = (1 - down) * x[upper + j] + down * x[lower + j];
            }
            int target = yo + r * outW;
            for (int j = 0; j < outW; j++) {
              y[target + j] = (1 - across[j]) * line[left[j]] + across[j] * line[left[outW + j]];
            }
          }
        });
  }

  /** Adjoint of {@link #bilinear}; a plane's rows are added in order. */
  static void bilinearBackward(
      int planes, int h, int w, int outH, int outW, float[] gy, int gyo, float[] gx, int gxo) {
    int[] left = Scratch.ints(Scratch.PARTIAL, 2L * outW);
    float[] across = Scratch.floats(Scratch.PARTIAL, outW);
    columns(w, outW, left, across);
    VectorTiles.run(
        planes,
        VectorTiles.items((long) outH * outW),
        (from, to) -> {
          float[] line = Scratch.floats(Scratch.SMALL, w);
          Arrays.fill(gx, gxo + from * h * w, gxo + to * h * w, 0);
          for (int r = from * outH; r < to * outH; r++) {
            Arrays.fill(line, 0, w, 0);
            int source = gyo + r * outW;
            for (int j = 0; j < outW; j++) {
              line[left[j]] += (1 - across[j]) * gy[source + j];
              line[left[outW + j]] += across[j] * gy[source + j];
            }
            int plane = r / outH;
            double at = source(r - plane * outH, h, outH);
            int top = (int) at;
            float down = (float) (at - top);
            int upper = gxo + (plane * h + top) * w;
            int lower = gxo + (plane * h + Math.min(top + 1, h - 1)) * w;
            for (int j = 0; j < w; j++) {
              gx[upper + j] += (1 - down) * line[j];
            }
            for (int j = 0; j < w; j++) {
              gx[lower + j] += down * line[j];
            }
          }
        });
  }

  /** Left and right neighbours of every output column, and the weight of the right one. */
  private static void columns(int w, int outW, int[] left, float[] across) {
    for (int j = 0; j < outW; j++) {
      double at = source(j, w, outW);
      left[j] = (int) at;
      left[outW + j] = Math.min(left[j] + 1, w - 1);
      across[j] = (float) (at - left[j]);
    }
  }

  private static double source(int i, int size, int outSize) {
    return Math.max((i + 0.5) * size / outSize - 0.5, 0);
  }
}
