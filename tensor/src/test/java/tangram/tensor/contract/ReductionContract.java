package tangram.tensor.contract;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums relative to the magnitude of what is summed; softmax also where exp would overflow. */
public abstract class ReductionContract extends KernelContract {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 31, 257, 10007, 300007})
  void sum(int length) {
    check("sum " + length)
        .input("x", normal(1, length))
        .output("y", 1)
        .scale("y", Math.sqrt(length))
        .run((k, b) -> k.reduction().sum(b.get("x"), b.get("y")));
    // All of one sign: adding one by one in single precision would drift.
    check("sum of positive numbers " + length)
        .input("x", uniform(2, length, 0, 1))
        .output("y", 1)
        .run((k, b) -> k.reduction().sum(b.get("x"), b.get("y")));
  }

  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({"1, 1", "1, 17", "19, 1", "3, 5", "7, 96", "300, 33", "4099, 3", "2, 4099"})
  void sumRows(int rows, int cols) {
    check("sumRows " + rows + "x" + cols)
        .input("x", normal(3, rows * cols))
        .output("y", cols)
        .scale("y", Math.sqrt(rows))
        .run((k, b) -> k.reduction().sumRows(rows, cols, b.get("x"), b.get("y")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({"1, 1, 1", "2, 3, 1", "1, 5, 49", "3, 1, 17", "12, 7, 63", "2, 96, 49", "4, 2, 4099"})
  void sumChannels(int n, int c, int hw) {
    check("sumChannels " + n + "x" + c + "x" + hw)
        .input("x", normal(4, n * c * hw))
        .output("y", c)
        .scale("y", Math.sqrt(n * hw))
        .run((k, b) -> k.reduction().sumChannels(n, c, hw, b.get("x"), b.get("y")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({
    "1, 1, 1",
    "1, 4, 1",
    "3, 1, 5",
    "2, 4, 49",
    "5, 17, 1",
    "37, 49, 1",
    "2, 3, 1031",
    "1, 100, 7",
    "12, 4, 256"
  })
  void softmaxAndArgmax(int outer, int k, int inner) {
    String size = outer + "x" + k + "x" + inner;
    int count = outer * k * inner;
    double[] x = uniform(5, count, -6, 6);
    double[] y = softmax("softmax " + size, outer, k, inner, x);
    check("softmax backward " + size)
        .input("y", y)
        .input("gy", normal(6, count))
        .output("gx", count)
        .scale("gx", largest(y))
        .run(
            (kernels, b) ->
                kernels
                    .reduction()
                    .softmaxBackward(outer, k, inner, b.get("y"), b.get("gy"), b.get("gx")));
    argmax("argmax " + size, outer, k, inner, x);
    // Few different values: most maxima are ties, and the first wins.
    double[] ties = new double[count];
    int[] values = integers(7, count, -2, 1);
    for (int i = 0; i < count; i++) {
      ties[i] = values[i];
    }
    argmax("argmax with ties " + size, outer, k, inner, ties);
  }

  @Test
  void softmaxOfLargeNumbers() {
    softmax("around 1000", 2, 5, 3, uniform(8, 30, 995, 1005));
    softmax("around -1000", 2, 5, 3, uniform(9, 30, -1005, -995));
    softmax("far apart", 3, 7, 5, uniform(10, 105, -300, 300));
    double[] masked = uniform(11, 4 * 9, -2, 2);
    for (int i = 0; i < masked.length; i += 2) {
      masked[i] -= 100;
      masked[i] = (float) masked[i];
    }
    softmax("masked by -100", 4, 9, 1, masked);
  }

  private double[] softmax(String what, int outer, int k, int inner, double[] x) {
    return check(what)
        .input("x", x)
        .output("y", outer * k * inner)
        .run((kernels, b) -> kernels.reduction().softmax(outer, k, inner, b.get("x"), b.get("y")))
        .rounded("y");
  }

  private void argmax(String what, int outer, int k, int inner, double[] x) {
    check(what)
        .input("x", x)
        .outputInts("y", outer * inner)
        .run((kernels, b) -> kernels.reduction().argmax(outer, k, inner, b.get("x"), b.get("y")));
  }
}
