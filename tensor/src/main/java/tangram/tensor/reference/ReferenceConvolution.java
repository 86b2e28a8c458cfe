package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;

/**
 * {@code y[n, k, z, i, j] = bias[k] + sum over c, a, r, s of w[k, c, a, r, s] * x[n, c, ...]},
 * where x is zero outside its borders. The two gradients visit the same (output, weight, input)
 * triples and add the product of the other two.
 */
public final class ReferenceConvolution implements Convolution {
  /** Creates the kernels. */
  public ReferenceConvolution() {}

  @Override
  public void convolution(
      ConvShape shape, Buffer xBuffer, Buffer wBuffer, Buffer biasBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, shape.inputSize());
    Reals w = Reals.of(wBuffer, shape.weightSize());
    Reals y = Reals.of(yBuffer, shape.n(), shape.k(), shape.outputVolume());
    Reals bias = biasBuffer == null ? null : Reals.of(biasBuffer, shape.k());
    for (int n = 0; n < shape.n(); n++) {
      for (int k = 0; k < shape.k(); k++) {
        for (int i = 0; i < shape.outputVolume(); i++) {
          y.set(n, k, i, bias == null ? 0 : bias.get(k));
        }
      }
    }
    visit(shape, (out, weight, in) -> y.add(out, w.get(weight) * x.get(in)));
  }

  @Override
  public void convolutionInputGradient(
      ConvShape shape, Buffer gyBuffer, Buffer wBuffer, Buffer gxBuffer) {
    Reals gy = Reals.of(gyBuffer, shape.outputSize());
    Reals w = Reals.of(wBuffer, shape.weightSize());
    Reals gx = Reals.of(gxBuffer, shape.inputSize());
    gx.fill(0);
    visit(shape, (out, weight, in) -> gx.add(in, gy.get(out) * w.get(weight)));
  }

  @Override
  public void convolutionWeightGradient(
      ConvShape shape, Buffer xBuffer, Buffer gyBuffer, Buffer gwBuffer) {
    Reals x = Reals.of(xBuffer, shape.inputSize());
    Reals gy = Reals.of(gyBuffer, shape.outputSize());
    Reals gw = Reals.of(gwBuffer, shape.weightSize());
    gw.fill(0);
    visit(shape, (out, weight, in) -> gw.add(weight, gy.get(out) * x.get(in)));
  }

  /** One multiplication of the convolution. */
  private interface Visitor {
    /** Element {@code out} of the output takes a weight times an element of the input. */
    void visit(int out, int weight, int in);
  }

  /** Calls the visitor for every product whose input lies inside the image. */
  private static void visit(ConvShape shape, Visitor visitor) {
    int volume = shape.outputVolume();
    int plane = shape.outH() * shape.outW();
    int kernelPlane = shape.r() * shape.s();
    for (int out = 0; out < shape.outputSize(); out++) {
      int n = out / volume / shape.k();
      int k = out / volume % shape.k();
      int z = out % volume / plane;
      int i = out % plane / shape.outW();
      int j = out % shape.outW();
      for (int c = 0; c < shape.groupC(); c++) {
        int channel = n * shape.c() + k / shape.groupK() * shape.groupC() + c;
        for (int t = 0; t < shape.taps(); t++) {
          int xz = shape.depth().input(z, t / kernelPlane);
          int xi = shape.rows().input(i, t % kernelPlane / shape.s());
          int xj = shape.cols().input(j, t % shape.s());
          if (isInside(xz, shape.depth().size())
              && isInside(xi, shape.h())
              && isInside(xj, shape.w())) {
            int in = ((channel * shape.depth().size() + xz) * shape.h() + xi) * shape.w() + xj;
            visitor.visit(out, (k * shape.groupC() + c) * shape.taps() + t, in);
          }
        }
      }
    }
  }

  private static boolean isInside(int i, int size) {
    return i >= 0 && i < size;
  }
}
