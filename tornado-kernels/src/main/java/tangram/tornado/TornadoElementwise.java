package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Elementwise;

/** Element-wise operations on the device. */
final class TornadoElementwise implements Elementwise {
  private static final Kernel FILL = new Kernel("fill", ElementwiseKernels::fill);
  private static final Kernel COPY = new Kernel("copy", ElementwiseKernels::copy);
  private static final Kernel COPY_INTS = new Kernel("copyInts", ElementwiseKernels::copyInts);
  private static final Kernel ADD = new Kernel("add", ElementwiseKernels::add);
  private static final Kernel SCALE = new Kernel("scale", ElementwiseKernels::scale);
  private static final Kernel LERP = new Kernel("lerp", ElementwiseKernels::lerp);
  private static final Kernel MULTIPLY = new Kernel("multiply", ElementwiseKernels::multiply);
  private static final Kernel RELU = new Kernel("relu", ElementwiseKernels::relu);
  private static final Kernel RELU_BACKWARD =
      new Kernel("reluBackward", ElementwiseKernels::reluBackward);
  private static final Kernel GELU = new Kernel("gelu", ElementwiseKernels::gelu);
  private static final Kernel GELU_BACKWARD =
      new Kernel("geluBackward", ElementwiseKernels::geluBackward);
  private static final Kernel BROADCAST_ROWS =
      new Kernel("broadcastRows", ElementwiseKernels::broadcastRows);
  private static final Kernel SCALE_ROWS = new Kernel("scaleRows", ElementwiseKernels::scaleRows);

  static final List<Kernel> KERNELS =
      List.of(
          FILL,
          COPY,
          COPY_INTS,
          ADD,
          SCALE,
          LERP,
          MULTIPLY,
          RELU,
          RELU_BACKWARD,
          GELU,
          GELU_BACKWARD,
          BROADCAST_ROWS,
          SCALE_ROWS);

  private final Launcher launcher;

  TornadoElementwise(Launcher launcher) {
    this.launcher = launcher;
  }

  /** One thread for each element of the output, whose length is the last number. */
  private void forEach(Launch launch, Buffer y) {
    launcher.launch(launch.n(y.length()).threads(y.length()));
  }

  @Override
  public void fill(Buffer y, double value) {
    forEach(Launch.of(FILL).at(y).s(value), y);
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    forEach(Launch.of(COPY).at(x).at(y), y);
  }

  @Override
  public void copyInts(Buffer x, Buffer y) {
    forEach(Launch.of(COPY_INTS).at(x).at(y), y);
  }

  @Override
  public void add(Buffer a, Buffer b, Buffer y) {
    forEach(Launch.of(ADD).at(a).at(b).at(y), y);
  }

  @Override
  public void scale(Buffer x, Buffer s, Buffer y) {
    forEach(Launch.of(SCALE).at(x).at(s).at(y), y);
  }

  @Override
  public void lerp(Buffer a, Buffer b, double t, Buffer y) {
    forEach(Launch.of(LERP).at(a).at(b).at(y).s(t), y);
  }

  @Override
  public void multiply(Buffer x, double t, Buffer y) {
    forEach(Launch.of(MULTIPLY).at(x).at(y).s(t), y);
  }

  @Override
  public void relu(Buffer x, Buffer y) {
    forEach(Launch.of(RELU).at(x).at(y), y);
  }

  @Override
  public void reluBackward(Buffer y, Buffer gy, Buffer gx) {
    forEach(Launch.of(RELU_BACKWARD).at(y).at(gy).at(gx), gx);
  }

  @Override
  public void gelu(Buffer x, Buffer y) {
    forEach(Launch.of(GELU).at(x).at(y), y);
  }

  @Override
  public void geluBackward(Buffer x, Buffer gy, Buffer gx) {
    forEach(Launch.of(GELU_BACKWARD).at(x).at(gy).at(gx), gx);
  }

  @Override
  public void broadcastRows(int rows, int cols, Buffer v, Buffer y) {
    forEach(Launch.of(BROADCAST_ROWS).at(v).at(y).n(cols), y);
  }

  @Override
  public void scaleRows(int rows, int cols, Buffer x, Buffer s, Buffer y) {
    forEach(Launch.of(SCALE_ROWS).at(x).at(s).at(y).n(cols), y);
  }
}
