package tangram.tensor.vector.elementwise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.View;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.kernel.Reducer;

/** Formulas over views of every kind against plain loops in double precision. */
class VectorMapsTest {
  private static final Device DEVICE = Devices.get("vector");
  private static final double[] NONE = {};
  private final VectorMaps maps = new VectorMaps();
  private final SplittableRandom random = new SplittableRandom(7);

  /** Every operator for ordinary numbers and for those at the edges. */
  @Test
  void everyOperator() {
    double[] edges = {
      0,
      -0.0,
      1,
      -1,
      0.5,
      1e-30,
      -1e-30,
      1e-42,
      1e30,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      88,
      -88,
      -95,
      100,
      0.3,
      2.5,
      3.5,
      0.624,
      0.626
    };
    float[] a = new float[2000];
    float[] b = new float[2000];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) (i < 441 ? edges[i % 21] : random.nextDouble(-5, 5));
      b[i] = (float) (i < 441 ? edges[i / 21] : random.nextDouble(-3, 3));
    }
    View[] views = {dense(a, a.length), dense(b, b.length)};
    for (UnaryOp op : UnaryOp.values()) {
      check(op.toString(), Formula.of(2, x -> new Expr.Unary(op, x[0])), views, a, b);
    }
    for (BinaryOp op : BinaryOp.values()) {
      check(op.toString(), Formula.of(2, x -> new Expr.Binary(op, x[0], x[1])), views, a, b);
    }
    check("where", Formula.of(2, x -> Expr.where(x[0], x[1], Expr.of(3))), views, a, b);
  }

  private void check(String what, Formula formula, View[] views, float[] a, float[] b) {
    View y = dense(new float[a.length], a.length);
    maps.map(formula, NONE, views, y);
    // Far out these are exponentials of large numbers, whose rounding counts.
    double tolerance = what.equals("ERFC") || what.startsWith("GELU") ? 2e-6 : 4e-7;
    double floor = what.equals("GELU_SLOPE") ? 3e-7 : Float.MIN_VALUE;
    for (int i = 0; i < a.length; i++) {
      double expected =
          (float)
              formula
                  .program()
                  .evaluate(
                      NONE,
                      new double[] {a[i], b[i]},
                      new double[formula.program().steps().size()]);
      double actual = y.buffer().floats()[y.offset() + i];
      double error = Math.abs(actual - expected);
      assertTrue(
          Double.compare(actual, expected) == 0
              || actual == expected
              || error <= tolerance * Math.abs(expected) + floor,
          what + "(" + a[i] + ", " + b[i] + ") = " + actual + ", not " + expected);
    }
  }

  @Test
  void viewsOfEveryKind() {
    Formula formula = Formula.of((a, b) -> a.mul(b).add(a));
    for (int round = 0; round < 400; round++) {
      int[] dims = dims(round % 5 == 0 ? 2000 : 40);
      View a = view(dims);
      View b = view(dims);
      View y = output(dims);
      float[] before = y.buffer().floats().clone();
      maps.map(formula, NONE, new View[] {a, b}, y);
      boolean[] written = new boolean[before.length];
      int[] at = new int[dims.length];
      for (int i = 0; i < y.size(); i++, next(at, dims)) {
        float x = read(a, at);
        assertEquals(x * read(b, at) + x, read(y, at), Arrays.toString(dims));
        written[place(y, at)] = true;
      }
      for (int i = 0; i < before.length; i++) {
        assertTrue(written[i] || before[i] == y.buffer().floats()[i], "a neighbour was written");
      }
    }
  }

  @Test
  void reductionsOverAnyAxes() {
    Formula formula = Formula.of((a, b) -> a.mul(b));
    for (int round = 0; round < 600; round++) {
      int[] dims = dims(round % 6 == 0 ? 3000 : 40);
      View a = view(dims);
      View b = view(dims);
      int[] to = dims.clone();
      for (int d = 0; d < to.length; d++) {
        to[d] = random.nextBoolean() ? 1 : to[d];
      }
      View y = output(to);
      Reducer reducer = Reducer.values()[random.nextInt(round % 6 == 0 ? 1 : 4)];
      maps.reduce(reducer, formula, NONE, new View[] {a, b}, y);
      double[] expected = new double[y.size()];
      double[] magnitude = new double[y.size()];
      Arrays.fill(expected, reducer.identity());
      int[] at = new int[dims.length];
      for (int i = 0; i < a.size(); i++, next(at, dims)) {
        int r = 0;
        for (int d = 0; d < dims.length; d++) {
          r = r * to[d] + (to[d] == 1 ? 0 : at[d]);
        }
        double value = read(a, at) * read(b, at);
        expected[r] = reducer.combine(expected[r], value);
        magnitude[r] += Math.abs(value);
      }
      int[] result = new int[to.length];
      for (int r = 0; r < expected.length; r++, next(result, to)) {
        double scale = reducer == Reducer.SUM ? magnitude[r] : Math.abs(expected[r]);
        double tolerance = reducer == Reducer.PRODUCT ? 1e-5 : 2e-6;
        assertEquals(
            (float) expected[r],
            read(y, result),
            tolerance * scale + 1e-30,
            reducer + " of " + Arrays.toString(dims) + " to " + Arrays.toString(to));
      }
    }
  }

  @Test
  void generatedLoopsHaveTheSameBits() {
    for (int round = 0; round < 300; round++) {
      Formula formula = Formula.of(3, x -> tree(x, 1 + random.nextInt(5)));
      if (!LoopCompiler.canCompile(formula.program())) {
        continue;
      }
      int n = 1 + random.nextInt(70);
      float[][] arrays = new float[3][n];
      for (float[] array : arrays) {
        for (int i = 0; i < n; i++) {
          array[i] =
              i % 9 == 8
                  ? new float[] {0, Float.NaN, Float.POSITIVE_INFINITY}[random.nextInt(3)]
                  : (float) random.nextDouble(-3, 3);
        }
      }
      View y = dense(new float[n], n);
      View[] views = {dense(arrays[0], n), dense(arrays[1], n), dense(arrays[2], n)};
      maps.map(formula, NONE, views, y);
      float[] generated = new float[n];
      LoopCompiler.compile(formula.program()).run(NONE, arrays, new int[3], generated, 0, n);
      float[] tiles = Arrays.copyOfRange(y.buffer().floats(), y.offset(), y.offset() + n);
      assertArrayEquals(generated, tiles, formula.toString());
    }
  }

  private Expr tree(Expr[] x, int depth) {
    if (depth == 0) {
      int leaf = random.nextInt(4);
      return leaf == 3 ? Expr.of(random.nextInt(-2, 3)) : x[leaf];
    }
    int kind = random.nextInt(6);
    if (kind == 0) {
      return Expr.where(tree(x, depth - 1), tree(x, depth - 1), tree(x, depth - 1));
    }
    if (kind < 3) {
      List<UnaryOp> ops =
          List.of(
              UnaryOp.NEG,
              UnaryOp.ABS,
              UnaryOp.SQRT,
              UnaryOp.EXP,
              UnaryOp.LOG,
              UnaryOp.TANH,
              UnaryOp.SIGMOID);
      return new Expr.Unary(ops.get(random.nextInt(ops.size())), tree(x, depth - 1));
    }
    List<BinaryOp> ops = new ArrayList<>(List.of(BinaryOp.values()));
    ops.removeAll(List.of(BinaryOp.POW, BinaryOp.ATAN2, BinaryOp.FLOOR_DIVIDE, BinaryOp.REMAINDER));
    return new Expr.Binary(
        ops.get(random.nextInt(ops.size())), tree(x, depth - 1), tree(x, depth - 1));
  }

  private int[] dims(int largest) {
    int[] dims = new int[random.nextInt(largest > 100 ? 1 : 0, largest > 100 ? 4 : 5)];
    int size = 1;
    for (int d = 0; d < dims.length; d++) {
      dims[d] = Math.min(1 + random.nextInt(largest), Math.max(1, 200_000 / size));
      if (largest < 100 && random.nextInt(30) == 0) {
        dims[d] = 0;
      }
      size *= Math.max(1, dims[d]);
    }
    return dims;
  }

  /** A view for reading: permuted, reversed, repeated or with gaps. */
  private View view(int[] dims) {
    View view = output(dims);
    float[] values = view.buffer().floats();
    for (int i = 0; i < view.buffer().length(); i++) {
      values[view.buffer().offset() + i] = (float) random.nextDouble(0.5, 1.5);
    }
    int[] strides = view.strides().clone();
    for (int d = 0; d < strides.length; d++) {
      strides[d] = random.nextInt(5) == 0 ? 0 : strides[d];
    }
    return new View(DType.F32, view.buffer(), view.offset(), dims, strides);
  }

  /** A view whose elements are all distinct. */
  private View output(int[] dims) {
    int rank = dims.length;
    List<Integer> order = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      order.add(random.nextInt(3) == 0 ? random.nextInt(order.size() + 1) : order.size(), d);
    }
    int[] strides = new int[rank];
    int offset = 0;
    int step = random.nextInt(4) == 0 ? 2 : 1;
    for (int k = rank - 1; k >= 0; k--) {
      int d = order.get(k);
      boolean reverse = random.nextInt(6) == 0 && dims[d] > 0;
      strides[d] = reverse ? -step : step;
      offset += reverse ? (dims[d] - 1) * step : 0;
      step *= Math.max(1, dims[d]) + (random.nextInt(6) == 0 ? 1 : 0);
    }
    var buffer = DEVICE.tensor(new float[step + 2], step + 2).buffer();
    return new View(DType.F32, buffer, buffer.offset() + offset + 1, dims, strides);
  }

  private static View dense(float[] values, int... dims) {
    return View.dense(DType.F32, DEVICE.tensor(values, dims).buffer(), dims);
  }

  private static float read(View view, int[] at) {
    return view.buffer().floats()[place(view, at)];
  }

  private static int place(View view, int[] at) {
    int place = view.offset();
    for (int d = 0; d < at.length; d++) {
      place += at[d] * view.strides()[d];
    }
    return place;
  }

  private static void next(int[] at, int[] dims) {
    for (int d = at.length - 1; d >= 0; d--) {
      if (++at[d] < dims[d]) {
        return;
      }
      at[d] = 0;
    }
  }
}
