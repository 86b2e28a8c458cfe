package tangram.tensor.contract;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.kernel.WindowShape;

/** Kernels that move elements; those that only copy must copy exactly. */
public abstract class LayoutContract extends KernelContract {

  @ParameterizedTest(name = "{0}x{1}x{2}x{3} window {4} shift {5}")
  @CsvSource({
    "1, 1, 1, 1, 1, 0",
    "2, 4, 6, 2, 2, 0",
    "2, 6, 6, 2, 3, 1",
    "1, 8, 8, 96, 4, 2",
    "1, 5, 7, 3, 3, 0",
    "2, 5, 7, 2, 4, 2",
    "1, 3, 9, 2, 4, 2",
    "1, 9, 4, 5, 4, 3",
    "1, 2, 2, 17, 7, 3",
    "1, 14, 14, 6, 7, 3",
    "3, 16, 8, 12, 8, 4"
  })
  void windows(int n, int h, int w, int c, int window, int shift) {
    WindowShape shape = new WindowShape(n, h, w, c, window, shift);
    int pixels = n * h * w * c;
    int tokens = n * shape.rows() * shape.cols() * window * window * c;
    check("partition " + shape)
        .input("x", normal(11, pixels))
        .output("y", tokens)
        .tolerance(0)
        .run((k, b) -> k.layout().windowPartition(shape, b.get("x"), b.get("y")));
    check("reverse " + shape)
        .input("x", normal(12, tokens))
        .output("y", pixels)
        .tolerance(0)
        .run((k, b) -> k.layout().windowReverse(shape, b.get("x"), b.get("y")));
  }
}
