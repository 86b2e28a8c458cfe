package tangram.tensor.vector.runtime;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions on vectors, and the same arithmetic on single numbers for the ends of loops,
 * so that an element's value does not depend on its position or on the vector width.
 */
public final class VectorMath {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  private static final float LOG2_E = 1.44269504088896341f;

  /** ln 2 in two parts, the first with few bits so that its multiples are exact. */
  private static final float LN2_HIGH = 0.693359375f;

  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the mantissa. */
  private static final float ROUND = 12582912f;

  /** Below, the result would not be a normal number. */
  private static final float EXP_LOW = -87.33f;

  // Cephes expf and logf (Moshier, 1992).
  private static final float E0 = 1.9875691500e-4f;
  private static final float E1 = 1.3981999507e-3f;
  private static final float E2 = 8.3334519073e-3f;
  private static final float E3 = 4.1665795894e-2f;
  private static final float E4 = 1.6666665459e-1f;
  private static final float E5 = 5.0000001201e-1f;

  private static final float L0 = 7.0376836292e-2f;
  private static final float L1 = -1.1514610310e-1f;
  private static final float L2 = 1.1676998740e-1f;
  private static final float L3 = -1.2420140846e-1f;
  private static final float L4 = 1.4249322787e-1f;
  private static final float L5 = -1.6668057665e-1f;
  private static final float L6 = 2.0000714765e-1f;
  private static final float L7 = -2.4999993993e-1f;
  private static final float L8 = 3.3333331174e-1f;

  /** Bits of sqrt(1/2): mantissas are taken from [sqrt(1/2), sqrt(2)). */
  private static final int SQRT_HALF = 0x3f3504f3;

  private static final int LANES = S.length();
  private static final VectorShuffle<Float> HALF = rotation(2);
  private static final VectorShuffle<Float> QUARTER = rotation(4);
  private static final VectorShuffle<Float> EIGHTH = rotation(8);
  private static final VectorShuffle<Float> SIXTEENTH = rotation(16);

  private VectorMath() {}

  private static VectorShuffle<Float> rotation(int part) {
    return VectorShuffle.fromOp(S, i -> (i + LANES / part) % LANES);
  }

  /**
   * The same vector, for the receiver of a method. The compiler does not know the class of a vector
   * that a loop carries, and without a profile it calls the method, with every vector on the heap.
   * Likewise, inside a loop the receiver should be the new value, and what the loop carries an
   * argument: {@code x.add(sum)}, not {@code sum.add(x)}.
   */
  public static FloatVector exact(FloatVector v) {
    return FloatVector.zero(S).add(v);
  }

  /** Sum of the lanes of two vectors; see {@link #sum(FloatVector)}. */
  public static float sum(FloatVector a, FloatVector b) {
    return sum(exact(a).add(b));
  }

  /** Sum of the lanes of four vectors; see {@link #sum(FloatVector)}. */
  public static float sum(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
    return sum(exact(a).add(b).add(exact(c).add(d)));
  }

  /**
   * Sum of the lanes, halves first. Unlike {@code reduceLanes}, whose order of additions changes
   * when the compiler replaces the interpreter, it always gives the same bits.
   */
  public static float sum(FloatVector v) {
    FloatVector s = exact(v);
    if (LANES >= 2) {
      s = s.add(s.rearrange(HALF));
    }
    if (LANES >= 4) {
      s = s.add(s.rearrange(QUARTER));
    }
    if (LANES >= 8) {
      s = s.add(s.rearrange(EIGHTH));
    }
    if (LANES >= 16) {
      s = s.add(s.rearrange(SIXTEENTH));
    }
    float sum = s.lane(0);
    // Beyond 512 bits each of the first lanes / 16 lanes holds a part.
    for (int i = LANES / 16 - 1; i > 0; i--) {
      sum += s.lane(i);
    }
    return sum;
  }

  /** The larger of two numbers in every lane, b if one of them is NaN. */
  public static FloatVector max(FloatVector a, FloatVector b) {
    // The library's maximum takes care of NaN and signed zeros, in several more instructions.
    return b.blend(a, b.compare(VectorOperators.LE, a));
  }

