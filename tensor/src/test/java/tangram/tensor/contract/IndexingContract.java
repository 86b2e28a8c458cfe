package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Indexing;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.reference.ReferenceDevice;

/** Indexing, scans, sorting and random numbers over views of every kind, against the reference. */
abstract class IndexingContract {
  private static final Device REFERENCE = new ReferenceDevice();
  private static final int ROUNDS = 60;

  /** The device under test. */
  protected abstract Device device();

  private interface Body {
    double[] run(Device device, SplittableRandom random);
  }

  private void compare(int seed, double tolerance, Body body) {
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
      long s = seeds.nextLong();
      try (Scope scope = Scope.open()) {
        double[] expected = body.run(REFERENCE, new SplittableRandom(s));
        double[] actual = body.run(device(), new SplittableRandom(s));
        double scale =
            1 + Arrays.stream(expected).filter(Double::isFinite).map(Math::abs).max().orElse(0);
        assertArrayEquals(expected, actual, tolerance * scale, "round " + round);
      }
    }
  }

  private static Indexing kernels(Device device) {
    return device.kernels().indexing();
  }

  /** Up to seven dimensions, one of them sometimes long. */
  private static int[] dims(SplittableRandom random) {
    int[] dims = new int[1 + random.nextInt(7)];
    Arrays.setAll(dims, d -> 1 + random.nextInt(dims.length < 3 ? 20 : 3));
    if (dims.length < 4) {
      dims[random.nextInt(dims.length)] = 1 + random.nextInt(300);
    }
    return dims;
  }

  /** Elements of some type in a view with gaps, permuted and reversed. */
  private static Tensor view(
      Device device, SplittableRandom random, boolean real, int low, int high, int... dims) {
    int rank = dims.length;
    int[] order = new CounterRandom(random.nextLong(), 1, 0, 0).permutation(rank);
    int[] stored = new int[rank];
    int[] inverse = new int[rank];
    for (int d = 0; d < rank; d++) {
      stored[d] = dims[order[d]] * 2 + 1;
      inverse[order[d]] = d;
    }
    int size = Shape.of(stored).size();
    int[] values = random.ints(size, low, high).toArray();
    Tensor x = device.tensor(values, stored);
    if (real) {
      x = x.to(DType.F32).mul(0.25);
    }
    for (int d = 0; d < rank; d++) {
      x = x.slice(d, 1, 2 * dims[order[d]] + 1, 2);
      if (random.nextInt(3) == 0) {
        x = x.flip(d);
      }
    }
    return x.permute(inverse);
  }

  private static double[] numbers(Tensor x) {
    return x.contiguous().to(DType.F32).toDoubles();
  }

  /** One index for all but a dimension, or one for each element. */
  private static Tensor index(
      Device device, SplittableRandom random, int axis, int length, int... dims) {
    if (random.nextBoolean()) {
      return view(device, random, false, 0, length, dims);
    }
    int[] own = new int[dims.length];
    Arrays.fill(own, 1);
    own[axis] = dims[axis];
    return view(device, random, false, 0, length, own).expand(dims);
  }

  @Test
  void gather() {
    compare(
        1,
        0,
        (device, random) -> {
          boolean real = random.nextBoolean();
          int[] dims = dims(random);
          int axis = random.nextInt(dims.length);
          Tensor x = view(device, random, real, -99, 99, dims);
          int length = dims[axis];
          dims[axis] = 1 + random.nextInt(200);
          Tensor index = index(device, random, axis, length, dims);
          Tensor y = view(device, random, real, 0, 1, dims);
          kernels(device).gather(x.asView(), index.asView(), axis, y.asViewToWrite());
          return numbers(y);
        });
  }

  @Test
  void scatter() {
    compare(
        2,
        1e-6,
        (device, random) -> {
          boolean real = random.nextBoolean();
          boolean add = random.nextBoolean();
          int[] dims = dims(random);
          int axis = random.nextInt(dims.length);
          Tensor x = view(device, random, real, -99, 99, dims);
          int length = 1 + random.nextInt(40);
          Tensor index = index(device, random, axis, length, dims);
          dims[axis] = length;
          Tensor y = view(device, random, real, -9, 9, dims);
          kernels(device).scatter(x.asView(), index.asView(), axis, y.asViewToWrite(), add);
          return numbers(y);
        });
  }

  @Test
  void scan() {
    compare(
        3,
        1e-5,
        (device, random) -> {
          boolean real = random.nextBoolean();
          int[] dims = dims(random);
          int axis = random.nextInt(dims.length);
          if (dims.length == 1 && random.nextBoolean()) {
            dims[0] = 5000 + random.nextInt(5000);
          }
          boolean product = random.nextBoolean();
          Tensor x =
              product
                  ? view(device, random, real, real ? 3 : -1, real ? 5 : 2, dims)
                  : view(device, random, real, -9, 10, dims);
          Tensor y = view(device, random, real, 0, 1, dims);
          kernels(device)
              .scan(product ? Reducer.PRODUCT : Reducer.SUM, x.asView(), axis, y.asViewToWrite());
          return numbers(y);
        });
  }

  @Test
  void sort() {
    compare(
        4,
        0,
        (device, random) -> {
          boolean real = random.nextBoolean();
          int[] dims = dims(random);
          int axis = random.nextInt(dims.length);
          if (dims.length == 1 && random.nextInt(4) == 0) {
            dims[0] = 9000 + random.nextInt(1000);
          }
          Tensor x =
              view(
                  device,
                  random,
                  real,
                  random.nextBoolean() ? -3 : Integer.MIN_VALUE,
                  random.nextBoolean() ? 3 : Integer.MAX_VALUE,
                  dims);
          if (real) {
            x = x.div(x.ne(2).to(DType.F32));
          }
          Tensor y = view(device, random, false, 0, 1, dims);
          kernels(device).sort(x.asView(), axis, random.nextBoolean(), y.asViewToWrite());
          return numbers(y);
        });
  }

  /** Also where the counter leaves 32 bits, and the numbers of CounterRandom. */
  @Test
  void random() {
    compare(
        5,
        0,
        (device, random) -> {
          boolean real = random.nextBoolean();
          Tensor y = view(device, random, real, 0, 1, dims(random));
          long offset = random.nextBoolean() ? random.nextInt(99) : (1L << 34) - random.nextInt(99);
          long bound = 1 + (long) random.nextInt(1 << 24);
          kernels(device).random(random.nextLong(), offset, bound, y.asViewToWrite());
          return numbers(y);
        });
    CounterRandom words = new CounterRandom(42, CounterRandom.ELEMENTS, 0, 0);
    long[] expected = new long[100];
    Arrays.setAll(expected, i -> (words.nextInt() & 0xFFFFFFFFL) >>> 2);
    try (Scope scope = Scope.open()) {
      Tensor y = device().uninitialized(DType.I32, Shape.of(100));
      kernels(device()).random(42, 0, 1 << 30, y.asViewToWrite());
      assertArrayEquals(expected, Arrays.stream(y.toInts()).asLongStream().toArray());
    }
  }

  @Test
  void distributions() {
    try (Scope scope = Scope.open()) {
      Generator generator = new Generator(7);
      int n = 40000;
      double[] u = device().rand(generator, n).toDoubles();
      assertMoments(u, 0.5, 1 / 12.0);
      assertTrue(Arrays.stream(u).allMatch(x -> x >= 0 && x < 1));
      assertMoments(device().randn(generator, n).toDoubles(), 0, 1);
      double[] dice = numbers(device().randint(generator, -1, 5, n));
      assertMoments(dice, 1.5, 35 / 12.0);
      assertEquals(6, Arrays.stream(dice).distinct().count());
      double[] order = numbers(device().randperm(generator, 1000));
      double[] natural = order.clone();
      Arrays.sort(natural);
      assertEquals(999, natural[999]);
      assertEquals(1000, Arrays.stream(natural).distinct().count());
      assertTrue(!Arrays.equals(natural, order));
      Tensor x = device().full(2, n).requireGrad();
      Tensor y = x.dropout(0.25, generator);
      assertMoments(y.toDoubles(), 2, 4 / 0.75 - 4);
      double[] half = y.detach().mul(0.5).toDoubles();
      y.sum().backward();
      assertArrayEquals(half, x.grad().toDoubles(), 1e-6);
      assertMoments(device().full(0.3, n).bernoulli(generator).toDoubles(), 0.3, 0.21);
      // The state alone decides.
      long offset = generator.offset();
      assertArrayEquals(
          device().randn(new Generator(7, offset), 9).toDoubles(),
          device().randn(generator, 9).toDoubles());
    }
  }

  private static void assertMoments(double[] x, double mean, double variance) {
    double m = Arrays.stream(x).average().orElse(0);
    double v = Arrays.stream(x).map(a -> (a - m) * (a - m)).average().orElse(0);
    double off = 5 * Math.sqrt(variance / x.length);
    assertEquals(mean, m, off);
    assertEquals(variance, v, 0.05 * variance + off);
  }

  /** An index outside: a sentence, or NaN where nobody waits for the device. */
  @Test
  void wrongIndices() {
    try (Scope scope = Scope.open()) {
      Tensor x = device().tensor(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
      for (int wrong : new int[] {-1, 3}) {
        Tensor index = device().tensor(new int[] {0, wrong}, 2);
        Tensor each = device().tensor(new int[] {0, wrong, 1, 1}, 2, 2);
        refusedOrNaN(() -> x.indexSelect(0, index), 2);
        refusedOrNaN(() -> x.gather(0, each), 1);
        refusedOrNaN(() -> x.indexAdd(0, index, device().ones(2, 2)), 6);
        refusedOrNaN(() -> x.scatter(0, each, device().ones(2, 2)), 3);
        refusedOrNaN(() -> x.index(device().tensor(new int[] {3, 0}, 2)), 2);
        refusedOrNaN(() -> x.index(device().tensor(new int[] {0, -4}, 2)), 2);
      }
      Tensor real = device().tensor(new float[] {0}, 1);
      String message =
          assertThrows(IllegalArgumentException.class, () -> x.indexSelect(0, real)).getMessage();
      assertTrue(message.contains("integers"), message);
    }
  }

  private void refusedOrNaN(java.util.function.Supplier<Tensor> call, int count) {
    Tensor y;
    try {
      y = call.get();
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().contains("dimension of"), e.getMessage());
      return;
    }
    assertEquals(count, Arrays.stream(y.toDoubles()).filter(Double::isNaN).count());
    assertTrue(device().name().startsWith("tornado"), "no sentence");
  }

  /** The wide types of the CPU devices. */
  @Test
  void wideTypes() {
    try (Scope scope = Scope.open()) {
      Tensor x = device().tensor(new long[] {1L << 40, -5, 3, -(1L << 41), 3}, 5);
      assertArrayEquals(new long[] {3, 1, 2, 4, 0}, x.argsort(0, false).toLongs());
      assertArrayEquals(
          new long[] {1L << 40, (1L << 40) - 5, (1L << 40) - 2, -(1L << 40) - 2, -(1L << 40) + 1},
          x.cumsum(0).toLongs());
      Tensor d = x.to(DType.F64).add(0.5);
      assertArrayEquals(new long[] {0, 2, 4, 1, 3}, d.argsort(0, true).toLongs());
      assertArrayEquals(
          new double[] {-4.5, 3.5},
          d.indexSelect(0, device().tensor(new int[] {1, 4})).toDoubles());
      Tensor random = device().zeros(DType.F64, Shape.of(1)).add(1).dropout(0, new Generator(1));
      assertEquals(1, random.item());
    } catch (DeviceException e) {
      assertTrue(e.getMessage().contains("has no numbers of type"), e.getMessage());
    }
  }
}
