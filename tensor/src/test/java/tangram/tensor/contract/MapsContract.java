package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.reference.ReferenceDevice;

/** Formulas and folds over views of every kind and type, against the reference. */
abstract class MapsContract {
  private static final Device REFERENCE = new ReferenceDevice();
  private static final Formula REALS = Formula.of(2, 1, (x, p) -> x[0].mul(x[1]).add(p[0]));
  private static final Formula INTEGERS =
      Formula.of(2, x -> Expr.where(x[0].lt(x[1]), x[0].add(x[1]), x[0].mul(x[1])));
  private static final Cascade CASCADE =
      new Cascade("contract", 2, 2, 5, 1)
          .moments(0, 0, (x, p) -> x[0].mul(x[1]))
          .fold(3, Reducer.MAX, (x, p) -> x[0].sub(x[4]))
          .map(0, (x, p) -> x[0].sub(x[4]).mul(x[1]).add(x[5]))
          .fold(4, Reducer.MIN, (x, p) -> x[2].add(x[1]))
          .row(4, (x, p) -> x[8].add(x[7]))
          .map(1, (x, p) -> x[2].mul(x[8]))
          .keep(0, 1, 4);
  private static final double[] NONE = {};
  private static final double[] HALF = {0.5};

  /** The device under test. */
  protected abstract Device device();

