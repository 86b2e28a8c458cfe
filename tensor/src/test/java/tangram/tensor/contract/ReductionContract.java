package tangram.tensor.contract;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Softmax, also where exp would overflow. */
public abstract class ReductionContract extends KernelContract {
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
  void softmax(int outer, int k, int inner) {
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
}
