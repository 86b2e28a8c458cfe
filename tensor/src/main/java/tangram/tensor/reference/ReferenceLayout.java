package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.WindowShape;

/** Element by element: where does it come from, where does it go. */
final class ReferenceLayout implements Layout {

  @Override
  public void windowPartition(WindowShape shape, Buffer xBuffer, Buffer yBuffer) {
    Reals x = image(shape, xBuffer);
    Reals y = windows(shape, yBuffer);
    y.fill(0);
    visitWindows(
        shape,
        (n, i, j, window, token) -> {
          for (int c = 0; c < shape.c(); c++) {
            y.set(window, token, c, x.get(n, i, j, c));
          }
        });
  }

  @Override
  public void windowReverse(WindowShape shape, Buffer xBuffer, Buffer yBuffer) {
    Reals x = windows(shape, xBuffer);
    Reals y = image(shape, yBuffer);
    visitWindows(
        shape,
        (n, i, j, window, token) -> {
          for (int c = 0; c < shape.c(); c++) {
            y.set(n, i, j, c, x.get(window, token, c));
          }
        });
  }

  /** One pixel and its place in the windows. */
  private interface Placement {
    void visit(int n, int i, int j, int window, int token);
  }

  /**
   * Rolling by -shift moves row i of the padded map to row {@code i - shift}, and the first rows to
   * the end; columns likewise.
   */
  private static void visitWindows(WindowShape shape, Placement placement) {
    int side = shape.window();
    int paddedH = shape.rows() * side;
    int paddedW = shape.cols() * side;
    for (int n = 0; n < shape.n(); n++) {
      for (int i = 0; i < shape.h(); i++) {
        for (int j = 0; j < shape.w(); j++) {
          int row = Math.floorMod(i - shape.shiftH(), paddedH);
          int col = Math.floorMod(j - shape.shiftW(), paddedW);
          int window = (n * shape.rows() + row / side) * shape.cols() + col / side;
          placement.visit(n, i, j, window, row % side * side + col % side);
        }
      }
    }
  }

  private static Reals image(WindowShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.n(), shape.h(), shape.w(), shape.c());
  }

  private static Reals windows(WindowShape shape, Buffer buffer) {
    return Reals.of(
        buffer,
        shape.n() * shape.rows() * shape.cols(),
        shape.window() * shape.window(),
        shape.c());
  }
}
