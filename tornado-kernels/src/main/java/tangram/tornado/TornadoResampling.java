package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.Resampling;
import tangram.tensor.kernel.Sparse;

/** Resizing and pooling on the device. */
final class TornadoResampling implements Resampling {
  private static final Kernel RESAMPLE = new Kernel("resample", ResampleKernels::resample);
  private static final Kernel MAX_POOL = new Kernel("maxPool", ResampleKernels::maxPool);
  private static final Kernel MAX_POOL_BACKWARD =
      new Kernel("maxPoolBackward", ResampleKernels::maxPoolBackward);

  static final List<Kernel> KERNELS = List.of(RESAMPLE, MAX_POOL, MAX_POOL_BACKWARD);

  private final Launcher launcher;

  TornadoResampling(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void resample(int planes, Sparse rows, Sparse cols, Buffer x, Buffer y) {
    Launch launch = Launch.of(RESAMPLE).at(x, y);
    for (Sparse matrix : new Sparse[] {rows, cols}) {
      launch
          .flag(matrix.isIdentity())
          .at(matrix.start(), matrix.column(), matrix.weight())
          .n(matrix.rows(), matrix.cols());
    }
    launcher.launch(launch.n(y.length()).threads(y.length()));
  }

  @Override
  public void maxPool(PoolShape shape, Buffer x, Buffer y, Buffer index) {
    pool(Launch.of(MAX_POOL).at(x, y, index), shape, y.length());
  }

  @Override
  public void maxPoolBackward(PoolShape shape, Buffer gy, Buffer index, Buffer gx) {
    pool(Launch.of(MAX_POOL_BACKWARD).at(gy, index, gx), shape, gx.length());
  }

  /** Size, size of the output, taps (0 of adaptive pooling), stride, padding, dilation of each. */
  private void pool(Launch launch, PoolShape shape, int length) {
    launch.n(length);
    for (PoolShape.Axis axis : new PoolShape.Axis[] {shape.depth(), shape.rows(), shape.cols()}) {
      launch.n(axis.size(), axis.out());
      if (axis.window() == null) {
        launch.n(0, 1, 0, 1);
      } else {
        launch
            .n(axis.window().kernel(), axis.window().stride(), axis.window().begin())
            .n(axis.window().dilation());
      }
    }
    launcher.launch(launch.threads(length));
  }
}
