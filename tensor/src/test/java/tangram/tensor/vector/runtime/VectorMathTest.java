package tangram.tensor.vector.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;
import tangram.tensor.CounterRandom;

class VectorMathTest {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  private interface OfVector {
    FloatVector apply(FloatVector x);
  }

  private interface OfFloat {
    float apply(float x);
  }

  /** A grid, in whole vectors. */
  private static float[] grid(double from, double to, int count) {
    float[] x = new float[(count / S.length() + 1) * S.length()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (from + (to - from) * i / (x.length - 1));
    }
    return x;
  }

  /** Every value that the vector function gives, after a check that the scalar one agrees. */
  private static float[] values(float[] x, OfVector vector, OfFloat scalar) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i += S.length()) {
      vector.apply(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (int i = 0; i < x.length; i++) {
      assertEquals(
          Float.floatToIntBits(scalar.apply(x[i])),
          Float.floatToIntBits(y[i]),
          "vector and scalar code differ at " + x[i]);
    }
    return y;
  }

  private static void assertUlps(float[] x, float[] y, DoubleUnaryOperator exact, double ulps) {
    for (int i = 0; i < x.length; i++) {
      double expected = exact.applyAsDouble(x[i]);
      double error = Math.abs(y[i] - expected) / Math.ulp((float) expected);
      assertTrue(error <= ulps, "at " + x[i] + ": " + y[i] + ", off by " + error + " ulp");
    }
  }

  private static void assertAbsolute(
      float[] x, float[] y, DoubleUnaryOperator exact, double limit) {
    for (int i = 0; i < x.length; i++) {
      double error = Math.abs(y[i] - exact.applyAsDouble(x[i]));
      assertTrue(error <= limit, "at " + x[i] + ": " + y[i] + ", off by " + error);
    }
  }

  @Test
  void exp() {
    float[] x = grid(-87.3, 88.7, 60_000);
    assertUlps(x, values(x, VectorMath::exp, VectorMath::exp), Math::exp, 1.5);
    float[] near = grid(-1e-3, 1e-3, 10_000);
    assertUlps(near, values(near, VectorMath::exp, VectorMath::exp), Math::exp, 1.5);
  }

  @Test
  void expEnds() {
    float[] x = new float[S.length()];
    for (float low : new float[] {-87.34f, -104, -1000, -1e30f, Float.NEGATIVE_INFINITY}) {
      Arrays.fill(x, low);
      assertEquals(0f, values(x, VectorMath::exp, VectorMath::exp)[0], "exp(" + low + ")");
    }
    Arrays.fill(x, Float.NaN);
    assertTrue(Float.isNaN(values(x, VectorMath::exp, VectorMath::exp)[0]));
    Arrays.fill(x, 0);
    assertEquals(1f, values(x, VectorMath::exp, VectorMath::exp)[0]);
  }

  @Test
  void log() {
    for (double scale : new double[] {1e-30, 1e-8, 1e-3, 0.4, 1, 2, 1e10}) {
      float[] x = grid(scale, 5 * scale, 10_000);
      float[] y = values(x, VectorMath::log, VectorMath::log);
      // Near 1, where the logarithm vanishes, the error is small next to x - 1.
      assertUlps(x, y, Math::log, 2);
    }
    float[] one = grid(0.99, 1.01, 10_000);
    assertUlps(one, values(one, VectorMath::log, VectorMath::log), Math::log, 2);
  }

  @Test
  void gelu() {
    float[] x = grid(-12, 12, 60_000);
    DoubleUnaryOperator exact = v -> v * cdf(v);
    float[] y = values(x, Elementary::gelu, Elementary::gelu);
    for (int i = 0; i < x.length; i++) {
      // Rounding to the result's precision comes on top of the approximation.
      double limit = 1e-7 + Math.ulp(x[i]);
      double error = Math.abs(y[i] - exact.applyAsDouble(x[i]));
      assertTrue(error <= limit, "at " + x[i] + ": " + y[i] + ", off by " + error);
    }
    DoubleUnaryOperator derivative =
        v -> cdf(v) + v * Math.exp(-v * v / 2) / Math.sqrt(2 * Math.PI);
    assertAbsolute(x, values(x, Elementary::geluSlope, Elementary::geluSlope), derivative, 3e-7);
  }

  /** Normal distribution function by its series, or by its continued fraction in the tails. */
  private static double cdf(double x) {
    double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    if (Math.abs(x) < 3) {
      double term = x;
      double sum = x;
      for (int n = 1; n < 100; n++) {
        term *= x * x / (2 * n + 1);
        sum += term;
      }
      return 0.5 + density * sum;
    }
    double fraction = 0;
    for (int n = 100; n > 0; n--) {
      fraction = n / (Math.abs(x) + fraction);
    }
    double tail = density / (Math.abs(x) + fraction);
    return x < 0 ? tail : 1 - tail;
  }

  @Test
  void sumOfLanesHasOneOrder() {
    // Interpreted at first, compiled at the end: the bits must not change on the way.
    CounterRandom random = new CounterRandom(1, 1, 1, 0);
    float[] x = new float[S.length()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    int first = Float.floatToIntBits(VectorMath.sum(FloatVector.fromArray(S, x, 0)));
    for (int i = 0; i < 40_000; i++) {
      float s = VectorMath.sum(FloatVector.fromArray(S, x, 0));
      assertEquals(first, Float.floatToIntBits(s), "at call " + i);
    }
    double exact = 0;
    float max = x[0];
    for (float v : x) {
      exact += v;
      max = Math.max(max, v);
    }
    assertEquals(exact, Float.intBitsToFloat(first), 1e-5);
    assertEquals(max, VectorMath.max(FloatVector.fromArray(S, x, 0)));
  }
}
