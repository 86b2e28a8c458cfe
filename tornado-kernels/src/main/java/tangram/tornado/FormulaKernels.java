package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What kernels made at run time call, and tiled transposition. What an operator has no function of
 * the device's own for has its name, with {@code Of} behind, and {@code Ints} for integers.
 */
final class FormulaKernels {
  /** Most dimensions of an operand; a call walks over further ones. */
  static final int RANK = 6;

  /** Where the dimensions begin in {@code p}: after the number of elements and the rank. */
  static final int DIMS = 2;

  /** Where the operands begin in {@code p}: each has its offset and its strides. */
  static final int OPERANDS = DIMS + RANK;

  /** Numbers of an operand. */
  static final int OPERAND = 1 + RANK;

  private static final float LARGE = 1e30f;

  /** Side of a tile of {@link #transpose}. */
  static final int TILE = 32;

  /** Rows of threads of a group of {@link #transpose}. */
  static final int TILE_THREADS = 8;

  /** A row of the tile in local memory: odd, so that a column's elements lie in different banks. */
  private static final int TILE_ROW = TILE + 1;

  private FormulaKernels() {}

  /**
   * y[b, j, i] = x[b, i, j]. A group brings a tile to local memory row by row and takes it from
   * there column by column, so neighbouring threads read and write neighbouring elements.
   *
   * <p>p: x, y, rows and columns of x, distance of rows of x, of rows of y, of consecutive x, of y.
   */
  static void transpose(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] tile = c.allocateFloatLocalArray(TILE * TILE_ROW);
    int rows = p.get(2);
    int cols = p.get(3);
    int x0 = p.get(0) + c.groupIdz * p.get(6);
    int y0 = p.get(1) + c.groupIdz * p.get(7);
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    int tx = c.localIdx;
    int ty = c.localIdy;
    for (int r = ty; r < TILE; r += TILE_THREADS) {
      if (firstRow + r < rows && firstCol + tx < cols) {
        tile[r * TILE_ROW + tx] = x.get(x0 + (firstRow + r) * p.get(4) + firstCol + tx);
      }
    }
    c.localBarrier();
    for (int r = ty; r < TILE; r += TILE_THREADS) {
      if (firstCol + r < cols && firstRow + tx < rows) {
        x.set(y0 + (firstCol + r) * p.get(5) + firstRow + tx, tile[tx * TILE_ROW + r]);
      }
    }
  }

  /**
   * Which of several calls of one kernel a group belongs to: see {@link Launch#together}.
   *
   * @return where its place and its first group are told
   */
  static int callOf(IntArray p, int group) {
    int from = 0;
    int to = p.get(0);
    while (to - from > 1) {
      int middle = (from + to) / 2;
      if (p.get(2 + 2 * middle) > group) {
        to = middle;
      } else {
        from = middle;
      }
    }
    return 1 + 2 * from;
  }

  /**
   * Where an element of an operand lies, by its number in row-major order.
   *
   * @param call where the call's numbers begin
   * @param operand where those of the operand begin
   */
  static int place(IntArray p, int call, int operand, int element) {
    int at = p.get(operand);
    if (p.get(call + 1) == 1) {
      at += element * p.get(operand + RANK);
    } else {
      int rest = element;
      int first = RANK - p.get(call + 1);
      for (int d = RANK - 1; d >= first; d--) {
        int length = p.get(call + DIMS + d);
        int outer = rest / length;
        at += (rest - outer * length) * p.get(operand + 1 + d);
        rest = outer;
      }
    }
    return at;
  }

  /** The larger; NaN if one is, which the device's own maximum may lose. */
  static float maxOf(float a, float b) {
    float y = b;
    if (a != a || a > b) {
      y = a;
    }
    return y;
  }

  /** The smaller; NaN if one is. */
  static float minOf(float a, float b) {
    float y = b;
    if (a != a || a < b) {
      y = a;
    }
    return y;
  }

  static float signOf(float x) {
    float y = 0f;
    if (x > 0f) {
      y = 1f;
    }
    if (x < 0f) {
      y = -1f;
    }
    return y;
  }

  /**
   * The larger of x and 0. What is not a number stays so; OpenCL's fmax would make it 0, and so
   * would TornadoVM, to which {@code x <= 0} is the opposite of {@code x > 0}.
   */
  static float reluOf(float x) {
    float y = 0f;
    if (x > 0f || x != x) {
      y = x;
    }
    return y;
  }

  /** 1 where a is less or equal, else 0; see {@link #reluOf} why this is in two parts. */
  static float leOf(float a, float b) {
    float y = 0f;
    if (a < b || a == b) {
      y = 1f;
    }
    return y;
  }

  static float roundOf(float x) {
    // Beyond 2^23 every number is whole; below, this addition rounds to even.
    float y = x;
    if (TornadoMath.abs(x) < 8388608f) {
      float big = x < 0f ? -12582912f : 12582912f;
      y = (x + big) - big;
      // Zero has the sign of x.
      if (y == 0f) {
        y = x * 0f;
      }
    }
    return y;
  }

  static float sigmoidOf(float x) {
    float e = TornadoMath.exp(-TornadoMath.abs(x));
    float top = e;
    if (x >= 0f) {
      top = 1f;
    }
    return top / (e + 1f);
  }

  /** {@code exp(x) - 1}, by its series near 0, where the difference would lose digits. */
  static float expm1Of(float x) {
    float y = TornadoMath.exp(x) - 1f;
    if (TornadoMath.abs(x) < 0.35f) {
      float p = 1f / 5040f;
      p = p * x + 1f / 720f;
      p = p * x + 1f / 120f;
      p = p * x + 1f / 24f;
      p = p * x + 1f / 6f;
      p = p * x + 0.5f;
      y = x + x * x * p;
    }
    return y;
  }

  /** {@code log(1 + x)}, corrected by what the sum lost: Kahan's formula. */
  static float log1pOf(float x) {
    float u = 1f + x;
    float y = TornadoMath.log(u);
    if (u == 1f) {
      y = x;
    } else if (u < LARGE) {
      y = TornadoMath.log(u) * (x / (u - 1f));
    }
    return y;
  }

  /** By a polynomial near 0 (Cephes tanhf, Moshier 1992), else by the exponential. */
  static float tanhOf(float x) {
    float a = TornadoMath.abs(x);
    float y = 1f - 2f / (TornadoMath.exp(a + a) + 1f);
    if (x < 0f) {
      y = -y;
    }
    if (a < 0.625f) {
      float z = x * x;
      float p = -5.70498872745e-3f;
      p = p * z + 2.06390887954e-2f;
      p = p * z - 5.37397155531e-2f;
      p = p * z + 1.33314422036e-1f;
      p = p * z - 3.33332819422e-1f;
      y = p * z * x + x;
    }
    return y;
  }

  static float sinhOf(float x) {
    float a = TornadoMath.abs(x);
    float h = 0.5f;
    if (x < 0f) {
      h = -0.5f;
    }
    // Half of the exponential first, which may overflow where the result does not.
    float w = TornadoMath.exp(0.5f * a);
    float y = h * w * w;
    if (a < 20f) {
      float e = expm1Of(a);
      y = h * (e + e / (e + 1f));
    }
    return y;
  }

  static float coshOf(float x) {
    float a = TornadoMath.abs(x);
    float w = TornadoMath.exp(0.5f * a);
    return 0.5f * w * w + 0.5f / w / w;
  }

  /** By the complement of the error function where that is small, else by its series. */
  static float erfOf(float x) {
    float a = TornadoMath.abs(x);
    float y = 1f - erfcOf(a);
    if (a < 0.5f) {
      float z = x * x;
      // The series of erf(x) / x (Abramowitz and Stegun 7.1.5).
      float p = -1f / 1320f;
      p = p * z + 1f / 216f;
      p = p * z - 1f / 42f;
      p = p * z + 0.1f;
      p = p * z - 1f / 3f;
      p = p * z + 1f;
      y = 1.1283792f * x * p;
    } else if (x < 0f) {
      y = -y;
    }
    return y;
  }

  /** Numerical Recipes' erfcc: a Chebyshev fit, relative error below 1.2e-7. */
  static float erfcOf(float x) {
    float z = TornadoMath.abs(x);
    float t = 1f / (1f + 0.5f * z);
    float q = 0.17087277f;
    q = q * t - 0.82215223f;
    q = q * t + 1.48851587f;
    q = q * t - 1.13520398f;
    q = q * t + 0.27886807f;
    q = q * t - 0.18628806f;
    q = q * t + 0.09678418f;
    q = q * t + 0.37409196f;
    q = q * t + 1.00002368f;
    q = q * t - 1.26551223f;
    float y = t * TornadoMath.exp(q - z * z);
    if (x < 0f) {
      y = 2f - y;
    }
    return y;
  }

  static float geluOf(float x) {
    return x * (0.5f * erfcOf(-0.70710678f * x));
  }

  static float geluSlopeOf(float x) {
    float density = 0.39894228f * TornadoMath.exp(-0.5f * x * x);
    return 0.5f * erfcOf(-0.70710678f * x) + x * density;
  }

  /** a to the power of b: 1 to any power is 1. */
  static float powOf(float a, float b) {
    float y = TornadoMath.pow(a, b);
    if (a == 1f || b == 0f) {
      y = 1f;
    }
    return y;
  }

  static float floorDivideOf(float a, float b) {
    float y = a / b;
    if (b != 0f) {
      float r = rest(a, b);
      y = roundOf((a - r) / b);
      if (r != 0f && (r < 0f) != (b < 0f)) {
        y -= 1f;
      }
    }
    return y;
  }

  static float remainderOf(float a, float b) {
    float r = rest(a, b);
    if (r != 0f && (r < 0f) != (b < 0f)) {
      r += b;
    }
    return r;
  }

  /** The remainder with the sign of a; a itself where b is infinite. */
  private static float rest(float a, float b) {
    float q = a / b;
    float t = q < 0f ? -TornadoMath.floor(-q) : TornadoMath.floor(q);
    return t == 0f ? a : a - t * b;
  }

  static int maxOfInts(int a, int b) {
    return a > b ? a : b;
  }

  static int minOfInts(int a, int b) {
    return a < b ? a : b;
  }

  static int floorDivideOfInts(int a, int b) {
    int q = a / b;
    if (a % b != 0 && (a < 0) != (b < 0)) {
      q--;
    }
    return q;
  }

  static int remainderOfInts(int a, int b) {
    int r = a % b;
    if (r != 0 && (r < 0) != (b < 0)) {
      r += b;
    }
    return r;
  }

  /** The smallest integer for a negative power, which is not whole. */
  static int powOfInts(int a, int b) {
    int result = b < 0 ? Integer.MIN_VALUE : 1;
    for (int i = 0; i < b; i++) {
      result *= a;
    }
    return result;
  }
}
