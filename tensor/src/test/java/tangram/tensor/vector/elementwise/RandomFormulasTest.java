package tangram.tensor.vector.elementwise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.Parallel;

/** A formula has one result: with any number of threads, and whether a loop is generated or not. */
class RandomFormulasTest {
  private static final int FORMULAS = 10_000;
  private static final Device DEVICE = Devices.get("vector");
  private static final Maps MAPS = DEVICE.kernels().maps();
  private static final int INPUTS = 3;
  private static final int PARAMETERS = 2;

  private final int threads = Parallel.threads();
  private final SplittableRandom random = new SplittableRandom(20260501);

  @AfterEach
  void threadsAsBefore() {
    Parallel.setThreads(threads);
  }

  @Test
  void generatedLoopsHaveTheBitsOfSharedOnes() {
    int compiled = 0;
    for (int i = 0; i < FORMULAS; i++) {
      Formula formula = formula();
      Program program = formula.program();
      if (!LoopCompiler.canCompile(program)) {
        continue;
      }
      compiled++;
      int n = random.nextInt(1, 150);
      try (Scope scope = Scope.open()) {
        View[] x = inputs(DType.F32, n);
        double[] parameters = {random.nextDouble(-2, 2), random.nextInt(-2, 3)};
        // Each formula is one of its own, so that the other has not used its loop yet.
        View shared = run(new TileProgram(program), parameters, x, n);
        TileProgram generated = new TileProgram(program);
        generated.use(generated.compile());
        View own = run(generated, parameters, x, n);
        assertBits(shared, own, n, () -> program.steps().toString());
      }
    }
    assertTrue(compiled > FORMULAS / 2, compiled + " formulas were compiled");
  }

  private static View run(TileProgram program, double[] parameters, View[] x, int n) {
    Domain domain = Domain.of(DType.F32);
    View y = DEVICE.zeros(n).asViewToWrite();
    Walk walk = new Walk(new View[] {y, x[0], x[1], x[2]});
    Frame frame = Frame.prepared(program, domain, parameters);
    for (int i = 0; i < INPUTS; i++) {
      frame.load(walk, i + 1, x[i], i, 0, 0, n);
    }
    frame.compute(program, walk, 0, y, 0, n);
    return y;
  }

  @Test
  void anyNumberOfThreads() {
    for (int i = 0; i < FORMULAS; i++) {
      Formula formula = formula();
      DType type = random.nextInt(4) == 0 ? DType.F64 : DType.F32;
      // Some are long enough for a fold of several parts.
      int rows = random.nextInt(1, 40);
      int columns = random.nextInt(200) == 0 ? 9000 : random.nextInt(1, 100);
      try (Scope scope = Scope.open()) {
        View[] x = inputs(type, rows, columns);
        double[] parameters = {random.nextDouble(-2, 2), random.nextInt(-2, 3)};
        Reducer reducer = Reducer.values()[random.nextInt(4)];
        int[] kept = {random.nextBoolean() ? 1 : rows, random.nextBoolean() ? 1 : columns};
        View mapped = null;
        View folded = null;
        for (int count = 1; count <= 4; count++) {
          Parallel.setThreads(count);
          View y = DEVICE.uninitialized(type, Shape.of(rows, columns)).asViewToWrite();
          MAPS.map(formula, parameters, x, y);
          View z = DEVICE.uninitialized(type, Shape.of(kept)).asViewToWrite();
          MAPS.reduce(reducer, formula, parameters, x, z);
          if (count == 1) {
            mapped = y;
            folded = z;
          } else {
            String what = formula.program().steps() + " with " + count + " threads";
            assertBits(mapped, y, rows * columns, () -> what);
            assertBits(folded, z, z.size(), () -> reducer + " of " + what);
          }
        }
      }
    }
  }

  private static void assertBits(
      View expected, View actual, int n, java.util.function.Supplier<String> what) {
    assertArrayEquals(bits(expected, n), bits(actual, n), what);
  }

  private static long[] bits(View view, int n) {
    long[] bits = new long[n];
    for (int i = 0; i < n; i++) {
      int at = view.offset() + i;
      bits[i] =
          view.type() == DType.F64
              ? Double.doubleToLongBits(((double[]) view.buffer().storage())[at])
              : Float.floatToIntBits(view.buffer().floats()[at]);
    }
    return bits;
  }

  private View[] inputs(DType type, int... dims) {
    View[] views = new View[INPUTS];
    int n = Shape.of(dims).size();
    for (int i = 0; i < INPUTS; i++) {
      double[] values = random.doubles(n, -3, 3).toArray();
      if (n > 3) {
        values[random.nextInt(n)] = Double.NaN;
        values[random.nextInt(n)] = Double.NEGATIVE_INFINITY;
        values[random.nextInt(n)] = 0;
      }
      Tensor x = DEVICE.uninitialized(type, Shape.of(dims));
      views[i] = x.copyFrom(values, 0).asView();
    }
    return views;
  }

  private Formula formula() {
    return Formula.of(INPUTS, PARAMETERS, (x, p) -> expression(x, p, random.nextInt(1, 6)));
  }

  private Expr expression(Expr[] x, Expr[] p, int depth) {
    int kind = random.nextInt(10);
    if (depth == 0 || kind == 0) {
      return kind < 2
          ? p[random.nextInt(PARAMETERS)]
          : kind == 2 ? Expr.of(random.nextInt(-2, 3)) : x[random.nextInt(INPUTS)];
    }
    if (kind < 4) {
      // Mostly those that have a vector form.
      UnaryOp[] all = UnaryOp.values();
      UnaryOp[] common = {
        UnaryOp.NEG,
        UnaryOp.ABS,
        UnaryOp.SQRT,
        UnaryOp.EXP,
        UnaryOp.LOG,
        UnaryOp.TANH,
        UnaryOp.SIGMOID
      };
      UnaryOp op =
          random.nextInt(12) == 0
              ? all[random.nextInt(all.length)]
              : common[random.nextInt(common.length)];
      return new Expr.Unary(op, expression(x, p, depth - 1));
    }
    if (kind == 4) {
      return Expr.where(
          expression(x, p, depth - 1), expression(x, p, depth - 1), expression(x, p, depth - 1));
    }
    BinaryOp[] all = BinaryOp.values();
    BinaryOp[] common = {
      BinaryOp.ADD,
      BinaryOp.SUB,
      BinaryOp.MUL,
      BinaryOp.DIV,
      BinaryOp.MAX,
      BinaryOp.MIN,
      BinaryOp.LT,
      BinaryOp.LE,
      BinaryOp.EQ,
      BinaryOp.NE
    };
    BinaryOp op =
        random.nextInt(12) == 0
            ? all[random.nextInt(all.length)]
            : common[random.nextInt(common.length)];
    return new Expr.Binary(op, expression(x, p, depth - 1), expression(x, p, depth - 1));
  }
}
