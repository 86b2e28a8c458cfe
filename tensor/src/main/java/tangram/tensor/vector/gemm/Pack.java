package tangram.tensor.vector.gemm;

import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Shuffles;
import tangram.tensor.vector.runtime.VectorTranspose;

/** Copies of matrix parts into the panels [step][width] that {@link GemmKernel} reads. */
public final class Pack {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Where the steps of a vector lie in a panel. */
  private static final int[] STEPS = IntStream.range(0, VL).map(t -> t * GemmKernel.NR).toArray();

  private Pack() {}

  /**
   * Packs rows: {@code to[toOff + t * width + j] = from[fromOff + t * ld + j]} for t in [0, steps)
   * and j in [0, count), and zeros for j in [count, width).
   */
  public static void rows(
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
   * Packs panels [p0, p1) of an A with {@code m} rows that is stored as columns, each panel as
   * {@link #rows} would, one after the other.
   *
   * <p>A few steps of all panels at a time, because a panel takes a small part of every line of the
   * cache, and the lines of many steps do not stay there until the next panel needs them.
   *
   * @param fromOff where row 0 of the first step lies; row i is i places further
   */
  public static void rowPanels(
      int steps, int m, int p0, int p1, float[] from, int fromOff, int ld, float[] to, int toOff) {
    int first = GemmKernel.panelStart(m, p0);
    int full = p0;
    while (full < p1 && GemmKernel.panelRows(m, full) == GemmKernel.MR) {
      full++;
    }
    panelsOf(GemmKernel.MR, steps, full - p0, m - first, from, fromOff + first, ld, to, toOff);
    int next = GemmKernel.panelStart(m, full);
    int at = toOff + (next - first) * steps;
    panelsOf(4, steps, p1 - full, m - next, from, fromOff + next, ld, to, at);
  }

  /** Packs {@code panels} panels of one width of {@code columns} columns, or of as many as fit. */
  private static void panelsOf(
      int width,
      int steps,
      int panels,
      int columns,
      float[] from,
      int fromOff,
      int ld,
      float[] to,
      int toOff) {
    int whole = VL == 8 && ld >= VL ? Math.min(panels, columns / width) : 0;
    int eights = steps & -8;
    for (int t = 0; t < eights; t += 8) {
      int at = toOff + t * width;
      if (width == 5) {
        Shuffles.eightSteps5(whole, from, fromOff + t * ld, ld, to, at, width * steps);
      } else {
        Shuffles.eightSteps4(whole, from, fromOff + t * ld, ld, to, at, width * steps);
      }
    }
    for (int p = 0; p < panels; p++) {
      int count = Math.min(width, columns - p * width);
      int t = p < whole ? eights : 0;
      int at = toOff + (p * steps + t) * width;
      rows(steps - t, count, width, from, fromOff + t * ld + p * width, ld, to, at);
    }
  }

  /**
   * Packs columns, that is, transposes: {@code to[toOff + t * width + j] = from[fromOff + j * ld +
   * t]} for t in [0, steps) and j in [0, count), and zeros for j in [count, width).
   */
  public static void columns(
      int steps, int count, int width, float[] from, int fromOff, int ld, float[] to, int toOff) {
    if (VL == 16 && count >= VL) {
      if (count < width) {
        Arrays.fill(to, toOff, toOff + steps * width, 0f);
      }
      VectorTranspose.transpose(from, fromOff, ld, to, toOff, width, steps, count);
      return;
    }
    int begin = 0;
    if (count == width && VL == 8 && width == 16 && ld >= VL) {
      begin = steps & ~1;
      Shuffles.pairs8(begin, from, fromOff, ld, to, toOff);
      Shuffles.pairs8(begin, from, fromOff + 8 * ld, ld, to, toOff + 8);
    } else if (count == width && (width == 8 || width == 4)) {
      for (; begin + VL <= steps; begin += VL) {
        if (width == 8) {
          Shuffles.columns8(from, fromOff + begin, ld, to, toOff + begin * width);
        } else {
          Shuffles.columns4(from, fromOff + begin, ld, to, toOff + begin * width);
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
   * Packs columns that start anywhere, of panels of {@link GemmKernel#NR}: {@code to[toOff + t * NR
   * + j] = from[fromOff + offsets[j0 + j] + t]} for t in [0, steps) and j in [0, count). Columns
   * from count on are left alone.
   *
   * @param work room for VL * VL values at {@code workOff}
   */
  public static void columns(
      int steps,
      int count,
      float[] from,
      int fromOff,
      int[] offsets,
      int j0,
      float[] to,
      int toOff,
      float[] work,
      int workOff) {
    int nr = GemmKernel.NR;
    int j = 0;
    // With shorter vectors shuffles are no faster.
    for (; VL == 16 && steps >= VL && j + VL <= count; j += VL) {
      for (int t = 0; t < steps; t += VL) {
        int first = Math.min(t, steps - VL);
        int at = toOff + first * nr + j;
        Shuffles.transpose(
            from, fromOff + first, offsets, j0 + j, to, at, STEPS, 0, VL, work, workOff);
      }
    }
    for (; j + 4 <= count; j += 4) {
      int f0 = fromOff + offsets[j0 + j];
      int f1 = fromOff + offsets[j0 + j + 1];
      int f2 = fromOff + offsets[j0 + j + 2];
      int f3 = fromOff + offsets[j0 + j + 3];
      int at = toOff + j;
      for (int t = 0; t < steps; t++, at += nr) {
        to[at] = from[f0 + t];
        to[at + 1] = from[f1 + t];
        to[at + 2] = from[f2 + t];
        to[at + 3] = from[f3 + t];
      }
    }
    for (; j < count; j++) {
      int f = fromOff + offsets[j0 + j];
      for (int t = 0, at = toOff + j; t < steps; t++, at += nr) {
        to[at] = from[f + t];
      }
    }
  }
}
