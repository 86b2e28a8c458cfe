package tangram.tensor.vector.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.GemmTest;
import tangram.tensor.vector.runtime.Parallel;

class ConvTest {
  private final int before = Parallel.threads();

  @AfterEach
  void restore() {
    Parallel.setThreads(before);
  }

  /** Input position that meets an output position and a tap, or -1 in the padding. */
  private static int input(ConvShape q, int n, int c, int i, int r, int j, int s) {
    int a = i * q.stride() + r - q.padding();
    int b = j * q.stride() + s - q.padding();
    return a < 0 || a >= q.h() || b < 0 || b >= q.w()
        ? -1
        : ((n * q.c() + c) * q.h() + a) * q.w() + b;
  }

  /** The definition in double precision: output, input gradient, weight gradient. */
  private static double[][] naive(ConvShape q, float[] x, float[] w, float[] bias, float[] gy) {
    double[] y = new double[q.outputSize()];
    double[] gx = new double[q.inputSize()];
    double[] gw = new double[q.weightSize()];
    for (int n = 0; n < q.n(); n++) {
      for (int k = 0; k < q.k(); k++) {
        for (int i = 0; i < q.outH(); i++) {
          for (int j = 0; j < q.outW(); j++) {
            int o = ((n * q.k() + k) * q.outH() + i) * q.outW() + j;
            y[o] = bias == null ? 0 : bias[k];
            for (int c = 0; c < q.c(); c++) {
              for (int r = 0; r < q.r(); r++) {
                for (int s = 0; s < q.s(); s++) {
                  int p = input(q, n, c, i, r, j, s);
                  int t = ((k * q.c() + c) * q.r() + r) * q.s() + s;
                  if (p >= 0) {
                    y[o] += (double) x[p] * w[t];
                    gx[p] += (double) gy[o] * w[t];
                    gw[t] += (double) gy[o] * x[p];
                  }
                }
              }
            }
          }
        }
      }
    }
    return new double[][] {y, gx, gw};
  }

  /**
   * The error of a chain of n additions of values of size 1 grows like n: the partial sums grow
   * like the root of n, and so does the number of their rounding errors. Winograd's algorithm adds
   * an error in proportion to the size of the result, the root of n.
   */
  private static double tolerance(ConvShape q, int terms) {
    boolean winograd = q.r() == 3 && q.s() == 3 && q.stride() == 1;
    return 3e-6 + 1.5e-7 * terms + (winograd ? 5e-6 * Math.sqrt(terms) : 0);
  }

  private static void compare(String what, double[] want, float[] got, int off, double tolerance) {
    for (int i = 0; i < want.length; i++) {
      assertEquals(want[i], got[off + i], tolerance, what + " at " + i);
    }
    for (int i = 0; i < off; i++) {
      assertEquals(77f, got[i], what + ": wrote before the array");
      assertEquals(77f, got[off + want.length + i], what + ": wrote beyond the array");
    }
  }

  private static float[] guarded(int off, int size) {
    float[] x = new float[size + 2 * off];
    java.util.Arrays.fill(x, 77f);
    return x;
  }

  private static void check(ConvShape q, boolean withBias, Random random) {
    int off = 1 + random.nextInt(5);
    float[] x = GemmTest.random(random, q.inputSize());
    float[] w = GemmTest.random(random, q.weightSize());
    float[] gy = GemmTest.random(random, q.outputSize());
    float[] bias = withBias ? GemmTest.random(random, q.k()) : null;
    double[][] want = naive(q, x, w, bias, gy);
    float[] xs = guarded(off, x.length);
    float[] ws = guarded(off + 1, w.length);
    float[] gys = guarded(off + 2, gy.length);
    float[] biases = guarded(off + 3, q.k());
    System.arraycopy(x, 0, xs, off, x.length);
    System.arraycopy(w, 0, ws, off + 1, w.length);
    System.arraycopy(gy, 0, gys, off + 2, gy.length);
    if (withBias) {
      System.arraycopy(bias, 0, biases, off + 3, q.k());
    }
    float[] y = guarded(off, q.outputSize());
    Conv.forward(q, xs, off, ws, off + 1, withBias ? biases : null, off + 3, null, y, off);
    compare("output of " + q, want[0], y, off, tolerance(q, q.c() * q.r() * q.s()));
    float[] gx = guarded(off, q.inputSize());
    Conv.inputGradient(q, gys, off + 2, ws, off + 1, gx, off);
    compare("input gradient of " + q, want[1], gx, off, tolerance(q, q.k() * q.r() * q.s()));
    float[] gw = guarded(off, q.weightSize());
    Conv.weightGradient(q, xs, off, gys, off + 2, gw, off);
    int positions = q.n() * q.outH() * q.outW();
    compare("weight gradient of " + q, want[2], gw, off, tolerance(q, positions));
  }

