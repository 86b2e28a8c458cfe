package tangram.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Rearrangements of floats in blocks of a few vectors: faster than one element at a time. */
final class Lanes {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;
  private static final VectorShuffle<Float> EVEN = VectorShuffle.makeUnzip(SPECIES, 0);
  private static final VectorShuffle<Float> ODD = VectorShuffle.makeUnzip(SPECIES, 1);
  private static final VectorShuffle<Float> LOW = VectorShuffle.makeZip(SPECIES, 0);
  private static final VectorShuffle<Float> HIGH = VectorShuffle.makeZip(SPECIES, 1);

  private Lanes() {}

  /**
   * {@code to[toOff + p * phase + i] = from[fromOff + 4 * i + p]} for p in [0, 4), i in [0, VL).
   */
  static void deinterleave4(float[] from, int fromOff, float[] to, int toOff, int phase) {
    FloatVector a = FloatVector.fromArray(SPECIES, from, fromOff);
    FloatVector b = FloatVector.fromArray(SPECIES, from, fromOff + VL);
    FloatVector c = FloatVector.fromArray(SPECIES, from, fromOff + 2 * VL);
    FloatVector d = FloatVector.fromArray(SPECIES, from, fromOff + 3 * VL);
    FloatVector even0 = a.rearrange(EVEN, b);
    FloatVector even1 = c.rearrange(EVEN, d);
    FloatVector odd0 = a.rearrange(ODD, b);
    FloatVector odd1 = c.rearrange(ODD, d);
    even0.rearrange(EVEN, even1).intoArray(to, toOff);
    odd0.rearrange(EVEN, odd1).intoArray(to, toOff + phase);
    even0.rearrange(ODD, even1).intoArray(to, toOff + 2 * phase);
    odd0.rearrange(ODD, odd1).intoArray(to, toOff + 3 * phase);
  }

  /** The inverse: {@code to[toOff + 4 * i + p] = from[fromOff + p * phase + i]}. */
  static void interleave4(float[] from, int fromOff, int phase, float[] to, int toOff) {
    FloatVector a = FloatVector.fromArray(SPECIES, from, fromOff);
    FloatVector b = FloatVector.fromArray(SPECIES, from, fromOff + phase);
    FloatVector c = FloatVector.fromArray(SPECIES, from, fromOff + 2 * phase);
    FloatVector d = FloatVector.fromArray(SPECIES, from, fromOff + 3 * phase);
    FloatVector even0 = a.rearrange(LOW, c);
    FloatVector even1 = a.rearrange(HIGH, c);
    FloatVector odd0 = b.rearrange(LOW, d);
    FloatVector odd1 = b.rearrange(HIGH, d);
    even0.rearrange(LOW, odd0).intoArray(to, toOff);
    even0.rearrange(HIGH, odd0).intoArray(to, toOff + VL);
    even1.rearrange(LOW, odd1).intoArray(to, toOff + 2 * VL);
    even1.rearrange(HIGH, odd1).intoArray(to, toOff + 3 * VL);
  }

  /** Every so many values: {@code to[toOff + i] = from[fromOff + i * step]} for i in [0, count). */
  static void every(int step, int count, float[] from, int fromOff, float[] to, int toOff) {
    int i = 0;
    if (step == 2) {
      int last = Math.min(count - VL, (from.length - fromOff) / 2 - VL);
      for (; i <= last; i += VL) {
        FloatVector a = FloatVector.fromArray(SPECIES, from, fromOff + 2 * i);
        FloatVector b = FloatVector.fromArray(SPECIES, from, fromOff + 2 * i + VL);
        a.rearrange(EVEN, b).intoArray(to, toOff + i);
      }
    }
    for (int p = fromOff + i * step; i < count; i++, p += step) {
      to[toOff + i] = from[p];
    }
  }

