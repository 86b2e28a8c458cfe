package tangram.tensor.contract;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.CounterRandom;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.PoolShape.Axis;
import tangram.tensor.kernel.Sparse;
import tangram.tensor.kernel.Window;

/** Products with sparse matrices along two dimensions, and maxima with their places. */
public abstract class ResamplingContract extends KernelContract {
  /** A matrix as arguments of a call. */
  record Matrix(int rows, int cols, int[] start, int[] column, double[] weight) {
    /** Every row takes at most a number of columns, some of them several times. */
    static Matrix random(int seed, int rows, int cols, int most) {
      CounterRandom random = new CounterRandom(seed, 21, 0, 0);
      int[] start = new int[rows + 1];
      for (int i = 0; i < rows; i++) {
        start[i + 1] = start[i] + random.nextInt(most + 1);
      }
      return new Matrix(
          rows, cols, start, integers(seed, start[rows], 0, cols), normal(seed, start[rows]));
    }

    /** Every row takes its own columns, one after the other, with one weight. */
    static Matrix even(int rows, int cols, double weight) {
      int count = Math.max(rows, cols);
      int[] start = new int[rows + 1];
      int[] column = new int[count];
      double[] weights = new double[count];
      for (int i = 0; i <= rows; i++) {
        start[i] = count / rows * i;
      }
      for (int e = 0; e < count; e++) {
        column[e] = rows > cols ? e / (rows / cols) : e;
        weights[e] = weight;
      }
      return new Matrix(rows, cols, start, column, weights);
    }

    KernelCheck addTo(KernelCheck check, String name) {
      return check
          .input(name + " start", start)
          .input(name + " column", column)
          .input(name + " weight", weight);
    }

    Sparse in(KernelCheck.Buffers b, String name) {
      return new Sparse(
          rows, cols, b.get(name + " start"), b.get(name + " column"), b.get(name + " weight"));
    }
  }

