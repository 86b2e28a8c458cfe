package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.WindowShape;

/** Moving elements on the device. */
final class TornadoLayout implements Layout {
  private static final Kernel PERMUTE = new Kernel("permute", LayoutKernels::permute);
  private static final Kernel TRANSPOSE = new Kernel("transpose", LayoutKernels::transpose);
  private static final Kernel COPY_COLUMNS = new Kernel("copyColumns", LayoutKernels::copyColumns);
  private static final Kernel GATHER_ROWS = new Kernel("gatherRows", LayoutKernels::gatherRows);
  private static final Kernel GATHER_ROWS_BACKWARD =
      new Kernel("gatherRowsBackward", LayoutKernels::gatherRowsBackward);
  private static final Kernel DOUBLE_PLANES =
      new Kernel("doublePlanes", ResampleKernels::doublePlanes);
  private static final Kernel SUM_BLOCKS = new Kernel("sumBlocks", ResampleKernels::sumBlocks);
  private static final Kernel BILINEAR = new Kernel("bilinear", ResampleKernels::bilinear);
  private static final Kernel BILINEAR_BACKWARD =
      new Kernel("bilinearBackward", ResampleKernels::bilinearBackward);
  private static final Kernel WINDOW_PARTITION =
      new Kernel("windowPartition", LayoutKernels::windowPartition);
  private static final Kernel WINDOW_REVERSE =
      new Kernel("windowReverse", LayoutKernels::windowReverse);
  private static final Kernel MAX_POOL = new Kernel("maxPool", ResampleKernels::maxPool);
  private static final Kernel MAX_POOL_BACKWARD =
      new Kernel("maxPoolBackward", ResampleKernels::maxPoolBackward);

  static final List<Kernel> KERNELS =
      List.of(
          PERMUTE,
          TRANSPOSE,
          COPY_COLUMNS,
          GATHER_ROWS,
          GATHER_ROWS_BACKWARD,
          DOUBLE_PLANES,
          SUM_BLOCKS,
          BILINEAR,
          BILINEAR_BACKWARD,
          WINDOW_PARTITION,
          WINDOW_REVERSE,
          MAX_POOL,
          MAX_POOL_BACKWARD);

  /** Matrices with fewer rows or columns are not transposed by tiles. */
  private static final int NARROW = 8;

  /** Groups in the second and third dimension, at most, on NVIDIA devices. */
  private static final int MAX_GROUPS = 65535;

  private final Launcher launcher;

  TornadoLayout(Launcher launcher) {
    this.launcher = launcher;
  }

  /** One thread for each element of the output, whose length is the last number. */
  private void forEach(Launch launch, int length) {
    launcher.launch(launch.n(length).threads(length));
  }

  @Override
  public void permute(int[] shape, int[] perm, Buffer x, Buffer y) {
    Permutation permutation = Permutation.of(shape, perm);
    if (permutation.isTransposition() && fitsTiles(permutation)) {
      int rows = permutation.rows();
      int cols = permutation.cols();
      launcher.launch(
          Launch.of(TRANSPOSE)
              .at(x)
              .at(y)
              .n(rows)
              .n(cols)
              .groups(
                  blocks(cols, LayoutKernels.TILE),
                  blocks(rows, LayoutKernels.TILE),
                  permutation.batch(),
                  LayoutKernels.TILE,
                  LayoutKernels.TILE_THREADS,
                  1));
      return;
    }
    Launch launch = Launch.of(PERMUTE).at(x).at(y).n(permutation.rank());
    for (int d = 0; d < Permutation.MAX_RANK; d++) {
      launch.n(permutation.extent(d));
    }
    for (int d = 0; d < Permutation.MAX_RANK; d++) {
      launch.n(permutation.stride(d));
    }
    forEach(launch, y.length());
  }

  /** Whether tiles are not mostly empty, and not more than there may be groups. */
  private static boolean fitsTiles(Permutation permutation) {
    return Math.min(permutation.rows(), permutation.cols()) >= NARROW
        && permutation.batch() <= MAX_GROUPS
        && blocks(permutation.rows(), LayoutKernels.TILE) <= MAX_GROUPS;
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
    forEach(
        Launch.of(COPY_COLUMNS).at(x).at(y).n(srcCols).n(srcStart).n(dstCols).n(dstStart).n(cols),
        rows * cols);
  }

  @Override
  public void gatherRows(int rows, int cols, Buffer x, Buffer index, Buffer y) {
    forEach(Launch.of(GATHER_ROWS).at(x).at(index).at(y).n(cols), rows * cols);
  }

  @Override
  public void gatherRowsBackward(
      int rows, int cols, int xRows, Buffer gy, Buffer index, Buffer gx) {
    launcher.launch(
        Launch.of(GATHER_ROWS_BACKWARD)
            .at(gy)
            .at(index)
            .at(gx)
            .n(rows)
            .n(cols)
            .groups(
                xRows,
                blocks(cols, LayoutKernels.GATHER_THREADS),
                1,
                LayoutKernels.GATHER_THREADS,
                1,
                1));
  }

  @Override
  public void upsampleNearest2x(int planes, int h, int w, Buffer x, Buffer y) {
    forEach(Launch.of(DOUBLE_PLANES).at(x).at(y).n(w), 4 * planes * h * w);
  }

  @Override
  public void upsampleNearest2xBackward(int planes, int h, int w, Buffer gy, Buffer gx) {
    forEach(Launch.of(SUM_BLOCKS).at(gy).at(gx).n(w), planes * h * w);
  }

  @Override
  public void resizeBilinear(int planes, int h, int w, int outH, int outW, Buffer x, Buffer y) {
    forEach(Launch.of(BILINEAR).at(x).at(y).n(h).n(w).n(outH).n(outW), planes * outH * outW);
  }

  @Override
  public void resizeBilinearBackward(
      int planes, int h, int w, int outH, int outW, Buffer gy, Buffer gx) {
    forEach(Launch.of(BILINEAR_BACKWARD).at(gy).at(gx).n(h).n(w).n(outH).n(outW), planes * h * w);
  }

  @Override
  public void windowPartition(WindowShape shape, Buffer x, Buffer y) {
    window(Launch.of(WINDOW_PARTITION).at(x).at(y), shape, y);
  }

  @Override
  public void windowReverse(WindowShape shape, Buffer x, Buffer y) {
    window(Launch.of(WINDOW_REVERSE).at(x).at(y), shape, y);
  }

  private void window(Launch launch, WindowShape shape, Buffer y) {
    forEach(
        launch
            .n(shape.h())
            .n(shape.w())
            .n(shape.c())
            .n(shape.window())
            .n(shape.rows())
            .n(shape.cols())
            .n(shape.shiftH())
            .n(shape.shiftW()),
        y.length());
  }

  @Override
  public void maxPool2d(PoolShape shape, Buffer x, Buffer y, Buffer index) {
    pool(Launch.of(MAX_POOL).at(x).at(y).at(index), shape, y);
  }

  @Override
  public void maxPool2dBackward(PoolShape shape, Buffer gy, Buffer index, Buffer gx) {
    pool(Launch.of(MAX_POOL_BACKWARD).at(gy).at(index).at(gx), shape, gx);
  }

  private void pool(Launch launch, PoolShape shape, Buffer result) {
    forEach(
        launch
            .n(shape.h())
            .n(shape.w())
            .n(shape.outH())
            .n(shape.outW())
            .n(shape.kernel())
            .n(shape.stride())
            .n(shape.padding()),
        result.length());
  }

  private static int blocks(int extent, int size) {
    return (extent + size - 1) / size;
  }
}
