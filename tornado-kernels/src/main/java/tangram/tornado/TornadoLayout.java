package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.WindowShape;

/** Moving elements on the device. */
final class TornadoLayout implements Layout {
  private static final Kernel WINDOW_PARTITION =
      new Kernel("windowPartition", LayoutKernels::windowPartition);
  private static final Kernel WINDOW_REVERSE =
      new Kernel("windowReverse", LayoutKernels::windowReverse);

  static final List<Kernel> KERNELS = List.of(WINDOW_PARTITION, WINDOW_REVERSE);

  private final Launcher launcher;

  TornadoLayout(Launcher launcher) {
    this.launcher = launcher;
  }

  /** One thread for each element of the output, whose length is the last number. */
  private void forEach(Launch launch, int length) {
    launcher.launch(launch.n(length).threads(length));
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
}
