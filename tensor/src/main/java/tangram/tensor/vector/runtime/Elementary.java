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
  private static final int ONE_BITS = Float.floatToRawIntBits(1);

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

  // The series of erf (Abramowitz and Stegun 7.1.5) times 2 / sqrt(pi).
  private static final float R0 = -8.548327023450852e-4f;
  private static final float R1 = 5.223977625442188e-3f;
  private static final float R2 = -2.686617064513125e-2f;
  private static final float R3 = 0.11283791670955126f;
  private static final float R4 = -0.37612638903183754f;
  private static final float R5 = 1.1283791670955126f;

  /** Below, erf is its series, which keeps its relative accuracy near 0. */
  private static final float ERF_SMALL = 0.5f;

  // Numerical Recipes' erfcc, relative error below 1.2e-7.
  private static final float C0 = 0.17087277f;
  private static final float C1 = -0.82215223f;
  private static final float C2 = 1.48851587f;
  private static final float C3 = -1.13520398f;
  private static final float C4 = 0.27886807f;
  private static final float C5 = -0.18628806f;
  private static final float C6 = 0.09678418f;
  private static final float C7 = 0.37409196f;
  private static final float C8 = 1.00002368f;
  private static final float C9 = -1.26551223f;

  // The normal distribution's upper tail is exp(-a^2 / 2) * t * (G1 + G2 t + ... ) with
  // t = 1 / (1 + G0 a): the form of Abramowitz and Stegun 26.2.17, fitted with a relative error
  // below 1.5e-7 up to where the exponential is 0.
  private static final float G0 = 0.3f;
  private static final float G1 = 0.119629298f;
  private static final float G2 = 0.120753968f;
  private static final float G3 = 0.0999134093f;
  private static final float G4 = 0.128561922f;
  private static final float G5 = -0.0536842407f;
  private static final float G6 = 0.20635419f;
  private static final float G7 = -0.157203495f;
  private static final float G8 = 0.0356748758f;

  /** 1 / sqrt(2 pi). */
  private static final float INV_SQRT_2PI = 0.3989422804f;

  /** Smallest normal number, and the factor that makes subnormal ones normal. */
  private static final float NORMAL = Float.MIN_NORMAL;

  private static final float SUBNORMAL_SCALE = 1 << 23;
  private static final float SUBNORMAL_LOG = 15.942385152878742f;

  private Elementary() {}

  /** e^x, within 1.5 units in the last place. */
  public static FloatVector exp(FloatVector x) {
    // NaN passes both limits, and all that follows.
    FloatVector c = x.blend(EXP_LOW, x.compare(VectorOperators.LT, EXP_LOW));
    c = c.blend(EXP_HIGH, c.compare(VectorOperators.GT, EXP_HIGH));
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
    // The shifts to the left leave nothing of ROUND.
    IntVector e = shifted.reinterpretAsInts();
    IntVector half = e.lanewise(VectorOperators.ASHR, 1);
    FloatVector a = half.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
    FloatVector b =
        e.sub(half).lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
    return p.mul(a).mul(b);
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

  /** {@code max(x, 0)}; NaN stays. */
  public static FloatVector relu(FloatVector x) {
    // Unlike a maximum this costs two instructions, and it keeps NaN too.
    return x.blend(0f, x.compare(VectorOperators.LE, 0f));
  }

  /** As {@link #relu(FloatVector)}. */
  public static float relu(float x) {
    return x <= 0 ? 0 : x;
  }

  /** {@code log(1 + x)}, corrected by what the sum lost: Kahan's formula. */
  public static FloatVector log1p(FloatVector x) {
    FloatVector u = x.add(1f);
    FloatVector d = u.sub(1f);
    FloatVector l = log(u);
    FloatVector y = l.mul(x.div(d)).blend(x, d.compare(VectorOperators.EQ, 0f));
    // Where nothing was lost, as of infinity and of -1, the logarithm is right as it is.
    return y.blend(l, d.compare(VectorOperators.EQ, x).and(d.compare(VectorOperators.NE, 0f)));
  }

  /** As {@link #log1p(FloatVector)}. */
  public static float log1p(float x) {
    float u = x + 1f;
    float d = u - 1f;
    return d == 0 ? x : d == x ? log(u) : log(u) * (x / d);
  }

  /** The error function, within 2 units in the last place: by its series near 0. */
  public static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector far = FloatVector.broadcast(S, 1f).sub(erfc(a));
    far = far.blend(far.neg(), x.compare(VectorOperators.LT, 0f));
    FloatVector z = x.mul(x);
    FloatVector p = z.fma(FloatVector.broadcast(S, R0), FloatVector.broadcast(S, R1));
    p = p.fma(z, FloatVector.broadcast(S, R2));
    p = p.fma(z, FloatVector.broadcast(S, R3));
    p = p.fma(z, FloatVector.broadcast(S, R4));
    p = p.fma(z, FloatVector.broadcast(S, R5));
    return far.blend(p.mul(x), a.compare(VectorOperators.LT, ERF_SMALL));
  }

  /** As {@link #erf(FloatVector)}. */
  public static float erf(float x) {
    float a = Math.abs(x);
    if (a < ERF_SMALL) {
      float z = x * x;
      float p = Math.fma(z, R0, R1);
      p = Math.fma(p, z, R2);
      p = Math.fma(p, z, R3);
      p = Math.fma(p, z, R4);
      return Math.fma(p, z, R5) * x;
    }
    float far = 1f - erfc(a);
    return x < 0 ? -far : far;
  }

  /** {@code 1 - erf(x)}: Numerical Recipes' erfcc, a Chebyshev fit. */
  public static FloatVector erfc(FloatVector x) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    FloatVector z = x.abs();
    FloatVector t = one.div(z.fma(FloatVector.broadcast(S, 0.5f), one));
    FloatVector q = t.fma(FloatVector.broadcast(S, C0), FloatVector.broadcast(S, C1));
    q = q.fma(t, FloatVector.broadcast(S, C2));
    q = q.fma(t, FloatVector.broadcast(S, C3));
    q = q.fma(t, FloatVector.broadcast(S, C4));
    q = q.fma(t, FloatVector.broadcast(S, C5));
    q = q.fma(t, FloatVector.broadcast(S, C6));
    q = q.fma(t, FloatVector.broadcast(S, C7));
    q = q.fma(t, FloatVector.broadcast(S, C8));
    q = q.fma(t, FloatVector.broadcast(S, C9));
    FloatVector y = t.mul(exp(z.neg().fma(z, q)));
    return y.blend(FloatVector.broadcast(S, 2f).sub(y), x.compare(VectorOperators.LT, 0f));
  }

  /** As {@link #erfc(FloatVector)}. */
  public static float erfc(float x) {
    float z = Math.abs(x);
    float t = 1f / Math.fma(z, 0.5f, 1f);
    float q = Math.fma(t, C0, C1);
    q = Math.fma(q, t, C2);
    q = Math.fma(q, t, C3);
    q = Math.fma(q, t, C4);
    q = Math.fma(q, t, C5);
    q = Math.fma(q, t, C6);
    q = Math.fma(q, t, C7);
    q = Math.fma(q, t, C8);
    q = Math.fma(q, t, C9);
    float y = t * exp(Math.fma(-z, z, q));
    return x < 0 ? 2f - y : y;
  }

  /** x times the normal distribution function of x. */
  public static FloatVector gelu(FloatVector x) {
    return x.mul(normal(x, gauss(x)));
  }

  /** As {@link #gelu(FloatVector)}. */
  public static float gelu(float x) {
    return x * normal(x, gauss(x));
  }

  /** Derivative of {@link #gelu}, within 3e-7. */
  public static FloatVector geluSlope(FloatVector x) {
    FloatVector e = gauss(x);
    return x.mul(INV_SQRT_2PI).fma(e, normal(x, e));
  }

  /** As {@link #geluSlope(FloatVector)}. */
  public static float geluSlope(float x) {
    float e = gauss(x);
    return Math.fma(x * INV_SQRT_2PI, e, normal(x, e));
  }

  private static FloatVector gauss(FloatVector x) {
    return VectorMath.exp(x.mul(x).mul(-0.5f));
  }

  private static float gauss(float x) {
    return VectorMath.exp(x * x * -0.5f);
  }

  /** The normal distribution function of x, where e = exp(-x^2 / 2). */
  private static FloatVector normal(FloatVector x, FloatVector e) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    FloatVector t = one.div(x.abs().fma(FloatVector.broadcast(S, G0), one));
    FloatVector p = t.fma(FloatVector.broadcast(S, G8), FloatVector.broadcast(S, G7));
    p = p.fma(t, FloatVector.broadcast(S, G6));
    p = p.fma(t, FloatVector.broadcast(S, G5));
    p = p.fma(t, FloatVector.broadcast(S, G4));
    p = p.fma(t, FloatVector.broadcast(S, G3));
    p = p.fma(t, FloatVector.broadcast(S, G2));
    p = p.fma(t, FloatVector.broadcast(S, G1));
    FloatVector tail = p.mul(t).mul(e);
    return one.sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f));
  }

  private static float normal(float x, float e) {
    float t = 1f / Math.fma(Math.abs(x), G0, 1f);
    float p = Math.fma(t, G8, G7);
    p = Math.fma(p, t, G6);
    p = Math.fma(p, t, G5);
    p = Math.fma(p, t, G4);
    p = Math.fma(p, t, G3);
    p = Math.fma(p, t, G2);
    p = Math.fma(p, t, G1);
    float tail = p * t * e;
    return x < 0 ? tail : 1f - tail;
  }
}
