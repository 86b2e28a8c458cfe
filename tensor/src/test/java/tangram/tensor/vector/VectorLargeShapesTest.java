package tangram.tensor.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tangram.tensor.Buffer;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.WindowAttentionOp;
import tangram.tensor.op.WindowPartitionOp;
import tangram.tensor.reference.ReferenceDevice;
import tangram.tensor.vector.runtime.Parallel;

/**
 * Sizes at which kernels split their work into several tiles in every way they know, against the
 * reference, and with the same bits for one, two and three threads.
 */
class VectorLargeShapesTest {
  private static final Device VECTOR = new VectorDevice();
  private static final Device REFERENCE = new ReferenceDevice();

  private static Tensor normal(Device d, int seed, int... dims) {
    Tensor t = d.empty(dims);
    float[] values = new float[t.size()];
    CounterRandom random = new CounterRandom(seed, 1, 0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return t.copyFrom(values, 0);
  }

  private static Tensor ints(Device d, int seed, int low, int high, int... dims) {
    Tensor t = d.emptyInts(dims);
    int[] values = new int[t.size()];
    CounterRandom random = new CounterRandom(seed, 2, 0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = low + random.nextInt(high - low);
    }
    return t.copyFrom(values, 0);
  }

  private static double[][] run(Device device, Function<Device, Tensor[]> kernel) {
    try (Scope scope = Scope.open()) {
      Tensor[] outputs = kernel.apply(device);
      double[][] values = new double[outputs.length][];
      for (int i = 0; i < outputs.length; i++) {
        values[i] =
            outputs[i].type() == DType.F32
                ? outputs[i].toDoubles()
                : IntStream.of(outputs[i].toInts()).asDoubleStream().toArray();
      }
      return values;
    }
  }

  private static void check(double tolerance, Function<Device, Tensor> kernel) {
    checkAll(tolerance, d -> new Tensor[] {kernel.apply(d)});
  }

  /** Compares every output with the reference's, relative to its largest value. */
  private static void checkAll(double tolerance, Function<Device, Tensor[]> kernel) {
    double[][] expected = run(REFERENCE, kernel);
    int before = Parallel.threads();
    double[][] first = null;
    try {
      for (int threads = 1; threads <= 3; threads++) {
        Parallel.setThreads(threads);
        double[][] actual = run(VECTOR, kernel);
        for (int i = 0; i < expected.length; i++) {
          if (threads == 1) {
            double scale = DoubleStream.of(expected[i]).map(Math::abs).max().orElseThrow();
            assertArrayEquals(expected[i], actual[i], tolerance * scale, "output " + i);
          } else {
            String message = "output " + i + " with " + threads + " threads";
            assertTrue(Arrays.equals(first[i], actual[i]), message);
          }
        }
        first = actual;
      }
    } finally {
      Parallel.setThreads(before);
    }
  }

  private static Tensor out(Device d, int... dims) {
    Tensor t = d.empty(dims);
    return t.fill(Double.NaN);
  }

  @Test
  void permutations() {
    permutation(new int[] {3, 70, 45, 47}, 0, 2, 3, 1);
    permutation(new int[] {3, 45, 47, 70}, 0, 3, 1, 2);
    permutation(new int[] {2, 300, 170}, 0, 2, 1);
    permutation(new int[] {20_001, 3}, 1, 0);
    permutation(new int[] {3, 20_001}, 1, 0);
    permutation(new int[] {5, 7, 2, 3, 300}, 0, 3, 1, 2, 4);
    permutation(new int[] {5, 3, 2, 3, 4, 19}, 0, 5, 3, 1, 4, 2);
    permutation(new int[] {5, 3, 2, 3, 4, 19}, 5, 4, 3, 2, 1, 0);
    permutation(new int[] {50_000}, 0);
    permutation(new int[] {9, 1, 40, 1, 33}, 3, 2, 4, 1, 0);
    permutation(new int[] {1, 1}, 1, 0);
  }

  private static void permutation(int[] shape, int... perm) {
    check(0, d -> normal(d, 1, shape).permute(perm).copy());
    check(
        1e-7,
        d -> {
          Tensor x = normal(d, 1, shape);
          return x.permute(perm).add(0.5);
        });
  }

  @Test
  void longRows() {
    check(
        1e-7,
        d -> {
          Tensor x = normal(d, 1, 3, 40_003);
          Tensor s = normal(d, 2, 3);
          return x.mul(s.unsqueeze(1));
        });
    check(
        0,
        d -> {
          Tensor x = normal(d, 1, 3, 40_003);
          Tensor y = normal(d, 2, 3, 70_000);
          y.narrow(1, 11, 40_000).copyFrom(x.narrow(1, 2, 40_000));
          return y;
        });
  }

  @Test
  void reductions() {
    check(
        1e-6,
        d -> {
          Tensor x = normal(d, 1, 300_007);
          return x.sum();
        });
    check(
        1e-6,
        d -> {
          Tensor x = normal(d, 1, 2003, 197);
          return x.sum(0);
        });
    for (int k : new int[] {1, 4, 300}) {
      check(
          1e-6,
          d -> {
            Tensor x = normal(d, 1, 2, k, 9001);
            return x.softmax(1);
          });
    }
    check(
        1e-6,
        d -> {
          Tensor x = normal(d, 1, 700, 333);
          return x.softmax(1);
        });
  }

  /** Channels far from zero, in planes above, at and below the length of a tile. */
  @Test
  void batchNormStatisticsAreAccurate() {
    for (int[] s : new int[][] {{12, 2, 9001}, {3, 2, 4096}, {12, 3, 1023}, {50, 7, 35}}) {
      int n = s[0];
      int c = s[1];
      int hw = s[2];
      checkAll(
          5e-6,
          d -> {
            Tensor x = normal(d, 1, n, c, hw);
            Tensor far = d.full(300, n, c, hw);
            x.copyFrom(x.add(far));
            // Adding rounds in single precision alone: both devices must get the same numbers.
            x.copyFrom(x.toFloats(), 0);
            Tensor mean = d.zeros(c);
            Tensor var = d.zeros(c);
            Tensor gamma = normal(d, 2, c);
            Tensor beta = normal(d, 3, c);
            Tensor y = NormOp.batchNorm(x, null, gamma, beta, mean, var, 1, 1e-5, true);
            return new Tensor[] {mean, var, y};
          });
    }
  }

  @Test
  void gradientsOfBatchNorm() {
    for (int[] s : new int[][] {{3, 2, 9001}, {12, 3, 1023}, {50, 7, 35}, {5, 40, 300}}) {
      for (boolean relu : new boolean[] {false, true}) {
        for (boolean residual : new boolean[] {false, true}) {
          checkAll(
              5e-6,
              d -> {
                Tensor x = normal(d, 1, s).requireGrad();
                Tensor r = residual ? normal(d, 2, s).requireGrad() : null;
                Tensor gamma = normal(d, 4, s[1]).requireGrad();
                // No sum is so near to 0 that the devices see it on different sides.
                Tensor beta = d.full(relu ? 9 : 0, s[1]).requireGrad();
                Tensor y = NormOp.batchNorm(x, r, gamma, beta, null, null, 0, 1e-5, relu);
                y.mul(normal(d, 3, s)).sum().backward();
                Tensor first = residual ? r : x;
                return new Tensor[] {x.grad(), first.grad(), gamma.grad(), beta.grad()};
              });
        }
      }
    }
  }

  @Test
  void gradientsOfLayerNorm() {
    for (int[] s : new int[][] {{3001, 83}, {301, 768}, {20, 3000}, {3, 70_000}}) {
      checkAll(
          5e-6,
          d -> {
            Tensor x = normal(d, 1, s).requireGrad();
            Tensor gamma = normal(d, 2, s[1]).requireGrad();
            Tensor beta = normal(d, 3, s[1]).requireGrad();
            Tensor y = NormOp.layerNorm(x, Shape.of(s[1]), gamma, beta, 1e-5);
            y.mul(normal(d, 4, s)).sum().backward();
            return new Tensor[] {x.grad(), gamma.grad(), beta.grad()};
          });
    }
  }

  @Test
  void resampling() {
    for (int w : new int[] {3, 37, 64}) {
      check(
          0,
          d -> {
            Tensor x = normal(d, 1, 41, 29, w);
            return ResizeOp.upsampleNearest2x(x.reshape(1, 41, 29, w));
          });
      check(
          1e-6,
          d -> {
            Tensor gy = normal(d, 1, 41, 58, 2 * w);
            return PoolOp.avgPool(2, gy, PoolOptions.of(2));
          });
    }
  }

  /** Few different values, so that most windows hold their maximum more than once. */
  @Test
  void maxPoolWithTies() {
    for (PoolShape s :
        new PoolShape[] {
          new PoolShape(70, 31, 37, 3, 2, 1),
          new PoolShape(70, 32, 32, 2, 2, 0),
          new PoolShape(70, 19, 21, 3, 1, 1),
          new PoolShape(70, 17, 16, 5, 3, 2)
        }) {
      checkAll(
          0,
          d -> {
            float[] few = new float[s.planes() * s.inputVolume()];
            int[] whole = ints(d, 1, 0, 4, few.length).toInts();
            for (int i = 0; i < few.length; i++) {
              few[i] = whole[i] - 2;
            }
            Tensor y = out(d, s.planes(), s.outputVolume());
            Tensor at = d.emptyInts(s.planes(), s.outputVolume());
            Buffer x = d.tensor(few, few.length).buffer();
            d.kernels().resampling().maxPool(s, x, y.buffer(), at.buffer());
            return new Tensor[] {y, at};
          });
    }
  }

  @Test
  void windows() {
    for (int shift : new int[] {0, 3}) {
      check(0, d -> WindowPartitionOp.windowPartition(normal(d, 1, 3, 30, 33, 19), 7, shift));
      check(0, d -> WindowPartitionOp.windowReverse(normal(d, 1, 75, 49, 19), 3, 30, 33, 7, shift));
    }
  }

  @Test
  void attentionOverManyWindows() {
    checkAll(
        3e-6,
        d -> {
          Tensor qkv = normal(d, 1, 130, 16, 3 * 48).requireGrad();
          Tensor bias = normal(d, 2, 3, 16, 16).requireGrad();
          Tensor y = WindowAttentionOp.windowAttention(qkv, bias, normal(d, 3, 10, 16, 16));
          Tensor kept = y.detach();
          y.backward(normal(d, 4, 130, 16, 48));
          return new Tensor[] {kept, qkv.grad(), bias.grad()};
        });
  }

  /** Of 4096 queries and keys, the 64 MiB of their scores are never there. */
  @Test
  void attentionOfManyTokensKeepsNoScores() {
    int tokens = 4096;
    int width = 32;
    Device device = new VectorDevice();
    try (Scope scope = Scope.open()) {
      Tensor q = normal(device, 1, 1, 1, tokens, width).requireGrad();
      Tensor k = normal(device, 2, 1, 1, tokens, width).requireGrad();
      Tensor v = normal(device, 3, 1, 1, tokens, width).requireGrad();
      Tensor y = q.scaledDotProductAttention(k, v);
      y.backward(normal(device, 4, 1, 1, tokens, width));
      // Four operands, the result, three gradients twice, and a number for each query.
      assertTrue(device.peakBytes() < 4L * 12 * tokens * width, device.peakBytes() + " bytes");
    }
  }

  /** A key of another region is not seen: an added minus infinity gives probability 0. */
  @Test
  void attentionWithAnInfiniteMask() {
    try (Scope scope = Scope.open()) {
      float[] mask = new float[400];
      for (int i = 0; i < 20; i++) {
        for (int j = 0; j < 20; j++) {
          mask[i * 20 + j] = i / 5 == j / 5 ? 0 : Float.NEGATIVE_INFINITY;
        }
      }
      // Values that tell keys apart: the result is the probabilities.
      float[] p =
          normal(VECTOR, 1, 20, 8)
              .scaledDotProductAttention(
                  normal(VECTOR, 2, 20, 8),
                  VECTOR.eye(20),
                  VECTOR.tensor(mask, 20, 20),
                  false,
                  null,
                  false)
              .toFloats();
      for (int i = 0; i < 20; i++) {
        double sum = 0;
        for (int j = 0; j < 20; j++) {
          assertTrue(i / 5 == j / 5 ? p[i * 20 + j] > 0 : p[i * 20 + j] == 0);
          sum += p[i * 20 + j];
        }
        assertEquals(1, sum, 1e-6);
      }
    }
  }
}