  @Test
  void agreesWithTheDefinitionOnAwkwardShapes() {
    Random random = new Random(1);
    int count = 0;
    for (int kernel : new int[] {1, 2, 3, 5, 7}) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int padding = 0; padding <= 3; padding++) {
          for (int trial = 0; trial < 6; trial++) {
            int h = Math.max(1, kernel - 2 * padding) + random.nextInt(20);
            int w = Math.max(1, kernel - 2 * padding) + random.nextInt(40);
            int c = new int[] {1, 2, 5, 8, 11}[random.nextInt(5)];
            int k = new int[] {1, 3, 4, 5, 8, 13, 16}[random.nextInt(7)];
            int n = 1 + random.nextInt(4);
            ConvShape q = new ConvShape(n, c, h, w, k, kernel, kernel, stride, padding);
            check(q, trial % 2 == 0, random);
            count++;
          }
        }
      }
    }
    assertEquals(360, count);
  }

  @Test
  void agreesWithTheDefinitionOnKernelsThatAreNotSquare() {
    Random random = new Random(2);
    check(new ConvShape(2, 3, 9, 14, 5, 1, 3, 1, 1), true, random);
    check(new ConvShape(2, 3, 9, 14, 5, 3, 1, 2, 0), true, random);
    check(new ConvShape(1, 2, 9, 14, 5, 2, 5, 2, 2), false, random);
    check(new ConvShape(1, 2, 1, 40, 5, 1, 5, 1, 2), false, random);
  }

  /** Layers of the kind the networks use: several blocks, panels and images. */
  static List<ConvShape> layers() {
    List<ConvShape> list = new ArrayList<>();
    list.add(new ConvShape(2, 1, 40, 48, 16, 7, 7, 2, 3));
    list.add(new ConvShape(2, 16, 32, 32, 16, 3, 3, 1, 1));
    list.add(new ConvShape(2, 16, 32, 32, 24, 3, 3, 2, 1));
    list.add(new ConvShape(5, 40, 16, 16, 36, 3, 3, 1, 1));
    list.add(new ConvShape(5, 64, 8, 8, 40, 3, 3, 1, 1));
    list.add(new ConvShape(12, 64, 4, 4, 72, 3, 3, 1, 1));
    list.add(new ConvShape(12, 40, 8, 8, 72, 3, 3, 2, 1));
    list.add(new ConvShape(3, 48, 16, 16, 64, 1, 1, 1, 0));
    list.add(new ConvShape(7, 48, 4, 4, 64, 1, 1, 1, 0));
    list.add(new ConvShape(7, 48, 8, 8, 64, 1, 1, 2, 0));
    list.add(new ConvShape(1, 16, 64, 64, 4, 3, 3, 1, 1));
    list.add(new ConvShape(1, 300, 6, 6, 9, 3, 3, 1, 1));
    list.add(new ConvShape(3, 20, 19, 23, 17, 3, 3, 1, 1));
    list.add(new ConvShape(2, 64, 14, 14, 96, 3, 3, 1, 1));
    list.add(new ConvShape(3, 17, 13, 18, 70, 3, 3, 2, 1));
    list.add(new ConvShape(2, 5, 11, 9, 600, 3, 3, 2, 0));
    list.add(new ConvShape(2, 3, 12, 12, 64, 2, 2, 3, 0));
    list.add(new ConvShape(2, 130, 9, 14, 67, 3, 3, 2, 1));
    list.add(new ConvShape(3, 3, 24, 20, 64, 7, 7, 3, 3));
    list.add(new ConvShape(3, 160, 7, 5, 32, 3, 3, 1, 2));
    return list;
  }

  @Test
  void agreesWithTheDefinitionOnNetworkLayers() {
    Random random = new Random(3);
    for (ConvShape q : layers()) {
      check(q, true, random);
    }
  }

  @Test
  void bitsDoNotDependOnTheNumberOfThreads() {
    Random random = new Random(4);
    for (ConvShape q : layers()) {
      float[] x = GemmTest.random(random, q.inputSize());
      float[] w = GemmTest.random(random, q.weightSize());
      float[] gy = GemmTest.random(random, q.outputSize());
      float[][] first = null;
      for (int threads = 1; threads <= 4; threads++) {
        Parallel.setThreads(threads);
        float[][] got = {
          new float[q.outputSize()], new float[q.inputSize()], new float[q.weightSize()]
        };
        Conv.forward(q, x, 0, w, 0, null, 0, null, got[0], 0);
        Conv.inputGradient(q, gy, 0, w, 0, got[1], 0);
        Conv.weightGradient(q, x, 0, gy, 0, got[2], 0);
        if (first == null) {
          first = got;
        }
        for (int i = 0; i < 3; i++) {
          assertArrayEquals(first[i], got[i], q.toString());
        }
      }
    }
  }

  @Test
  void shortArraysAreRefused() {
    ConvShape q = new ConvShape(1, 2, 5, 5, 3, 3, 3, 1, 1);
    float[] x = new float[q.inputSize()];
    float[] w = new float[q.weightSize()];
    float[] y = new float[q.outputSize()];
    assertThrows(
        IndexOutOfBoundsException.class, () -> Conv.forward(q, x, 1, w, 0, null, 0, null, y, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> Conv.inputGradient(q, y, 0, w, 1, x, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> Conv.weightGradient(q, x, 0, y, 1, w, 0));
  }
}
