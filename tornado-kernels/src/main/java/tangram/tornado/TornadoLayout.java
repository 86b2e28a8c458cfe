package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.WindowShape;

/** Moving elements on the device. */
final class TornadoLayout implements Layout {
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
          DOUBLE_PLANES,
          SUM_BLOCKS,
          BILINEAR,
          BILINEAR_BACKWARD,
          WINDOW_PARTITION,
          WINDOW_REVERSE,
          MAX_POOL,
          MAX_POOL_BACKWARD);

  private final Launcher launcher;

  TornadoLayout(Launcher launcher) {
    this.launcher = launcher;
  }

  /** One thread for each element of the output, whose length is the last number. */
  private void forEach(Launch launch, int length) {
    launcher.launch(launch.n(length).threads(length));
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
}
