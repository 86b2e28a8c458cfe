package tangram.tensor.vector.runtime;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Rearrangements of floats in blocks of a few vectors: faster than one element at a time. */
public final class Shuffles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int VL = SPECIES.length();
  private static final VectorShuffle<Float> EVEN = VectorShuffle.makeUnzip(SPECIES, 0);
  private static final VectorShuffle<Float> ODD = VectorShuffle.makeUnzip(SPECIES, 1);
  private static final VectorShuffle<Float> LOW = VectorShuffle.makeZip(SPECIES, 0);
  private static final VectorShuffle<Float> HIGH = VectorShuffle.makeZip(SPECIES, 1);

  /** Lanes with an odd number; of every second pair; of every second four. */
  private static final VectorMask<Float> ODDS = lanes(1);

  private static final VectorMask<Float> SECOND_PAIRS = lanes(2);
  private static final VectorMask<Float> SECOND_FOURS = lanes(4);

  private static final VectorMask<Float> FROM_1 = from(1);
  private static final VectorMask<Float> FROM_2 = from(2);
  private static final VectorMask<Float> FROM_3 = from(3);
  private static final VectorMask<Float> FROM_4 = from(4);
  private static final VectorMask<Float> FROM_5 = from(5);
  private static final VectorMask<Float> FROM_6 = from(6);
  private static final VectorMask<Float> FROM_7 = from(7);

  private Shuffles() {}

  /** Lanes from a number on. */
  private static VectorMask<Float> from(int first) {
    boolean[] lanes = new boolean[VL];
    Arrays.fill(lanes, Math.min(first, VL), VL, true);
    return VectorMask.fromArray(SPECIES, lanes, 0);
  }

  /** Lanes whose number has a bit. */
  private static VectorMask<Float> lanes(int bit) {
    boolean[] lanes = new boolean[VL];
    for (int i = 0; i < VL; i++) {
      lanes[i] = (i & bit) != 0;
    }
    return VectorMask.fromArray(SPECIES, lanes, 0);
  }

  /**
   * {@code to[toOff + p * phase + i] = from[fromOff + 4 * i + p]} for p in [0, 4), i in [0, VL).
   */
  public static void deinterleave4(float[] from, int fromOff, float[] to, int toOff, int phase) {
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
  public static void interleave4(float[] from, int fromOff, int phase, float[] to, int toOff) {
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

  /** Every step-th value: {@code to[toOff + i] = from[fromOff + i * step]} for i in [0, count). */
  public static void every(int step, int count, float[] from, int fromOff, float[] to, int toOff) {
    int i = 0;
    if (step == 2) {
      int room = (from.length - fromOff) / 2;
      for (; i + VL <= Math.min(count, room); i += VL) {
        evens(from, fromOff + 2 * i).intoArray(to, toOff + i);
      }
      if (i < count && i + VL <= room) {
        evens(from, fromOff + 2 * i).intoArray(to, toOff + i, SPECIES.indexInRange(0, count - i));
        return;
      }
    }
    for (int p = fromOff + i * step; i < count; i++, p += step) {
      to[toOff + i] = from[p];
    }
  }

  private static FloatVector evens(float[] from, int fromOff) {
    FloatVector a = FloatVector.fromArray(SPECIES, from, fromOff);
    FloatVector b = FloatVector.fromArray(SPECIES, from, fromOff + VL);
    return a.rearrange(EVEN, b);
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
  public static void transpose(
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
  public static void columns8(float[] from, int fromOff, int row, float[] to, int toOff) {
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
  public static void columns4(float[] from, int fromOff, int row, float[] to, int toOff) {
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

  /**
   * With 256-bit vectors, packs eight rows into half of a panel: {@code to[toOff + 16 * t + i] =
   * from[fromOff + i * row + t]} for t in [0, steps) and i in [0, 8).
   *
   * <p>Loads do most of the transposition: what is read two, four or six values too early has in
   * its place what a blend takes from it. Only neighbours are exchanged by shifts.
   *
   * @param steps an even number
   * @param row at least 8
   */
  public static void pairs8(int steps, float[] from, int fromOff, int row, float[] to, int toOff) {
    int r1 = fromOff + row;
    int r2 = fromOff + 2 * row - 2;
    int r3 = fromOff + 3 * row - 2;
    int r4 = fromOff + 4 * row - 4;
    int r5 = fromOff + 5 * row - 4;
    int r6 = fromOff + 6 * row - 6;
    int r7 = fromOff + 7 * row - 6;
    for (int t = 0; t < steps; t += 2) {
      FloatVector x02 =
          FloatVector.fromArray(SPECIES, from, fromOff + t)
              .blend(FloatVector.fromArray(SPECIES, from, r2 + t), SECOND_PAIRS);
      FloatVector x46 =
          FloatVector.fromArray(SPECIES, from, r4 + t)
              .blend(FloatVector.fromArray(SPECIES, from, r6 + t), SECOND_PAIRS);
      FloatVector x13 =
          FloatVector.fromArray(SPECIES, from, r1 + t)
              .blend(FloatVector.fromArray(SPECIES, from, r3 + t), SECOND_PAIRS);
      FloatVector x57 =
          FloatVector.fromArray(SPECIES, from, r5 + t)
              .blend(FloatVector.fromArray(SPECIES, from, r7 + t), SECOND_PAIRS);
      FloatVector even = x02.blend(x46, SECOND_FOURS);
      FloatVector odd = x13.blend(x57, SECOND_FOURS);
      even.blend(up(odd), ODDS).intoArray(to, toOff + t * 16);
      down(even).blend(odd, ODDS).intoArray(to, toOff + t * 16 + 16);
    }
  }

  /**
   * With 256-bit vectors, packs eight steps of panels of five rows: {@code to[toOff + p * toStep +
   * 5 * t + i] = from[fromOff + 5 * p + t * ld + i]} for p in [0, panels), t in [0, 8) and i in [0,
   * 5).
   *
   * <p>Blends put together what several loads have in the right place already.
   *
   * @param ld at least 8
   */
  public static void eightSteps5(
      int panels, float[] from, int fromOff, int ld, float[] to, int toOff, int toStep) {
    int a1 = fromOff + ld - 5;
    int a2 = fromOff + 2 * ld - 2;
    int a3 = fromOff + 3 * ld - 7;
    int a4 = fromOff + 4 * ld - 4;
    int a5 = fromOff + 5 * ld - 1;
    int a6 = fromOff + 6 * ld - 6;
    int a7 = fromOff + 7 * ld - 3;
    for (int p = 0; p < panels; p++, toOff += toStep) {
      FloatVector.fromArray(SPECIES, from, fromOff + 5 * p)
          .blend(FloatVector.fromArray(SPECIES, from, a1 + 5 * p), FROM_5)
          .intoArray(to, toOff);
      FloatVector.fromArray(SPECIES, from, a1 + 8 + 5 * p)
          .blend(FloatVector.fromArray(SPECIES, from, a2 + 5 * p), FROM_2)
          .blend(FloatVector.fromArray(SPECIES, from, a3 + 5 * p), FROM_7)
          .intoArray(to, toOff + 8);
      FloatVector.fromArray(SPECIES, from, a3 + 8 + 5 * p)
          .blend(FloatVector.fromArray(SPECIES, from, a4 + 5 * p), FROM_4)
          .intoArray(to, toOff + 16);
      FloatVector.fromArray(SPECIES, from, a4 + 8 + 5 * p)
          .blend(FloatVector.fromArray(SPECIES, from, a5 + 5 * p), FROM_1)
          .blend(FloatVector.fromArray(SPECIES, from, a6 + 5 * p), FROM_6)
          .intoArray(to, toOff + 24);
      FloatVector.fromArray(SPECIES, from, a6 + 8 + 5 * p)
          .blend(FloatVector.fromArray(SPECIES, from, a7 + 5 * p), FROM_3)
          .intoArray(to, toOff + 32);
    }
  }

  /** As {@link #eightSteps5}, for panels of four rows. */
  public static void eightSteps4(
      int panels, float[] from, int fromOff, int ld, float[] to, int toOff, int toStep) {
    for (int i = 0; i < 4; i++) {
      int even = fromOff + 2 * i * ld;
      int odd = even + ld - 4;
      int at = toOff + 8 * i;
      for (int p = 0; p < panels; p++, at += toStep) {
        FloatVector.fromArray(SPECIES, from, even + 4 * p)
            .blend(FloatVector.fromArray(SPECIES, from, odd + 4 * p), FROM_4)
            .intoArray(to, at);
      }
    }
  }

  /** Moves lanes with an even number one up. */
  private static FloatVector up(FloatVector x) {
    return x.reinterpretAsInts()
        .reinterpretAsLongs()
        .lanewise(VectorOperators.LSHL, 32)
        .reinterpretAsInts()
        .reinterpretAsFloats();
  }

  /** Moves lanes with an odd number one down. */
  private static FloatVector down(FloatVector x) {
    return x.reinterpretAsInts()
        .reinterpretAsLongs()
        .lanewise(VectorOperators.LSHR, 32)
        .reinterpretAsInts()
        .reinterpretAsFloats();
  }
}
