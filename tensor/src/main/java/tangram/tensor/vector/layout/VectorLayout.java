package tangram.tensor.vector.layout;

import java.util.Arrays;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.WindowShape;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Layout}. Whatever is contiguous on both sides is moved as a block. */
public final class VectorLayout implements Layout {

  @Override
  public void windowPartition(WindowShape shape, Buffer x, Buffer y) {
    moveWindows(shape, x, y, true);
  }

  @Override
  public void windowReverse(WindowShape shape, Buffer x, Buffer y) {
    moveWindows(shape, y, x, false);
  }

  /** Moves every row of every window: from the map to the windows, or back. */
  private static void moveWindows(WindowShape shape, Buffer map, Buffer windows, boolean forth) {
    float[] mf = map.floats();
    float[] wf = windows.floats();
    int side = shape.window();
    int c = shape.c();
    int paddedH = shape.rows() * side;
    int paddedW = shape.cols() * side;
    VectorTiles.run(
        shape.n() * paddedH,
        VectorTiles.items((long) paddedW * c),
        (from, to) -> {
          for (int line = from; line < to; line++) {
            int image = line / paddedH;
            int i = line - image * paddedH;
            int mapRow = (i + shape.shiftH()) % paddedH;
            int mapAt = map.offset() + (image * shape.h() + mapRow) * shape.w() * c;
            int width = mapRow < shape.h() ? shape.w() : 0;
            int window = (image * shape.rows() + i / side) * shape.cols();
            for (int j = 0; j < shape.cols(); j++) {
              int windowAt = windows.offset() + ((window + j) * side + i % side) * side * c;
              int first = (j * side + shape.shiftW()) % paddedW;
              int run = Math.min(side, paddedW - first);
              move(mf, mapAt, width, first, wf, windowAt, run, c, forth);
              move(mf, mapAt, width, 0, wf, windowAt + run * c, side - run, c, forth);
            }
          }
        });
  }

  /** Moves the pixels first, ..., first + n - 1 of a row, of which only the first width exist. */
  private static void move(
      float[] map,
      int mapAt,
      int width,
      int first,
      float[] windows,
      int windowAt,
      int n,
      int c,
      boolean forth) {
    int present = Math.max(0, Math.min(n, width - first));
    // Where nothing is present the place of the first pixel can be beyond the end of the array.
    if (present > 0 && forth) {
      System.arraycopy(map, mapAt + first * c, windows, windowAt, present * c);
    } else if (present > 0) {
      System.arraycopy(windows, windowAt, map, mapAt + first * c, present * c);
    }
    if (!forth) {
      return;
    }
    Arrays.fill(windows, windowAt + present * c, windowAt + n * c, 0);
  }
}
