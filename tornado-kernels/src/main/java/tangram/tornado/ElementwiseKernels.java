package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Element-wise kernels: one thread for each element. */
final class ElementwiseKernels {
  private static final float SQRT_HALF = 0.70710678f;
  private static final float INV_SQRT_2_PI = 0.39894228f;

  private ElementwiseKernels() {}

  /** p: y, length; s: value. */
  static void fill(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      x.set(p.get(0) + i, s.get(0));
    }
  }

  /** p: x, y, length. */
  static void copy(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      x.set(p.get(1) + i, x.get(p.get(0) + i));
    }
  }

  /** p: x, y, length. */
  static void copyInts(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      n.set(p.get(1) + i, n.get(p.get(0) + i));
    }
  }

  /** p: a, b, y, length. */
  static void add(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      x.set(p.get(2) + i, x.get(p.get(0) + i) + x.get(p.get(1) + i));
    }
  }

  /** p: x, factor, y, length. */
  static void scale(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      x.set(p.get(2) + i, x.get(p.get(1)) * x.get(p.get(0) + i));
    }
  }

  /** p: a, b, y, length; s: t. */
  static void lerp(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      float t = s.get(0);
      x.set(p.get(2) + i, (1f - t) * x.get(p.get(0) + i) + t * x.get(p.get(1) + i));
    }
  }

  /** p: x, y, length; s: t. */
  static void multiply(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      x.set(p.get(1) + i, s.get(0) * x.get(p.get(0) + i));
    }
  }

  /** p: x, y, length. */
  static void relu(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      x.set(p.get(1) + i, rectified(x.get(p.get(0) + i)));
    }
  }

  /** The larger of v and 0. What is not a number stays so; OpenCL's fmax would make it 0. */
  static float rectified(float v) {
    float y = v;
    if (v < 0f) {
      y = 0f;
    }
    return y;
  }

  /** p: y, gy, gx, length. */
  static void reluBackward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      float g = 0f;
      if (x.get(p.get(0) + i) > 0f) {
        g = x.get(p.get(1) + i);
      }
      x.set(p.get(2) + i, g);
    }
  }

  /** p: x, y, length. */
  static void gelu(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      float v = x.get(p.get(0) + i);
      x.set(p.get(1) + i, v * normalCdf(v));
    }
  }

  /** p: x, gy, gx, length. */
  static void geluBackward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      float v = x.get(p.get(0) + i);
      float density = INV_SQRT_2_PI * TornadoMath.exp(-0.5f * v * v);
      x.set(p.get(2) + i, x.get(p.get(1) + i) * (normalCdf(v) + v * density));
    }
  }

  /** p: v, y, columns, length. */
  static void broadcastRows(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      x.set(p.get(1) + i, x.get(p.get(0) + i % p.get(2)));
    }
  }

  /** p: x, factors, y, columns, length. */
  static void scaleRows(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(4)) {
      x.set(p.get(2) + i, x.get(p.get(0) + i) * x.get(p.get(1) + i / p.get(3)));
    }
  }

  /**
   * The distribution function of the standard normal distribution, {@code erfc(-v / sqrt(2)) / 2}.
   * The complementary error function is Numerical Recipes' erfcc (Chebyshev fit, relative error
   * below 1.2e-7), so that the tail of negative arguments keeps its digits.
   */
  static float normalCdf(float v) {
    float z = TornadoMath.abs(v) * SQRT_HALF;
    float t = 1f / (1f + 0.5f * z);
    float poly =
        -1.26551223f
            + t
                * (1.00002368f
                    + t
                        * (0.37409196f
                            + t
                                * (0.09678418f
                                    + t
                                        * (-0.18628806f
                                            + t
                                                * (0.27886807f
                                                    + t
                                                        * (-1.13520398f
                                                            + t
                                                                * (1.48851587f
                                                                    + t
                                                                        * (-0.82215223f
                                                                            + t
                                                                                * 0.17087277f))))))));
    float half = 0.5f * t * TornadoMath.exp(-z * z + poly);
    return v < 0f ? half : 1f - half;
  }
}
