package tangram.tensor.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Copies of matrix parts into the panels [step][width] that {@link GemmKernel} reads. */
final class Pack {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  private Pack() {}

  /**
   * Packs rows: {@code to[toOff + t * width + j] = from[fromOff + t * ld + j]} for t in [0, steps)
   * and j in [0, count), and zeros for j in [count, width).
   */
  static void rows(
      int steps, int count, int width, float[] from, int fromOff, int ld, float[] to, int toOff) {
    if (count == width && width == 2 * VL) {
      for (int t = 0; t < steps; t++, fromOff += ld, toOff += 2 * VL) {
        FloatVector.fromArray(SPECIES, from, fromOff).intoArray(to, toOff);
        FloatVector.fromArray(SPECIES, from, fromOff + VL).intoArray(to, toOff + VL);
      }
      return;
    }
    if (count == width && width % VL == 0) {
      for (int t = 0; t < steps; t++, fromOff += ld, toOff += width) {
        for (int j = 0; j < width; j += VL) {
          FloatVector.fromArray(SPECIES, from, fromOff + j).intoArray(to, toOff + j);
        }
      }
      return;
    }
    int t = 0;
    if (count == width && width < VL) {
      // Whole vectors; the next step overwrites what is too much. None reaches beyond the arrays'
      // parts: a thread of its own may be packing what comes next.
      int last = Math.min(steps - (VL + width - 1) / width, (from.length - VL - fromOff) / ld);
      for (; t <= last; t++, fromOff += ld, toOff += width) {
        FloatVector.fromArray(SPECIES, from, fromOff).intoArray(to, toOff);
      }
    }
    for (; t < steps; t++, fromOff += ld, toOff += width) {
      for (int j = 0; j < count; j++) {
        to[toOff + j] = from[fromOff + j];
      }
      for (int j = count; j < width; j++) {
        to[toOff + j] = 0;
      }
    }
  }

  /**
   * Packs columns, that is, transposes: {@code to[toOff + t * width + j] = from[fromOff + j * ld +
   * t]} for t in [0, steps) and j in [0, count), and zeros for j in [count, width).
   */
  static void columns(
      int steps, int count, int width, float[] from, int fromOff, int ld, float[] to, int toOff) {
    int begin = 0;
    if (count == width && (width == 8 || width == 4)) {
      for (; begin + VL <= steps; begin += VL) {
        if (width == 8) {
          Lanes.columns8(from, fromOff + begin, ld, to, toOff + begin * width);
        } else {
          Lanes.columns4(from, fromOff + begin, ld, to, toOff + begin * width);
        }
      }
    } else if (count < width) {
      Arrays.fill(to, toOff, toOff + steps * width, 0f);
    }
    int j = 0;
    for (; j + 4 <= count; j += 4) {
      int f0 = fromOff + j * ld;
      int f1 = f0 + ld;
      int f2 = f1 + ld;
      int f3 = f2 + ld;
      int at = toOff + begin * width + j;
      for (int t = begin; t < steps; t++, at += width) {
        to[at] = from[f0 + t];
        to[at + 1] = from[f1 + t];
        to[at + 2] = from[f2 + t];
        to[at + 3] = from[f3 + t];
      }
    }
    for (; j < count; j++) {
      int f = fromOff + j * ld;
      for (int t = begin, at = toOff + begin * width + j; t < steps; t++, at += width) {
        to[at] = from[f + t];
      }
    }
  }

  /**
   * Packs columns that start anywhere: {@code to[toOff + t * width + j] = from[fromOff + offsets[j0
   * + j] + t]} for t in [0, steps) and j in [0, count). Columns from count on are left alone.
   */
  static void columns(
      int steps,
      int count,
      int width,
      float[] from,
      int fromOff,
      int[] offsets,
      int j0,
      float[] to,
      int toOff) {
    int j = 0;
    for (; j + 4 <= count; j += 4) {
      int f0 = fromOff + offsets[j0 + j];
      int f1 = fromOff + offsets[j0 + j + 1];
      int f2 = fromOff + offsets[j0 + j + 2];
      int f3 = fromOff + offsets[j0 + j + 3];
      int at = toOff + j;
      for (int t = 0; t < steps; t++, at += width) {
        to[at] = from[f0 + t];
        to[at + 1] = from[f1 + t];
        to[at + 2] = from[f2 + t];
        to[at + 3] = from[f3 + t];
      }
    }
    for (; j < count; j++) {
      int f = fromOff + offsets[j0 + j];
      for (int t = 0, at = toOff + j; t < steps; t++, at += width) {
        to[at] = from[f + t];
      }
    }
  }
}
