package tangram.tensor.vector.conv;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;

/** {@link Convolution} by {@link Conv}. */
public final class VectorConvolution implements Convolution {
  @Override
  public void conv2d(ConvShape shape, Buffer x, Buffer w, Buffer bias, Buffer y) {
    Conv.forward(
        shape,
        x.floats(),
        x.offset(),
        w.floats(),
        w.offset(),
        bias == null ? null : bias.floats(),
        bias == null ? 0 : bias.offset(),
        y.floats(),
        y.offset());
  }

  @Override
  public void conv2dInputGradient(ConvShape shape, Buffer gy, Buffer w, Buffer gx) {
    Conv.inputGradient(
        shape, gy.floats(), gy.offset(), w.floats(), w.offset(), gx.floats(), gx.offset());
  }

  @Override
  public void conv2dWeightGradient(ConvShape shape, Buffer x, Buffer gy, Buffer gw) {
    Conv.weightGradient(
        shape, x.floats(), x.offset(), gy.floats(), gy.offset(), gw.floats(), gw.offset());
  }
}