  /**
   * Transposes a square of VL by VL: {@code to[toOff + toPlaces[toFirst + j] + i] = from[fromOff +
   * fromPlaces[fromFirst + i] + j]} for all i, and for j in [0, toRows).
   *
   * <p>Interleaving the first half of the rows with the second half, log2(VL) times over, is a
   * transposition; two of these steps are done at a time.
   *
   * @param work room for VL * VL values at {@code workOff}
   */
  static void transpose(
      float[] from,
      int fromOff,
      int[] fromPlaces,
      int fromFirst,
      float[] to,
      int toOff,
      int[] toPlaces,
      int toFirst,
      int toRows,
      float[] work,
      int workOff) {
    int quarter = VL / 4;
    for (int i = 0; i < quarter; i++) {
      FloatVector a = FloatVector.fromArray(SPECIES, from, fromOff + fromPlaces[fromFirst + i]);
      FloatVector b =
          FloatVector.fromArray(SPECIES, from, fromOff + fromPlaces[fromFirst + i + quarter]);
      FloatVector c =
          FloatVector.fromArray(SPECIES, from, fromOff + fromPlaces[fromFirst + i + 2 * quarter]);
      FloatVector d =
          FloatVector.fromArray(SPECIES, from, fromOff + fromPlaces[fromFirst + i + 3 * quarter]);
      FloatVector ac0 = a.rearrange(LOW, c);
      FloatVector ac1 = a.rearrange(HIGH, c);
      FloatVector bd0 = b.rearrange(LOW, d);
      FloatVector bd1 = b.rearrange(HIGH, d);
      ac0.rearrange(LOW, bd0).intoArray(work, workOff + 4 * i * VL);
      ac0.rearrange(HIGH, bd0).intoArray(work, workOff + (4 * i + 1) * VL);
      ac1.rearrange(LOW, bd1).intoArray(work, workOff + (4 * i + 2) * VL);
      ac1.rearrange(HIGH, bd1).intoArray(work, workOff + (4 * i + 3) * VL);
    }
    if (VL == 16) {
      for (int i = 0; i < 4; i++) {
        FloatVector a = FloatVector.fromArray(SPECIES, work, workOff + i * VL);
        FloatVector b = FloatVector.fromArray(SPECIES, work, workOff + (i + 4) * VL);
        FloatVector c = FloatVector.fromArray(SPECIES, work, workOff + (i + 8) * VL);
        FloatVector d = FloatVector.fromArray(SPECIES, work, workOff + (i + 12) * VL);
        FloatVector ac0 = a.rearrange(LOW, c);
        FloatVector ac1 = a.rearrange(HIGH, c);
        FloatVector bd0 = b.rearrange(LOW, d);
        FloatVector bd1 = b.rearrange(HIGH, d);
        int at = toFirst + 4 * i;
        if (4 * i < toRows) {
          ac0.rearrange(LOW, bd0).intoArray(to, toOff + toPlaces[at]);
        }
        if (4 * i + 1 < toRows) {
          ac0.rearrange(HIGH, bd0).intoArray(to, toOff + toPlaces[at + 1]);
        }
        if (4 * i + 2 < toRows) {
          ac1.rearrange(LOW, bd1).intoArray(to, toOff + toPlaces[at + 2]);
        }
        if (4 * i + 3 < toRows) {
          ac1.rearrange(HIGH, bd1).intoArray(to, toOff + toPlaces[at + 3]);
        }
      }
    } else if (VL == 8) {
      for (int i = 0; i < 4; i++) {
        FloatVector a = FloatVector.fromArray(SPECIES, work, workOff + i * VL);
        FloatVector b = FloatVector.fromArray(SPECIES, work, workOff + (i + 4) * VL);
        int at = toFirst + 2 * i;
        if (2 * i < toRows) {
          a.rearrange(LOW, b).intoArray(to, toOff + toPlaces[at]);
        }
        if (2 * i + 1 < toRows) {
          a.rearrange(HIGH, b).intoArray(to, toOff + toPlaces[at + 1]);
        }
      }
    } else {
      for (int j = 0; j < toRows; j++) {
        FloatVector.fromArray(SPECIES, work, workOff + j * VL)
            .intoArray(to, toOff + toPlaces[toFirst + j]);
      }
    }
  }

