package tangram.nn;

import tangram.tensor.Tensor;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;

/**
 * Layers without parameters, under the names of torch.nn. Activations are methods of {@link
 * Tensor}: {@code Layer.of(Tensor::relu)}.
 */
public final class Layers {
  private Layers() {}

  /** Nothing is done. */
  public static Layer identity() {
    return Layer.of(x -> x);
  }

  /** All dimensions but the first become one. */
  public static Layer flatten() {
    return flatten(1, -1);
  }

  /** Some dimensions, both included, become one. */
  public static Layer flatten(int first, int last) {
    return Layer.of(x -> x.flatten(first, last));
  }

  /** A dimension becomes several; one of them may be -1. */
  public static Layer unflatten(int axis, int... dims) {
    return Layer.of(
        x -> {
          int[] from = x.shape().dims();
          int at = axis < 0 ? axis + from.length : axis;
          if (at < 0 || at >= from.length) {
            throw new IllegalArgumentException("no dimension " + axis + " of " + x.shape());
          }
          int[] to = new int[from.length - 1 + dims.length];
          System.arraycopy(from, 0, to, 0, at);
          System.arraycopy(dims, 0, to, at, dims.length);
          System.arraycopy(from, at + 1, to, at + dims.length, from.length - at - 1);
          return x.reshape(to);
        });
  }

  /** The largest element of every window of [N, C, L]. */
  public static Layer maxPool1d(PoolOptions options) {
    return Layer.of(x -> x.maxPool1d(options));
  }

  /** The largest element of every window of [N, C, H, W]. */
  public static Layer maxPool2d(PoolOptions options) {
    return Layer.of(x -> x.maxPool2d(options));
  }

  /** The largest element of every window of [N, C, D, H, W]. */
  public static Layer maxPool3d(PoolOptions options) {
    return Layer.of(x -> x.maxPool3d(options));
  }

  /** The average of every window of [N, C, L]. */
  public static Layer avgPool1d(PoolOptions options) {
    return Layer.of(x -> x.avgPool1d(options));
  }

  /** The average of every window of [N, C, H, W]. */
  public static Layer avgPool2d(PoolOptions options) {
    return Layer.of(x -> x.avgPool2d(options));
  }

  /** The average of every window of [N, C, D, H, W]. */
  public static Layer avgPool3d(PoolOptions options) {
    return Layer.of(x -> x.avgPool3d(options));
  }

  /** The p-norm of every window of [N, C, L]. */
  public static Layer lpPool1d(double p, PoolOptions options) {
    return Layer.of(x -> x.lpPool1d(p, options));
  }

  /** The p-norm of every window of [N, C, H, W]. */
  public static Layer lpPool2d(double p, PoolOptions options) {
    return Layer.of(x -> x.lpPool2d(p, options));
  }

  /** The p-norm of every window of [N, C, D, H, W]. */
  public static Layer lpPool3d(double p, PoolOptions options) {
    return Layer.of(x -> x.lpPool3d(p, options));
  }

  /** Averages of as many parts of [N, C, L] as the output shall have. */
  public static Layer adaptiveAvgPool1d(int... out) {
    return Layer.of(x -> x.adaptiveAvgPool1d(out));
  }

  /** Averages of as many parts of [N, C, H, W] as the output shall have. */
  public static Layer adaptiveAvgPool2d(int... out) {
    return Layer.of(x -> x.adaptiveAvgPool2d(out));
  }

  /** Averages of as many parts of [N, C, D, H, W] as the output shall have. */
  public static Layer adaptiveAvgPool3d(int... out) {
    return Layer.of(x -> x.adaptiveAvgPool3d(out));
  }

  /** Largest elements of as many parts of [N, C, L] as the output shall have. */
  public static Layer adaptiveMaxPool1d(int... out) {
    return Layer.of(x -> x.adaptiveMaxPool1d(out));
  }

  /** Largest elements of as many parts of [N, C, H, W] as the output shall have. */
  public static Layer adaptiveMaxPool2d(int... out) {
    return Layer.of(x -> x.adaptiveMaxPool2d(out));
  }

  /** Largest elements of as many parts of [N, C, D, H, W] as the output shall have. */
  public static Layer adaptiveMaxPool3d(int... out) {
    return Layer.of(x -> x.adaptiveMaxPool3d(out));
  }

  /** Resizes by factors, one for each of the last dimensions: PyTorch's Upsample. */
  public static Layer upsample(ResizeOptions options, double... scales) {
    return Layer.of(x -> x.interpolate(options, scales));
  }

  /** Resizes to sizes, one for each of the last dimensions: PyTorch's Upsample. */
  public static Layer upsample(ResizeOptions options, int... sizes) {
    return Layer.of(x -> x.interpolate(options, sizes));
  }

  /** Channels become pixels, [N, C r r, H, W] to [N, C, H r, W r] (Shi et al. 2016). */
  public static Layer pixelShuffle(int r) {
    return Layer.of(
        x -> {
          requireImage(x, r > 0 && x.shape().rank() == 4 && x.dim(1) % (r * r) == 0, r);
          int n = x.dim(0);
          int c = x.dim(1) / (r * r);
          return x.reshape(n, c, r, r, x.dim(2), x.dim(3))
              .permute(0, 1, 4, 2, 5, 3)
              .reshape(n, c, x.dim(2) * r, x.dim(3) * r);
        });
  }

  /** Pixels become channels, [N, C, H r, W r] to [N, C r r, H, W]. */
  public static Layer pixelUnshuffle(int r) {
    return Layer.of(
        x -> {
          boolean fits = r > 0 && x.shape().rank() == 4 && x.dim(2) % r == 0 && x.dim(3) % r == 0;
          requireImage(x, fits, r);
          int h = x.dim(2) / r;
          int w = x.dim(3) / r;
          return x.reshape(x.dim(0), x.dim(1), h, r, w, r)
              .permute(0, 1, 3, 5, 2, 4)
              .reshape(x.dim(0), x.dim(1) * r * r, h, w);
        });
  }

  private static void requireImage(Tensor x, boolean fits, int r) {
    if (!fits) {
      throw new IllegalArgumentException(
          "pixels of " + x.shape() + " do not shuffle by " + r + "; [N, C, H, W] is needed");
    }
  }
}
