package tangram.tensor.vector.runtime;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions for every argument, NaN, infinities and subnormal numbers included: twice,
 * on vectors and on single numbers, with the same bits. Where the range is known, {@link
 * VectorMath} is faster.
 */
public final class Elementary {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  private static final float LOG2_E = 1.44269504088896341f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the mantissa. */
  private static final float ROUND = 12582912f;

  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  /** Beyond these the result is infinite, or 0. */
  private static final float EXP_HIGH = 89f;

  private static final float EXP_LOW = -104f;

  // Cephes expf and tanhf (Moshier, 1992).
  private static final float E0 = 1.9875691500e-4f;
  private static final float E1 = 1.3981999507e-3f;
  private static final float E2 = 8.3334519073e-3f;
  private static final float E3 = 4.1665795894e-2f;
  private static final float E4 = 1.6666665459e-1f;
  private static final float E5 = 5.0000001201e-1f;

  private static final float T0 = -5.70498872745e-3f;
  private static final float T1 = 2.06390887954e-2f;
  private static final float T2 = -5.37397155531e-2f;
  private static final float T3 = 1.33314422036e-1f;
  private static final float T4 = -3.33332819422e-1f;

  /** Below, tanh is a polynomial, which keeps its relative accuracy near 0. */
  private static final float TANH_SMALL = 0.625f;

  /** Smallest normal number, and the factor that makes subnormal ones normal. */
  private static final float NORMAL = Float.MIN_NORMAL;

  private static final float SUBNORMAL_SCALE = 1 << 23;
  private static final float SUBNORMAL_LOG = 15.942385152878742f;

  private Elementary() {}

  /** e^x, within 1.5 units in the last place. */
  public static FloatVector exp(FloatVector x) {
    FloatVector c =
        x.min(FloatVector.broadcast(S, EXP_HIGH)).max(FloatVector.broadcast(S, EXP_LOW));
    FloatVector shifted = c.fma(FloatVector.broadcast(S, LOG2_E), FloatVector.broadcast(S, ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), c);
    r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
    FloatVector p = r.fma(FloatVector.broadcast(S, E0), FloatVector.broadcast(S, E1));
    p = p.fma(r, FloatVector.broadcast(S, E2));
    p = p.fma(r, FloatVector.broadcast(S, E3));
    p = p.fma(r, FloatVector.broadcast(S, E4));
    p = p.fma(r, FloatVector.broadcast(S, E5));
    p = p.fma(r.mul(r), r).add(1f);
    // In two steps, since 2^n itself may be infinite or subnormal where the result is not.
    IntVector e = shifted.reinterpretAsInts().sub(ROUND_BITS);
    IntVector half = e.lanewise(VectorOperators.ASHR, 1);
    FloatVector a = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    FloatVector b = e.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    return p.mul(a).mul(b).blend(x, x.compare(VectorOperators.NE, x));
  }

  /** As {@link #exp(FloatVector)}. */
  public static float exp(float x) {
    if (x != x) {
      return x;
    }
    float c = Math.max(Math.min(x, EXP_HIGH), EXP_LOW);
    float shifted = Math.fma(c, LOG2_E, ROUND);
    float n = shifted - ROUND;
    float r = Math.fma(n, -LN2_HIGH, c);
    r = Math.fma(n, -LN2_LOW, r);
    float p = Math.fma(r, E0, E1);
    p = Math.fma(p, r, E2);
    p = Math.fma(p, r, E3);
    p = Math.fma(p, r, E4);
    p = Math.fma(p, r, E5);
    p = Math.fma(p, r * r, r) + 1f;
    int e = Float.floatToRawIntBits(shifted) - ROUND_BITS;
    int half = e >> 1;
    float a = Float.intBitsToFloat(half + 127 << 23);
    float b = Float.intBitsToFloat(e - half + 127 << 23);
    return p * a * b;
  }

  /** The natural logarithm, within 2 units in the last place. */
  public static FloatVector log(FloatVector x) {
    VectorMask<Float> subnormal = x.compare(VectorOperators.LT, NORMAL);
    FloatVector y = VectorMath.log(x.blend(x.mul(SUBNORMAL_SCALE), subnormal));
    y = y.blend(y.sub(SUBNORMAL_LOG), subnormal);
    y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    // Infinity and NaN stay.
    VectorMask<Float> finite = x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY);
    return x.blend(y, finite);
  }

  /** As {@link #log(FloatVector)}. */
  public static float log(float x) {
    if (!(x < Float.POSITIVE_INFINITY)) {
      return x;
    }
    if (x < 0) {
      return Float.NaN;
    }
    if (x == 0) {
      return Float.NEGATIVE_INFINITY;
    }
    return x < NORMAL ? VectorMath.log(x * SUBNORMAL_SCALE) - SUBNORMAL_LOG : VectorMath.log(x);
  }

  /** {@code 1 / (1 + exp(-x))}. */
  public static FloatVector sigmoid(FloatVector x) {
    // From the exponential that cannot overflow.
    FloatVector e = exp(x.abs().neg());
    FloatVector top = e.blend(1f, x.compare(VectorOperators.GE, 0f));
    return top.div(e.add(1f));
  }

  /** As {@link #sigmoid(FloatVector)}. */
  public static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    return (x >= 0 ? 1f : e) / (e + 1f);
  }

  /** The hyperbolic tangent, within 2 units in the last place. */
  public static FloatVector tanh(FloatVector x) {
    FloatVector z = x.mul(x);
    FloatVector p = z.fma(FloatVector.broadcast(S, T0), FloatVector.broadcast(S, T1));
    p = p.fma(z, FloatVector.broadcast(S, T2));
    p = p.fma(z, FloatVector.broadcast(S, T3));
    p = p.fma(z, FloatVector.broadcast(S, T4));
    FloatVector small = p.mul(z).fma(x, x);
    FloatVector one = FloatVector.broadcast(S, 1f);
    FloatVector a = x.abs();
    FloatVector far = one.sub(FloatVector.broadcast(S, 2f).div(exp(a.add(a)).add(one)));
    far = far.blend(far.neg(), x.compare(VectorOperators.LT, 0f));
    return far.blend(small, a.compare(VectorOperators.LT, TANH_SMALL));
  }

  /** As {@link #tanh(FloatVector)}. */
  public static float tanh(float x) {
    float a = Math.abs(x);
    if (a < TANH_SMALL) {
      float z = x * x;
      float p = Math.fma(z, T0, T1);
      p = Math.fma(p, z, T2);
      p = Math.fma(p, z, T3);
      p = Math.fma(p, z, T4);
      return Math.fma(p * z, x, x);
    }
    float far = 1f - 2f / (exp(a + a) + 1f);
    return x < 0 ? -far : far;
  }
}
