package tangram.tensor.vector.layout;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.WindowShape;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Layout}. Whatever is contiguous on both sides is moved as a block. */
public final class VectorLayout implements Layout {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Shorter blocks are copied in a loop; a library copy costs more than they do. */
  private static final int SHORT = 16;

  @Override
  public void permute(int[] shape, int[] perm, Buffer x, Buffer y) {
    if (x.length() == 0) {
      return;
    }
    VectorPermute.of(shape, perm).run(x.floats(), x.offset(), y.floats(), y.offset());
  }

  @Override
  public void copyColumns(
      int rows,
      int cols,
      Buffer x,
      int srcCols,
      int srcStart,
      Buffer y,
      int dstCols,
      int dstStart) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset() + srcStart;
    int yo = y.offset() + dstStart;
    if (cols > VectorTiles.ELEMENTS) {
      int tiles = VectorTiles.count(cols, VectorTiles.ELEMENTS);
      Parallel.run(
          rows * tiles,
          t -> {
            int row = t / tiles;
            int from = (t - row * tiles) * VectorTiles.ELEMENTS;
            int n = Math.min(VectorTiles.ELEMENTS, cols - from);
            System.arraycopy(xf, xo + row * srcCols + from, yf, yo + row * dstCols + from, n);
          });
      return;
    }
    VectorTiles.run(
        rows,
        VectorTiles.items(cols),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            copy(xf, xo + i * srcCols, yf, yo + i * dstCols, cols);
          }
        });
  }

  private static void copy(float[] x, int xo, float[] y, int yo, int n) {
    if (n >= SHORT) {
      System.arraycopy(x, xo, y, yo, n);
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i] = x[xo + i];
      }
    }
  }

  @Override
  public void gatherRows(int rows, int cols, Buffer x, Buffer index, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int[] at = index.ints();
    int xo = x.offset();
    int yo = y.offset();
    int io = index.offset();
    checkIndices(at, io, rows, x.length() / cols);
    VectorTiles.run(
        rows,
        VectorTiles.items(cols),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            copy(xf, xo + at[io + i] * cols, yf, yo + i * cols, cols);
          }
        });
  }

  @Override
  public void gatherRowsBackward(
      int rows, int cols, int xRows, Buffer gy, Buffer index, Buffer gx) {
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    int[] at = index.ints();
    int gyo = gy.offset();
    int gxo = gx.offset();
    int io = index.offset();
    checkIndices(at, io, rows, xRows);
    Arrays.fill(gxf, gxo, gxo + xRows * cols, 0);
    // Rows may collide, so tasks share out columns.
    int width = Math.max(64, VectorTiles.items(rows) / 16 * 16);
    VectorTiles.run(
        cols,
        width,
        (from, to) -> {
          for (int i = 0; i < rows; i++) {
            add(gyf, gyo + i * cols + from, gxf, gxo + at[io + i] * cols + from, to - from);
          }
        });
  }

  /** An index outside would silently read or write another tensor of the arena. */
  private static void checkIndices(int[] index, int offset, int n, int limit) {
    for (int i = 0; i < n; i++) {
      if (index[offset + i] < 0 || index[offset + i] >= limit) {
        throw new IndexOutOfBoundsException(
            "index " + index[offset + i] + " at " + i + " for " + limit + " rows");
      }
    }
  }

  /** y += x. */
  private static void add(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, y, yo + i)
          .add(FloatVector.fromArray(S, x, xo + i))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += x[xo + i];
    }
  }

  @Override
  public void upsampleNearest2x(int planes, int h, int w, Buffer x, Buffer y) {
    float[] xf = x.floats();
    float[] yf = y.floats();
    int xo = x.offset();
    int yo = y.offset();
    VectorTiles.run(
        planes * h,
        VectorTiles.items(4L * w),
        (from, to) -> {
          for (int r = from; r < to; r++) {
            VectorResample.doubleRow(xf, xo + r * w, yf, yo + 4 * r * w, w);
          }
        });
  }

  @Override
  public void upsampleNearest2xBackward(int planes, int h, int w, Buffer gy, Buffer gx) {
    float[] gyf = gy.floats();
    float[] gxf = gx.floats();
    int gyo = gy.offset();
    int gxo = gx.offset();
    VectorTiles.run(
        planes * h,
        VectorTiles.items(4L * w),
        (from, to) -> {
          for (int r = from; r < to; r++) {
            VectorResample.sumBlocks(gyf, gyo + 4 * r * w, gxf, gxo + r * w, w);
          }
        });
  }

  @Override
  public void resizeBilinear(int planes, int h, int w, int outH, int outW, Buffer x, Buffer y) {
    VectorResample.bilinear(
        planes, h, w, outH, outW, x.floats(), x.offset(), y.floats(), y.offset());
  }

  @Override
  public void resizeBilinearBackward(
      int planes, int h, int w, int outH, int outW, Buffer gy, Buffer gx) {
    VectorResample.bilinearBackward(
        planes, h, w, outH, outW, gy.floats(), gy.offset(), gx.floats(), gx.offset());
  }

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

  @Override
  public void maxPool2d(PoolShape shape, Buffer x, Buffer y, Buffer index) {
    VectorPooling.maxPool2d(
        shape, x.floats(), x.offset(), y.floats(), y.offset(), index.ints(), index.offset());
  }

  @Override
  public void maxPool2dBackward(PoolShape shape, Buffer gy, Buffer index, Buffer gx) {
    VectorPooling.maxPool2dBackward(
        shape, gy.floats(), gy.offset(), index.ints(), index.offset(), gx.floats(), gx.offset());
  }
}
