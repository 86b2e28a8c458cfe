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

  /**
   * Transposes a square of VL by VL: {@code to[toOff + toPlaces[toFirst + j] + i] = from[fromOff +
   * fromPlaces[fromFirst + i] + j]} for all i, and for j in [0, toRows).
   *
   * <p>Interleaving the first half of the rows with the second half, log2(VL) times over, is a
   * transposition; two of these steps are done at a time.
   *
   * @param work room for 2 * VL * VL values at {@code workOff}
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
    int done = workOff;
    if (VL == 16) {
      done = workOff + VL * VL;
      for (int i = 0; i < 4; i++) {
        FloatVector a = FloatVector.fromArray(SPECIES, work, workOff + i * VL);
        FloatVector b = FloatVector.fromArray(SPECIES, work, workOff + (i + 4) * VL);
        FloatVector c = FloatVector.fromArray(SPECIES, work, workOff + (i + 8) * VL);
        FloatVector d = FloatVector.fromArray(SPECIES, work, workOff + (i + 12) * VL);
        FloatVector ac0 = a.rearrange(LOW, c);
        FloatVector ac1 = a.rearrange(HIGH, c);
        FloatVector bd0 = b.rearrange(LOW, d);
        FloatVector bd1 = b.rearrange(HIGH, d);
        ac0.rearrange(LOW, bd0).intoArray(work, done + 4 * i * VL);
        ac0.rearrange(HIGH, bd0).intoArray(work, done + (4 * i + 1) * VL);
        ac1.rearrange(LOW, bd1).intoArray(work, done + (4 * i + 2) * VL);
        ac1.rearrange(HIGH, bd1).intoArray(work, done + (4 * i + 3) * VL);
      }
    } else if (VL == 8) {
      done = workOff + VL * VL;
      for (int i = 0; i < 4; i++) {
        FloatVector a = FloatVector.fromArray(SPECIES, work, workOff + i * VL);
        FloatVector b = FloatVector.fromArray(SPECIES, work, workOff + (i + 4) * VL);
        a.rearrange(LOW, b).intoArray(work, done + 2 * i * VL);
        a.rearrange(HIGH, b).intoArray(work, done + (2 * i + 1) * VL);
      }
    }
    for (int j = 0; j < toRows; j++) {
      FloatVector.fromArray(SPECIES, work, done + j * VL)
          .intoArray(to, toOff + toPlaces[toFirst + j]);
    }
  }

  /**
   * Sums each of VL consecutive vectors over its lanes; sum i goes to {@code x[off + i]}. The other
   * values are overwritten. The order of the additions is fixed, which that of {@code
   * FloatVector.reduceLanes} is not.
   */
  static void sums(float[] x, int off) {
    for (int half = VL / 2; half > 0; half >>= 1) {
      for (int i = 0; i < half; i++) {
        FloatVector a = FloatVector.fromArray(SPECIES, x, off + i * VL);
        FloatVector b = FloatVector.fromArray(SPECIES, x, off + (i + half) * VL);
        a.rearrange(LOW, b).add(a.rearrange(HIGH, b)).intoArray(x, off + i * VL);
      }
    }
  }
}