  /** Largest lane. */
  public static float max(FloatVector v) {
    FloatVector m = max(v, FloatVector.broadcast(S, Float.NEGATIVE_INFINITY));
    if (LANES >= 2) {
      m = max(m, m.rearrange(HALF));
    }
    if (LANES >= 4) {
      m = max(m, m.rearrange(QUARTER));
    }
    if (LANES >= 8) {
      m = max(m, m.rearrange(EIGHTH));
    }
    if (LANES >= 16) {
      m = max(m, m.rearrange(SIXTEENTH));
    }
    float max = m.lane(0);
    for (int i = LANES / 16 - 1; i > 0; i--) {
      max = Math.max(max, m.lane(i));
    }
    return max;
  }

  /** e^x for x at most 88.72, within 1.5 units in the last place; 0 below -87.33. */
  public static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(FloatVector.broadcast(S, LOG2_E), FloatVector.broadcast(S, ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), x);
    r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
    FloatVector p = r.fma(FloatVector.broadcast(S, E0), FloatVector.broadcast(S, E1));
    p = p.fma(r, FloatVector.broadcast(S, E2));
    p = p.fma(r, FloatVector.broadcast(S, E3));
    p = p.fma(r, FloatVector.broadcast(S, E4));
    p = p.fma(r, FloatVector.broadcast(S, E5));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector y = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    return y.blend(0f, x.compare(VectorOperators.LT, EXP_LOW));
  }

  /** As {@link #exp(FloatVector)}. */
  public static float exp(float x) {
    float shifted = Math.fma(x, LOG2_E, ROUND);
    float n = shifted - ROUND;
    float r = Math.fma(n, -LN2_HIGH, x);
    r = Math.fma(n, -LN2_LOW, r);
    float p = Math.fma(r, E0, E1);
    p = Math.fma(p, r, E2);
    p = Math.fma(p, r, E3);
    p = Math.fma(p, r, E4);
    p = Math.fma(p, r, E5);
    p = Math.fma(p, r * r, r) + 1f;
    int exponent = Float.floatToRawIntBits(shifted) << 23;
    float y = Float.intBitsToFloat(Float.floatToRawIntBits(p) + exponent);
    return x < EXP_LOW ? 0f : y;
  }

  /**
   * Natural logarithm of normal positive numbers, within 2 units in the last place. Zero and
   * subnormal numbers give about -88.
   */
  public static FloatVector log(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector e = bits.sub(SQRT_HALF).lanewise(VectorOperators.ASHR, 23);
    FloatVector f = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(1f);
    FloatVector n = (FloatVector) e.convert(VectorOperators.I2F, 0);
    FloatVector z = f.mul(f);
    FloatVector p = f.fma(FloatVector.broadcast(S, L0), FloatVector.broadcast(S, L1));
    p = p.fma(f, FloatVector.broadcast(S, L2));
    p = p.fma(f, FloatVector.broadcast(S, L3));
    p = p.fma(f, FloatVector.broadcast(S, L4));
    p = p.fma(f, FloatVector.broadcast(S, L5));
    p = p.fma(f, FloatVector.broadcast(S, L6));
    p = p.fma(f, FloatVector.broadcast(S, L7));
    p = p.fma(f, FloatVector.broadcast(S, L8));
    p = p.mul(f).mul(z);
    p = n.fma(FloatVector.broadcast(S, LN2_LOW), p);
    p = z.fma(FloatVector.broadcast(S, -0.5f), p);
    return n.fma(FloatVector.broadcast(S, LN2_HIGH), f.add(p));
  }

  /** As {@link #log(FloatVector)}. */
  public static float log(float x) {
    int bits = Float.floatToRawIntBits(x);
    int e = (bits - SQRT_HALF) >> 23;
    float f = Float.intBitsToFloat(bits - (e << 23)) - 1f;
    float n = e;
    float z = f * f;
    float p = Math.fma(f, L0, L1);
    p = Math.fma(p, f, L2);
    p = Math.fma(p, f, L3);
    p = Math.fma(p, f, L4);
    p = Math.fma(p, f, L5);
    p = Math.fma(p, f, L6);
    p = Math.fma(p, f, L7);
    p = Math.fma(p, f, L8);
    p = p * f * z;
    p = Math.fma(n, LN2_LOW, p);
    p = Math.fma(z, -0.5f, p);
    return Math.fma(n, LN2_HIGH, f + p);
  }
}