  @Test
  void viewsOfRealNumbers() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 150; round++) {
      long seed = random.nextLong();
      assertArrayEquals(map(REFERENCE, seed), map(device(), seed), 1e-5, "round " + round);
    }
  }

  /** A product and a sum over two views, stored through a third. */
  private static double[] map(Device device, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Scope scope = Scope.open()) {
      Tensor a = view(device, random);
      int[] dims = a.shape().dims();
      Tensor b = like(device, random, dims);
      Tensor whole = device.zeros(Arrays.stream(dims).map(d -> 2 * d + 1).toArray());
      Tensor y = whole;
      for (int d = 0; d < dims.length; d++) {
        y = y.slice(d, 1, Integer.MAX_VALUE, 2);
      }
      View[] inputs = {a.asView(), b.asView()};
      device.kernels().maps().map(REALS, HALF, inputs, y.asViewToWrite());
      return whole.toDoubles();
    }
  }

  /** Sequences of calls give the bits of calls one by one, also where they are recorded. */
  @Test
  void sequencesAreTheirCalls() {
    for (long seed = 0; seed < 20; seed++) {
      double[] expected = sequences(device(), seed, false);
      assertArrayEquals(expected, sequences(device(), seed, true), "seed " + seed);
    }
  }

  private static double[] sequences(Device device, long seed, boolean together) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Scope scope = Scope.open()) {
      List<Tensor> results = new ArrayList<>();
      List<List<Maps.Call>> sequences = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Tensor a = view(device, random);
        int[] dims = a.shape().dims();
        View[] inputs = {a.asView(), like(device, random, dims).asView()};
        Tensor y = device.uninitialized(i % 3 == 0 ? DType.I32 : DType.F32, Shape.of(dims));
        View[] more = {y.asView(), inputs[1]};
        List<Maps.Call> calls = new ArrayList<>();
        calls.add(new Maps.Call(REALS, HALF, inputs, y.asViewToWrite()));
        if (i % 2 == 0) {
          double[] number = {i % 4};
          calls.add(new Maps.Call(REALS, number, more, y.asViewToWrite()));
        }
        sequences.add(calls);
        results.add(y);
      }
      Maps maps = device.kernels().maps();
      Replay replay = device.replay("sequences" + seed + together);
      for (int run = 0; run < 3; run++) {
        replay.begin();
        replay.section(
            () -> {
              if (together) {
                maps.mapAll(sequences);
              } else {
                for (List<Maps.Call> calls : sequences) {
                  calls.forEach(c -> maps.map(c.formula(), c.parameters(), c.inputs(), c.y()));
                }
              }
            });
      }
      return results.stream()
          .flatMapToDouble(y -> DoubleStream.of(y.to(DType.F32).toDoubles()))
          .toArray();
    }
  }

  @Test
  void foldsOfRealNumbers() {
    SplittableRandom random = new SplittableRandom(4);
    for (int round = 0; round < 150; round++) {
      long seed = random.nextLong();
      double[] expected = fold(REFERENCE, seed);
      double scale = 1 + Arrays.stream(expected).map(Math::abs).max().orElse(0);
      assertArrayEquals(expected, fold(device(), seed), 1e-5 * scale, "round " + round);
    }
  }

  private static double[] fold(Device device, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Scope scope = Scope.open()) {
      Tensor a = view(device, random);
      int[] dims = a.shape().dims();
      Tensor b = like(device, random, dims);
      int[] to = Arrays.stream(dims).map(d -> random.nextBoolean() ? 1 : d).toArray();
      Tensor y = device.uninitialized(to);
      Reducer[] reducers = {Reducer.SUM, Reducer.MAX, Reducer.MIN};
      View[] inputs = {a.asView(), b.asView()};
      device
          .kernels()
          .maps()
          .reduce(reducers[random.nextInt(3)], REALS, HALF, inputs, y.asViewToWrite());
      return y.toDoubles();
    }
  }

  @Test
  void integersAndBooleans() {
    assertArrayEquals(integers(REFERENCE), integers(device()));
  }

  private static int[] integers(Device device) {
    try (Scope scope = Scope.open()) {
      SplittableRandom random = new SplittableRandom(5);
      Tensor a = device.tensor(random.ints(35, -9, 9).toArray(), 5, 7);
      Tensor b = device.tensor(random.ints(7, -9, 9).toArray(), 7).expand(5, 7);
      View[] inputs = {a.flip(1).asView(), b.asView()};
      Tensor mapped = device.uninitialized(DType.I32, Shape.of(5, 7));
      device.kernels().maps().map(INTEGERS, NONE, inputs, mapped.asViewToWrite());
      int[] result = mapped.toInts();
      for (Reducer reducer : new Reducer[] {Reducer.SUM, Reducer.MAX, Reducer.MIN}) {
        Tensor folded = device.uninitialized(DType.I32, Shape.of(5, 1));
        device.kernels().maps().reduce(reducer, INTEGERS, NONE, inputs, folded.asViewToWrite());
        result = concatenate(result, folded.toInts());
      }
      Tensor negative = a.lt(0);
      result = concatenate(result, negative.to(DType.I32).toInts());
      result = concatenate(result, negative.any(1).to(DType.I32).toInts());
      result = concatenate(result, negative.all(0).to(DType.I32).toInts());
      return concatenate(result, Tensor.where(negative, a.neg(), a).toInts());
    }
  }

  private static int[] concatenate(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  @Test
  void crossEntropyOfIgnoredSamplesAloneIsNan() {
    try (Scope scope = Scope.open()) {
      Tensor x = dense(device(), new SplittableRandom(3), new int[] {2, 3});
      Tensor none = device().tensor(new int[] {-100, -100}, 2);
      assertTrue(Double.isNaN(CrossEntropyOp.crossEntropy(x, none).item()));
    }
  }

  @Test
  void cascades() {
    SplittableRandom random = new SplittableRandom(9);
    for (int round = 0; round < 200; round++) {
      long seed = random.nextLong();
      double[] expected = cascade(REFERENCE, seed);
      double scale = 1 + Arrays.stream(expected).map(Math::abs).max().orElse(0);
      assertArrayEquals(expected, cascade(device(), seed), 1e-5 * scale, "round " + round);
    }
  }

  /** Every kind of pass, with inputs and outputs that are views; the second writes an input. */
  private static double[] cascade(Device device, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Scope scope = Scope.open()) {
      Tensor a = view(device, random).copy();
      int[] dims = a.shape().dims();
      Tensor b = like(device, random, dims);
      int[] to = Arrays.stream(dims).map(d -> random.nextBoolean() ? 1 : d).toArray();
      Tensor whole = device.zeros(Arrays.stream(dims).map(d -> 2 * d + 1).toArray());
      Tensor y = whole;
      int count = 1;
      for (int d = 0; d < dims.length; d++) {
        y = y.slice(d, 1, Integer.MAX_VALUE, 2);
        count *= to[d] == 1 ? dims[d] : 1;
      }
      Tensor[] rows = new Tensor[5];
      View[] room = new View[5];
      for (int k = 0; k < 5; k++) {
        rows[k] = device.zeros(to);
        room[k] = rows[k].asViewToWrite();
      }
      device
          .kernels()
          .maps()
          .cascade(
              CASCADE,
              new double[] {count},
              new View[] {a.asView(), b.asView()},
              new View[] {y.asViewToWrite(), a.asViewToWrite()},
              room);
      return Arrays.stream(new Tensor[] {whole, a, rows[0], rows[1], rows[4]})
          .flatMapToDouble(t -> Arrays.stream(t.toDoubles()))
          .toArray();
    }
  }

  /** A tensor of up to four dimensions, permuted, reversed, with gaps or repeated. */
  private static Tensor view(Device device, SplittableRandom random) {
    int[] dims = new int[random.nextInt(5)];
    for (int d = 0; d < dims.length; d++) {
      dims[d] = 1 + random.nextInt(dims.length < 3 ? 40 : 9);
    }
    return changed(dense(device, random, dims), random);
  }

  /** Another tensor of a shape, some of whose dimensions repeat one element. */
  private static Tensor like(Device device, SplittableRandom random, int[] dims) {
    int[] own = Arrays.stream(dims).map(d -> random.nextInt(4) == 0 ? 1 : d).toArray();
    return dense(device, random, own).expand(dims);
  }

  private static Tensor dense(Device device, SplittableRandom random, int[] dims) {
    int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return device.tensor(values, dims);
  }

  private static Tensor changed(Tensor x, SplittableRandom random) {
    Tensor y = x;
    int rank = x.shape().rank();
    for (int i = 0; i < rank; i++) {
      int d = random.nextInt(rank);
      y =
          switch (random.nextInt(4)) {
            case 0 -> y.transpose(d, random.nextInt(rank));
            case 1 -> y.flip(d);
            case 2 -> y.slice(d, random.nextInt(y.dim(d)), Integer.MAX_VALUE, 2);
            default -> y;
          };
    }
    return y;
  }
}
