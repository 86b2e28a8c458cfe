package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.WindowPartitionOp;
import tangram.tensor.op.WindowShape;

/** Operations that move elements; those that only copy must copy exactly. */
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
    "3, 30, 33, 19, 7, 3",
    "3, 16, 8, 12, 8, 4"
  })
  void windows(int n, int h, int w, int c, int window, int shift) {
    WindowShape shape = new WindowShape(n, h, w, c, window, shift);
    int windows = n * shape.rows() * shape.cols();
    double[] map = normal(11, n * h * w * c);
    double[] expected = new double[windows * window * window * c];
    for (int pixel = 0; pixel < n * h * w; pixel++) {
      // Rolling moves row i to row i - shift, and the first rows to the end; columns likewise.
      int row = Math.floorMod(pixel / w % h - shape.shiftH(), shape.rows() * window);
      int col = Math.floorMod(pixel % w - shape.shiftW(), shape.cols() * window);
      int at = (pixel / w / h * shape.rows() + row / window) * shape.cols() + col / window;
      int token = (at * window + row % window) * window + col % window;
      System.arraycopy(map, pixel * c, expected, token * c, c);
    }
    try (Scope scope = Scope.open()) {
      Tensor x = device().tensor(map, n, h, w, c);
      Tensor y = WindowPartitionOp.windowPartition(x, window, shift);
      assertArrayEquals(expected, y.toDoubles());
      Tensor back = WindowPartitionOp.windowReverse(y, n, h, w, window, shift);
      assertArrayEquals(map, back.toDoubles());
    }
  }

  /** The 3x3 map is padded to 4x4 and rolled by one, which puts 5 at the top left. */
  @Test
  void paddedWindows() {
    assertWindows(
        new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9},
        3,
        5,
        6,
        8,
        9,
        0,
        4,
        0,
        7,
        0,
        0,
        2,
        3,
        0,
        0,
        0,
        1);
  }

  /** Two rows fit a window of two and are not rolled; four columns are. */
  @Test
  void anAxisOfOneWindowIsNotShifted() {
    assertWindows(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 3, 6, 7, 4, 1, 8, 5);
  }

  private void assertWindows(double[] map, int h, double... expected) {
    try (Scope scope = Scope.open()) {
      Tensor x = device().tensor(map, 1, h, map.length / h, 1);
      assertArrayEquals(expected, WindowPartitionOp.windowPartition(x, 2, 1).toDoubles());
    }
  }
}
