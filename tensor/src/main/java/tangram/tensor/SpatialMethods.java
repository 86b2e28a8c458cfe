package tangram.tensor;

import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.ResizeOptions;

/**
 * Convolution, pooling and resizing: what {@link Tensor} can do along one to three last dimensions,
 * of [N, C, ...] or, but for resizing, of [C, ...]. Names and meaning are PyTorch's.
 */
public abstract sealed class SpatialMethods extends HostMethods permits ActivationMethods {
  SpatialMethods() {}

  /** Convolves with weights [K, C / groups, S] and a bias [K], or null. */
  public final Tensor conv1d(Tensor weight, Tensor bias, ConvOptions options) {
    return ConvOp.conv(1, self(), weight, bias, options);
  }

  /** Transposed convolution with weights [C, K / groups, S] and a bias [K], or null. */
  public final Tensor convTranspose1d(Tensor weight, Tensor bias, ConvOptions options) {
    return ConvOp.convTranspose(1, self(), weight, bias, options);
  }

  /** The largest element of every window. */
  public final Tensor maxPool1d(PoolOptions options) {
    return PoolOp.maxPool(1, self(), options);
  }

  /** The largest element of every window, and its place in its channel. */
  public final Tensor[] maxPool1dWithIndices(PoolOptions options) {
    return PoolOp.maxPoolWithIndices(1, self(), options);
  }

  /** The average of every window. */
  public final Tensor avgPool1d(PoolOptions options) {
    return PoolOp.avgPool(1, self(), options);
  }

  /** The p-norm of every window. */
  public final Tensor lpPool1d(double p, PoolOptions options) {
    return PoolOp.lpPool(1, self(), p, options);
  }

  /** Averages of as many parts as the output shall have elements. */
  public final Tensor adaptiveAvgPool1d(int... out) {
    return PoolOp.adaptiveAvgPool(1, self(), out);
  }

  /** Largest elements of as many parts as the output shall have elements. */
  public final Tensor adaptiveMaxPool1d(int... out) {
    return PoolOp.adaptiveMaxPool(1, self(), out);
  }

  /** As {@link #adaptiveMaxPool1d}, with the elements' places. */
  public final Tensor[] adaptiveMaxPool1dWithIndices(int... out) {
    return PoolOp.adaptiveMaxPoolWithIndices(1, self(), out);
  }

  /** Convolves with weights [K, C / groups, R, S] and a bias [K], or null. */
  public final Tensor conv2d(Tensor weight, Tensor bias, ConvOptions options) {
    return ConvOp.conv(2, self(), weight, bias, options);
  }

  /** Transposed convolution with weights [C, K / groups, R, S] and a bias [K], or null. */
  public final Tensor convTranspose2d(Tensor weight, Tensor bias, ConvOptions options) {
    return ConvOp.convTranspose(2, self(), weight, bias, options);
  }

  /** The largest element of every window. */
  public final Tensor maxPool2d(PoolOptions options) {
    return PoolOp.maxPool(2, self(), options);
  }

  /** The largest element of every window, and its place in its channel. */
  public final Tensor[] maxPool2dWithIndices(PoolOptions options) {
    return PoolOp.maxPoolWithIndices(2, self(), options);
  }

  /** The average of every window. */
  public final Tensor avgPool2d(PoolOptions options) {
    return PoolOp.avgPool(2, self(), options);
  }

  /** The p-norm of every window. */
  public final Tensor lpPool2d(double p, PoolOptions options) {
    return PoolOp.lpPool(2, self(), p, options);
  }

  /** Averages of as many parts as the output shall have elements. */
  public final Tensor adaptiveAvgPool2d(int... out) {
    return PoolOp.adaptiveAvgPool(2, self(), out);
  }

  /** Largest elements of as many parts as the output shall have elements. */
  public final Tensor adaptiveMaxPool2d(int... out) {
    return PoolOp.adaptiveMaxPool(2, self(), out);
  }

  /** As {@link #adaptiveMaxPool2d}, with the elements' places. */
  public final Tensor[] adaptiveMaxPool2dWithIndices(int... out) {
    return PoolOp.adaptiveMaxPoolWithIndices(2, self(), out);
  }

  /** Convolves with weights [K, C / groups, D, R, S] and a bias [K], or null. */
  public final Tensor conv3d(Tensor weight, Tensor bias, ConvOptions options) {
    return ConvOp.conv(3, self(), weight, bias, options);
  }

  /** Transposed convolution with weights [C, K / groups, D, R, S] and a bias [K], or null. */
  public final Tensor convTranspose3d(Tensor weight, Tensor bias, ConvOptions options) {
    return ConvOp.convTranspose(3, self(), weight, bias, options);
  }

  /** The largest element of every window. */
  public final Tensor maxPool3d(PoolOptions options) {
    return PoolOp.maxPool(3, self(), options);
  }

  /** The largest element of every window, and its place in its channel. */
  public final Tensor[] maxPool3dWithIndices(PoolOptions options) {
    return PoolOp.maxPoolWithIndices(3, self(), options);
  }

  /** The average of every window. */
  public final Tensor avgPool3d(PoolOptions options) {
    return PoolOp.avgPool(3, self(), options);
  }

  /** The p-norm of every window. */
  public final Tensor lpPool3d(double p, PoolOptions options) {
    return PoolOp.lpPool(3, self(), p, options);
  }

  /** Averages of as many parts as the output shall have elements. */
  public final Tensor adaptiveAvgPool3d(int... out) {
    return PoolOp.adaptiveAvgPool(3, self(), out);
  }

  /** Largest elements of as many parts as the output shall have elements. */
  public final Tensor adaptiveMaxPool3d(int... out) {
    return PoolOp.adaptiveMaxPool(3, self(), out);
  }

  /** As {@link #adaptiveMaxPool3d}, with the elements' places. */
  public final Tensor[] adaptiveMaxPool3dWithIndices(int... out) {
    return PoolOp.adaptiveMaxPoolWithIndices(3, self(), out);
  }

  /**
   * Resizes the last dimensions to new sizes, one for each; PyTorch's {@code
   * interpolate(size=...)}.
   */
  public final Tensor interpolate(ResizeOptions options, int... sizes) {
    return ResizeOp.resize(self(), sizes, null, options);
  }

  /**
   * Resizes the last dimensions by factors, one for each; PyTorch's {@code
   * interpolate(scale_factor=...)}. To recompute the factors from the new sizes, give these.
   */
  public final Tensor interpolate(ResizeOptions options, double... scales) {
    return ResizeOp.resize(self(), null, scales, options);
  }
}