  private void check(int planes, Matrix rows, Matrix cols, int inRows, int inCols) {
    int outRows = rows == null ? inRows : rows.rows;
    int outCols = cols == null ? inCols : cols.rows;
    KernelCheck check =
        check("resample %d, %dx%d to %dx%d".formatted(planes, inRows, inCols, outRows, outCols))
            .input("x", normal(1, planes * inRows * inCols));
    if (rows != null) {
      rows.addTo(check, "rows");
    }
    if (cols != null) {
      cols.addTo(check, "cols");
    }
    check
        .output("y", planes * outRows * outCols)
        .scale("y", 3)
        .run(
            (k, b) ->
                k.resampling()
                    .resample(
                        planes,
                        rows == null ? Sparse.identity(inRows) : rows.in(b, "rows"),
                        cols == null ? Sparse.identity(inCols) : cols.in(b, "cols"),
                        b.get("x"),
                        b.get("y")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2} to {3}x{4}")
  @CsvSource({
    "1, 1, 1, 1, 1",
    "3, 5, 7, 4, 9",
    "2, 8, 40, 16, 80",
    "2, 16, 80, 8, 40",
    "5, 33, 66, 11, 22",
    "40, 31, 29, 64, 64",
    "2, 3, 200, 3, 100"
  })
  void resample(int planes, int h, int w, int outH, int outW) {
    for (int most = 1; most <= 9; most += 4) {
      Matrix rows = Matrix.random(2, outH, h, most);
      Matrix cols = Matrix.random(3, outW, w, most);
      check(planes, rows, cols, h, w);
      check(planes, rows, null, h, w);
      check(planes, null, cols, h, w);
    }
    Matrix evenRows = outH % h == 0 || h % outH == 0 ? Matrix.even(outH, h, 1) : null;
    Matrix evenCols = outW % w == 0 || w % outW == 0 ? Matrix.even(outW, w, 1) : null;
    check(planes, evenRows, evenCols, h, w);
    check(planes, evenRows, outW * 2 == w ? Matrix.even(outW, w, 0.5) : evenCols, h, w);
  }

  @ParameterizedTest(name = "{0}x{1}x{2} kernel {3} stride {4} padding {5}")
  @CsvSource({
    "1, 1, 1, 1, 1, 0",
    "1, 1, 1, 3, 2, 1",
    "6, 7, 8, 3, 2, 1",
    "3, 16, 16, 3, 2, 1",
    "2, 9, 5, 2, 2, 0",
    "2, 6, 11, 3, 1, 1",
    "96, 7, 7, 3, 2, 1",
    "1, 64, 33, 3, 2, 1",
    "2, 5, 5, 5, 3, 2"
  })
  void maxPool(int planes, int h, int w, int kernel, int stride, int padding) {
    maxPool(new PoolShape(planes, h, w, kernel, stride, padding));
  }

  @Test
  void maxPoolOfAnyWindow() {
    CounterRandom random = new CounterRandom(5, 22, 0, 0);
    for (int draw = 0; draw < 60; draw++) {
      Axis[] axes = new Axis[3];
      for (int d = 0; d < 3; d++) {
        int size = 1 + random.nextInt(d == 2 ? 30 : 8);
        if (random.nextInt(3) == 0) {
          axes[d] = Axis.adaptive(size, 1 + random.nextInt(9));
          continue;
        }
        int kernel = 1 + random.nextInt(4);
        int dilation = 1 + random.nextInt(kernel > 1 && size > 4 ? 2 : 1);
        int reach = dilation * (kernel - 1) + 1;
        int padding = random.nextInt(Math.min(reach / 2, size) + 1);
        int end = padding + Math.max(0, reach - size - 2 * padding);
        axes[d] = new Axis(new Window(size, kernel, 1 + random.nextInt(3), padding, end, dilation));
      }
      PoolShape shape;
      try {
        shape = new PoolShape(1 + random.nextInt(3), axes[0], axes[1], axes[2]);
      } catch (IllegalArgumentException e) {
        // A window that meets padding alone.
        continue;
      }
      maxPool(shape);
    }
  }

  private void maxPool(PoolShape shape) {
    int inputs = shape.planes() * shape.inputVolume();
    maxPool(shape.toString(), shape, normal(13, inputs));
    // Few different values: the first of the largest wins, in reading order.
    double[] ties = Arrays.stream(integers(14, inputs, -2, 1)).asDoubleStream().toArray();
    maxPool(shape + " with ties", shape, ties);
    // Padding must not win over negative numbers, however low.
    maxPool(shape + " of low numbers", shape, uniform(15, inputs, -3e38, -1e38));
    double[] special = ties.clone();
    int[] kinds = integers(16, inputs, 0, 12);
    for (int i = 0; i < inputs; i++) {
      special[i] =
          kinds[i] == 0 ? Double.NaN : kinds[i] < 4 ? Double.NEGATIVE_INFINITY : special[i];
    }
    check("places of maxima with NaN and infinities")
        .input("x", special)
        .scratch("y", new double[shape.planes() * shape.outputVolume()])
        .outputInts("index", shape.planes() * shape.outputVolume())
        .run((k, b) -> k.resampling().maxPool(shape, b.get("x"), b.get("y"), b.get("index")));
  }

  private void maxPool(String what, PoolShape shape, double[] x) {
    int outputs = shape.planes() * shape.outputVolume();
    int[] index =
        check("maxPool " + what)
            .input("x", x)
            .output("y", outputs)
            .outputInts("index", outputs)
            .tolerance(0)
            .run((k, b) -> k.resampling().maxPool(shape, b.get("x"), b.get("y"), b.get("index")))
            .ints("index");
    check("maxPool backward " + what)
        .input("gy", normal(16, outputs))
        .input("index", index)
        .output("gx", shape.planes() * shape.inputVolume())
        .scale("gx", 3)
        .run(
            (k, b) ->
                k.resampling().maxPoolBackward(shape, b.get("gy"), b.get("index"), b.get("gx")));
  }
}