  /**
   * Packs eight rows side by side: {@code to[toOff + 8 * t + i] = from[fromOff + i * row + t]} for
   * t in [0, VL) and i in [0, 8).
   */
  static void columns8(float[] from, int fromOff, int row, float[] to, int toOff) {
    FloatVector a = FloatVector.fromArray(SPECIES, from, fromOff);
    FloatVector b = FloatVector.fromArray(SPECIES, from, fromOff + row);
    FloatVector c = FloatVector.fromArray(SPECIES, from, fromOff + 2 * row);
    FloatVector d = FloatVector.fromArray(SPECIES, from, fromOff + 3 * row);
    FloatVector e = FloatVector.fromArray(SPECIES, from, fromOff + 4 * row);
    FloatVector f = FloatVector.fromArray(SPECIES, from, fromOff + 5 * row);
    FloatVector g = FloatVector.fromArray(SPECIES, from, fromOff + 6 * row);
    FloatVector h = FloatVector.fromArray(SPECIES, from, fromOff + 7 * row);
    FloatVector ae0 = a.rearrange(LOW, e);
    FloatVector ae1 = a.rearrange(HIGH, e);
    FloatVector bf0 = b.rearrange(LOW, f);
    FloatVector bf1 = b.rearrange(HIGH, f);
    FloatVector cg0 = c.rearrange(LOW, g);
    FloatVector cg1 = c.rearrange(HIGH, g);
    FloatVector dh0 = d.rearrange(LOW, h);
    FloatVector dh1 = d.rearrange(HIGH, h);
    a = ae0.rearrange(LOW, cg0);
    b = ae0.rearrange(HIGH, cg0);
    c = ae1.rearrange(LOW, cg1);
    d = ae1.rearrange(HIGH, cg1);
    e = bf0.rearrange(LOW, dh0);
    f = bf0.rearrange(HIGH, dh0);
    g = bf1.rearrange(LOW, dh1);
    h = bf1.rearrange(HIGH, dh1);
    a.rearrange(LOW, e).intoArray(to, toOff);
    a.rearrange(HIGH, e).intoArray(to, toOff + VL);
    b.rearrange(LOW, f).intoArray(to, toOff + 2 * VL);
    b.rearrange(HIGH, f).intoArray(to, toOff + 3 * VL);
    c.rearrange(LOW, g).intoArray(to, toOff + 4 * VL);
    c.rearrange(HIGH, g).intoArray(to, toOff + 5 * VL);
    d.rearrange(LOW, h).intoArray(to, toOff + 6 * VL);
    d.rearrange(HIGH, h).intoArray(to, toOff + 7 * VL);
  }

  /** As {@link #columns8}, for four rows. */
  static void columns4(float[] from, int fromOff, int row, float[] to, int toOff) {
    FloatVector a = FloatVector.fromArray(SPECIES, from, fromOff);
    FloatVector b = FloatVector.fromArray(SPECIES, from, fromOff + row);
    FloatVector c = FloatVector.fromArray(SPECIES, from, fromOff + 2 * row);
    FloatVector d = FloatVector.fromArray(SPECIES, from, fromOff + 3 * row);
    FloatVector ac0 = a.rearrange(LOW, c);
    FloatVector ac1 = a.rearrange(HIGH, c);
    FloatVector bd0 = b.rearrange(LOW, d);
    FloatVector bd1 = b.rearrange(HIGH, d);
    ac0.rearrange(LOW, bd0).intoArray(to, toOff);
    ac0.rearrange(HIGH, bd0).intoArray(to, toOff + VL);
    ac1.rearrange(LOW, bd1).intoArray(to, toOff + 2 * VL);
    ac1.rearrange(HIGH, bd1).intoArray(to, toOff + 3 * VL);
  }
}
