package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;

/**
 * {@code y[n, k, i, j] = bias[k] + sum_{c, r, s} w[k, c, r, s] * x[n, c, i * stride + r - padding,
 * j * stride + s - padding]}, where x is zero outside its borders. The two gradients visit the same
 * (output, weight, input) triples and add the product of the other two.
 */
final class ReferenceConvolution implements Convolution {
  @Override
  public void conv2d(
      ConvShape shape, Buffer xBuffer, Buffer wBuffer, Buffer biasBuffer, Buffer yBuffer) {
    Reals x = input(shape, xBuffer);
    Reals w = weights(shape, wBuffer);
    Reals y = output(shape, yBuffer);
    Reals bias = biasBuffer == null ? null : Reals.of(biasBuffer, shape.k());
    for (int n = 0; n < shape.n(); n++) {
      for (int k = 0; k < shape.k(); k++) {
        for (int i = 0; i < shape.outH(); i++) {
          for (int j = 0; j < shape.outW(); j++) {
            y.set(n, k, i, j, bias == null ? 0 : bias.get(k));
          }
        }
      }
    }
    visit(
        shape,
        (n, k, i, j, c, r, s, xi, xj) ->
            y.add(n, k, i, j, w.get(k, c, r, s) * x.get(n, c, xi, xj)));
  }

  @Override
  public void conv2dInputGradient(
      ConvShape shape, Buffer gyBuffer, Buffer wBuffer, Buffer gxBuffer) {
    Reals gy = output(shape, gyBuffer);
    Reals w = weights(shape, wBuffer);
    Reals gx = input(shape, gxBuffer);
    gx.fill(0);
    visit(
        shape,
        (n, k, i, j, c, r, s, xi, xj) ->
            gx.add(n, c, xi, xj, gy.get(n, k, i, j) * w.get(k, c, r, s)));
  }

  @Override
  public void conv2dWeightGradient(
      ConvShape shape, Buffer xBuffer, Buffer gyBuffer, Buffer gwBuffer) {
    Reals x = input(shape, xBuffer);
    Reals gy = output(shape, gyBuffer);
    Reals gw = weights(shape, gwBuffer);
    gw.fill(0);
    visit(
        shape,
        (n, k, i, j, c, r, s, xi, xj) ->
            gw.add(k, c, r, s, gy.get(n, k, i, j) * x.get(n, c, xi, xj)));
  }

  /** One multiplication of the convolution. */
  private interface Visitor {
    /** Output (n, k, i, j) takes weight (k, c, r, s) times input (n, c, xi, xj). */
    void visit(int n, int k, int i, int j, int c, int r, int s, int xi, int xj);
  }

  /** Calls the visitor for every product whose input lies inside the image. */
  private static void visit(ConvShape shape, Visitor visitor) {
    for (int n = 0; n < shape.n(); n++) {
      for (int k = 0; k < shape.k(); k++) {
        for (int i = 0; i < shape.outH(); i++) {
          for (int j = 0; j < shape.outW(); j++) {
            for (int c = 0; c < shape.c(); c++) {
              for (int r = 0; r < shape.r(); r++) {
                for (int s = 0; s < shape.s(); s++) {
                  int xi = i * shape.stride() + r - shape.padding();
                  int xj = j * shape.stride() + s - shape.padding();
                  if (xi >= 0 && xi < shape.h() && xj >= 0 && xj < shape.w()) {
                    visitor.visit(n, k, i, j, c, r, s, xi, xj);
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  private static Reals input(ConvShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.n(), shape.c(), shape.h(), shape.w());
  }

  private static Reals weights(ConvShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.k(), shape.c(), shape.r(), shape.s());
  }

  private static Reals output(ConvShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.n(), shape.k(), shape.outH(), shape.outW());
  }
}
