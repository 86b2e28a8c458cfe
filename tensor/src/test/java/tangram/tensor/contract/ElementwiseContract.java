package tangram.tensor.contract;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Element-wise kernels at lengths around every vector width, and at one that is split. */
public abstract class ElementwiseContract extends KernelContract {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 97, 10007, 200003})
  void all(int length) {
    double[] a = normal(1, length);
    double[] b = normal(2, length);
    check("fill " + length)
        .output("y", length)
        .run((k, at) -> k.elementwise().fill(at.get("y"), -0.75));
    check("copy " + length)
        .input("x", a)
        .output("y", length)
        .tolerance(0)
        .run((k, at) -> k.elementwise().copy(at.get("x"), at.get("y")));
    check("copyInts " + length)
        .input("x", integers(3, length, Integer.MIN_VALUE / 2, Integer.MAX_VALUE / 2))
        .outputInts("y", length)
        .run((k, at) -> k.elementwise().copyInts(at.get("x"), at.get("y")));
    check("add " + length)
        .input("a", a)
        .input("b", b)
        .output("y", length)
        .run((k, at) -> k.elementwise().add(at.get("a"), at.get("b"), at.get("y")));
    check("add to the first " + length)
        .updated("a", a)
        .input("b", b)
        .run((k, at) -> k.elementwise().add(at.get("a"), at.get("b"), at.get("a")));
    check("add to the second " + length)
        .input("a", a)
        .updated("b", b)
        .run((k, at) -> k.elementwise().add(at.get("a"), at.get("b"), at.get("b")));
    check("scale " + length)
        .input("x", a)
        .input("s", new double[] {-1.5})
        .output("y", length)
        .run((k, at) -> k.elementwise().scale(at.get("x"), at.get("s"), at.get("y")));
    check("lerp " + length)
        .input("a", a)
        .input("b", b)
        .output("y", length)
        .run((k, at) -> k.elementwise().lerp(at.get("a"), at.get("b"), 0.4, at.get("y")));
    check("multiply " + length)
        .input("x", a)
        .output("y", length)
        .run((k, at) -> k.elementwise().multiply(at.get("x"), 0.3, at.get("y")));
    double[] y =
        check("relu " + length)
            .input("x", a)
            .output("y", length)
            .tolerance(0)
            .run((k, at) -> k.elementwise().relu(at.get("x"), at.get("y")))
            .rounded("y");
    check("relu backward " + length)
        .input("y", y)
        .input("gy", b)
        .output("gx", length)
        .tolerance(0)
        .run((k, at) -> k.elementwise().reluBackward(at.get("y"), at.get("gy"), at.get("gx")));
    gelu(a, b);
  }

  /** From the far tails to zero, where a poor erf shows. */
  @Test
  void geluTails() {
    int length = 2001;
    double[] x = new double[length];
    double[] gy = new double[length];
    for (int i = 0; i < length; i++) {
      x[i] = (float) ((i - length / 2) * 0.01);
      gy[i] = 1;
    }
    gelu(x, gy);
  }

  /** Errors relative to the largest element would hide the tails: they are checked alone. */
  @Test
  void geluOfVeryNegativeNumbersIsSmall() {
    double[] x = {-3.5, -4, -4.5, -5, -5.5};
    check("gelu tail")
        .input("x", x)
        .output("y", x.length)
        .tolerance(1e-3)
        .run((k, at) -> k.elementwise().gelu(at.get("x"), at.get("y")));
  }

  private void gelu(double[] x, double[] gy) {
    check("gelu " + x.length)
        .input("x", x)
        .output("y", x.length)
        .scale("y", 1)
        .tolerance(2e-6)
        .run((k, at) -> k.elementwise().gelu(at.get("x"), at.get("y")));
    check("gelu backward " + x.length)
        .input("x", x)
        .input("gy", gy)
        .output("gx", x.length)
        .scale("gx", 1)
        .tolerance(2e-6)
        .run((k, at) -> k.elementwise().geluBackward(at.get("x"), at.get("gy"), at.get("gx")));
  }

  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({"1, 1", "1, 17", "19, 1", "3, 5", "7, 96", "5, 16", "65, 33", "1, 4099", "4099, 1"})
  void rows(int rows, int cols) {
    check("broadcastRows " + rows + "x" + cols)
        .input("v", normal(4, cols))
        .output("y", rows * cols)
        .tolerance(0)
        .run((k, at) -> k.elementwise().broadcastRows(rows, cols, at.get("v"), at.get("y")));
    double[] factors = normal(5, rows);
    factors[rows / 2] = 0;
    check("scaleRows " + rows + "x" + cols)
        .input("x", normal(6, rows * cols))
        .input("s", factors)
        .output("y", rows * cols)
        .run(
            (k, at) ->
                k.elementwise().scaleRows(rows, cols, at.get("x"), at.get("s"), at.get("y")));
  }
}
