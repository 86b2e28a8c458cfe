package tangram.tensor.vector.conv;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Normalization;
import tangram.tensor.reference.ReferenceConvolution;
import tangram.tensor.vector.runtime.NormEpilogue;

/** {@link Convolution} by {@link Conv}; in double precision by the specification. */
public final class VectorConvolution implements Convolution {
  private static final Convolution DOUBLE = new ReferenceConvolution();

  @Override
  public void convolution(ConvShape shape, Buffer x, Buffer w, Buffer bias, Buffer y) {
    if (x.storage() instanceof double[]) {
      DOUBLE.convolution(shape, x, w, bias, y);
      return;
    }
    forward(shape, x, w, bias, null, y);
  }

  @Override
  public boolean convolution(
      ConvShape shape, Buffer x, Buffer w, Buffer bias, Normalization norm, Buffer y) {
    if (x.storage() instanceof double[]) {
      return false;
    }
    int plane = shape.outputVolume();
    forward(shape, x, w, bias, new NormEpilogue(norm, shape.k(), plane, y.floats(), y.offset()), y);
    return true;
  }

  private static void forward(
      ConvShape shape, Buffer x, Buffer w, Buffer bias, NormEpilogue norm, Buffer y) {
    Conv.forward(
        shape,
        x.floats(),
        x.offset(),
        w.floats(),
        w.offset(),
        bias == null ? null : bias.floats(),
        bias == null ? 0 : bias.offset(),
        norm,
        y.floats(),
        y.offset());
  }

  @Override
  public void convolutionInputGradient(ConvShape shape, Buffer gy, Buffer w, Buffer gx) {
    if (gy.storage() instanceof double[]) {
      DOUBLE.convolutionInputGradient(shape, gy, w, gx);
      return;
    }
    Conv.inputGradient(
        shape, gy.floats(), gy.offset(), w.floats(), w.offset(), gx.floats(), gx.offset());
  }

  @Override
  public void convolutionWeightGradient(ConvShape shape, Buffer x, Buffer gy, Buffer gw) {
    if (x.storage() instanceof double[]) {
      DOUBLE.convolutionWeightGradient(shape, x, gy, gw);
      return;
    }
    Conv.weightGradient(
        shape, x.floats(), x.offset(), gy.floats(), gy.offset(), gw.floats(), gw.offset());
  }
}
