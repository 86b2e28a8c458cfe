package tangram.tensor.vector.conv;

import java.util.Arrays;
import java.util.Objects;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.winograd.Winograd;
import tangram.tensor.vector.winograd.WinogradChannels;
import tangram.tensor.vector.winograd.WinogradChannelsWeightGradient;
import tangram.tensor.vector.winograd.WinogradTiles;
import tangram.tensor.vector.winograd.WinogradWeightGradient;

/**
 * Two-dimensional convolution and its gradients on NCHW arrays.
 *
 * <p>Arrays are dense and row-major at the given offset: input [n, c, h, w], weights [k, c, r, s],
 * output [n, k, outH, outW]. Results have the same bits for any number of threads.
 */
public final class Conv {
  private Conv() {}

  /**
   * The convolution: {@code y[n, k, i, j] = bias[k] + sum over c, r, s of w[k, c, r, s] * x[n, c, i
   * * stride + r - padding, j * stride + s - padding]}, where x is zero outside its bounds.
   *
   * @param x input [n, c, h, w]
   * @param w weights [k, c, r, s]
   * @param bias [k], or null for none
   * @param y receives the output [n, k, outH, outW]
   * @throws IndexOutOfBoundsException if an array is too short
   */
  public static void forward(
      ConvShape shape,
      float[] x,
      int xOff,
      float[] w,
      int wOff,
      float[] bias,
      int biasOff,
      float[] y,
      int yOff) {
    check(x, xOff, shape.inputSize());
    check(w, wOff, shape.weightSize());
    check(y, yOff, shape.outputSize());
    if (bias != null) {
      check(bias, biasOff, shape.k());
    }
    if (PointwiseConv.suits(shape)) {
      PointwiseConv.forward(shape, x, xOff, w, wOff, bias, biasOff, y, yOff);
      return;
    }
    int taps = shape.r() * shape.s();
    int outH = shape.outH();
    int outW = shape.outW();
    if (isWinograd(shape)) {
      if (WinogradChannels.suits(shape.n(), outH, outW, shape.c(), shape.k())) {
        new WinogradChannels(
                shape.n(), outH, outW, shape.c(), shape.h(), shape.w(), shape.padding(), shape.k())
            .run(x, xOff, w, wOff, 9 * shape.c(), 9, false, bias, biasOff, y, yOff);
        return;
      }
      WinogradTiles tiles = WinogradTiles.of(shape.n(), outH, outW);
      if (tiles != null) {
        new Winograd(tiles, shape.c(), shape.h(), shape.w(), shape.padding(), shape.k())
            .run(x, xOff, w, wOff, 9 * shape.c(), 9, false, bias, biasOff, y, yOff);
        return;
      }
    }
    if (StridedConv.suits(shape)) {
      new StridedConv(shape).run(x, xOff, w, wOff, bias, biasOff, y, yOff);
      return;
    }
    int[] tapRow = new int[taps];
    int[] tapCol = new int[taps];
    for (int t = 0; t < taps; t++) {
      tapRow[t] = t / shape.s();
      tapCol[t] = t % shape.s();
    }
    ConvBand band = ConvBand.ofInputs(shape);
    ConvTaps product = new ConvTaps(band, shape.n(), outH, tapRow, tapCol, shape.k());
    int[] tapIndex = new int[taps];
    Arrays.setAll(tapIndex, t -> t);
    float[] packed = product.packWeights(w, wOff, shape.c() * taps, taps, tapIndex);
    product.run(
        x,
        xOff,
        packed,
        bias,
        biasOff,
        y,
        new ConvTaps.Output(yOff, shape.k() * outH * outW, outH * outW, outW, 1));
  }

  /**
   * The gradient with respect to the input: {@code gx[n, c, a, b]} is the sum of {@code gy[n, k, i,
   * j] * w[k, c, r, s]} over all k, r, s, i, j with {@code i * stride + r - padding = a} and {@code
   * j * stride + s - padding = b}.
   *
   * @param gy gradient of the output [n, k, outH, outW]
   * @param w weights [k, c, r, s]
   * @param gx receives the gradient of the input [n, c, h, w]
   * @throws IndexOutOfBoundsException if an array is too short
   */
  public static void inputGradient(
      ConvShape shape, float[] gy, int gyOff, float[] w, int wOff, float[] gx, int gxOff) {
    check(gy, gyOff, shape.outputSize());
    check(w, wOff, shape.weightSize());
    check(gx, gxOff, shape.inputSize());
    if (PointwiseConv.suits(shape)) {
      PointwiseConv.inputGradient(shape, gy, gyOff, w, wOff, gx, gxOff);
      return;
    }
    if (isWinograd(shape)) {
      if (WinogradChannels.suits(shape.n(), shape.h(), shape.w(), shape.k(), shape.c())) {
        new WinogradChannels(
                shape.n(),
                shape.h(),
                shape.w(),
                shape.k(),
                shape.outH(),
                shape.outW(),
                2 - shape.padding(),
                shape.c())
            .run(gy, gyOff, w, wOff, 9, 9 * shape.c(), true, null, 0, gx, gxOff);
        return;
      }
      WinogradTiles tiles = WinogradTiles.of(shape.n(), shape.h(), shape.w());
      if (tiles != null) {
        new Winograd(tiles, shape.k(), shape.outH(), shape.outW(), 2 - shape.padding(), shape.c())
            .run(gy, gyOff, w, wOff, 9, 9 * shape.c(), true, null, 0, gx, gxOff);
        return;
      }
    }
    if (StridedInputGradient.suits(shape)) {
      new StridedInputGradient(shape).run(gy, gyOff, w, wOff, gx, gxOff);
      return;
    }
    int stride = shape.stride();
    if (shape.r() < stride || shape.s() < stride) {
      // Some inputs meet no tap.
      Arrays.fill(gx, gxOff, gxOff + shape.inputSize(), 0f);
    }
    for (int rowPhase = 0; rowPhase < Math.min(stride, shape.h()); rowPhase++) {
      for (int colPhase = 0; colPhase < Math.min(stride, shape.w()); colPhase++) {
        inputGradientPhase(shape, rowPhase, colPhase, gy, gyOff, w, wOff, gx, gxOff);
      }
    }
  }

  /** Input rows rowPhase, rowPhase + stride, ... and likewise columns. */
  private static void inputGradientPhase(
      ConvShape shape,
      int rowPhase,
      int colPhase,
      float[] gy,
      int gyOff,
      float[] w,
      int wOff,
      float[] gx,
      int gxOff) {
    int stride = shape.stride();
    int[] kernelRows = phaseTaps(shape.r(), stride, rowPhase + shape.padding());
    int[] kernelCols = phaseTaps(shape.s(), stride, colPhase + shape.padding());
    int taps = kernelRows.length * kernelCols.length;
    if (taps == 0) {
      return;
    }
    // Input row rowPhase + stride * t receives tap r from output row t + (rowPhase + padding - r) /
    // stride; the last tap of the phase has the smallest offset.
    int firstRow = (rowPhase + shape.padding() - kernelRows[kernelRows.length - 1]) / stride;
    int firstCol = (colPhase + shape.padding() - kernelCols[kernelCols.length - 1]) / stride;
    int[] tapRow = new int[taps];
    int[] tapCol = new int[taps];
    int[] tapIndex = new int[taps];
    for (int t = 0; t < taps; t++) {
      int r = kernelRows[t / kernelCols.length];
      int s = kernelCols[t % kernelCols.length];
      tapRow[t] = (rowPhase + shape.padding() - r) / stride - firstRow;
      tapCol[t] = (colPhase + shape.padding() - s) / stride - firstCol;
      tapIndex[t] = r * shape.s() + s;
    }
    int gridH = (shape.h() - rowPhase + stride - 1) / stride;
    int gridW = (shape.w() - colPhase + stride - 1) / stride;
    ConvBand band =
        new ConvBand(
            shape.k(),
            shape.outH(),
            shape.outW(),
            1,
            -firstRow,
            -firstCol,
            gridW,
            kernelRows.length,
            kernelCols.length);
    ConvTaps product = new ConvTaps(band, shape.n(), gridH, tapRow, tapCol, shape.c());
    int kernel = shape.r() * shape.s();
    float[] packed = product.packWeights(w, wOff, kernel, shape.c() * kernel, tapIndex);
    int plane = shape.h() * shape.w();
    product.run(
        gy,
        gyOff,
        packed,
        null,
        0,
        gx,
        new ConvTaps.Output(
            gxOff + rowPhase * shape.w() + colPhase,
            shape.c() * plane,
            plane,
            stride * shape.w(),
            stride));
  }

  /** Kernel positions in [0, size) congruent to {@code phase} modulo the stride, in order. */
  private static int[] phaseTaps(int size, int stride, int phase) {
    int first = phase % stride;
    int[] taps = new int[first < size ? (size - 1 - first) / stride + 1 : 0];
    Arrays.setAll(taps, i -> first + i * stride);
    return taps;
  }

  /**
   * The gradient with respect to the weights: {@code gw[k, c, r, s] = sum over n, i, j of gy[n, k,
   * i, j] * x[n, c, i * stride + r - padding, j * stride + s - padding]}.
   *
   * @param x input [n, c, h, w]
   * @param gy gradient of the output [n, k, outH, outW]
   * @param gw receives the gradient of the weights [k, c, r, s]
   * @throws IndexOutOfBoundsException if an array is too short
   */
  public static void weightGradient(
      ConvShape shape, float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    check(x, xOff, shape.inputSize());
    check(gy, gyOff, shape.outputSize());
    check(gw, gwOff, shape.weightSize());
    if (PointwiseConv.suits(shape)) {
      PointwiseWeightGradient.run(shape, x, xOff, gy, gyOff, gw, gwOff);
      return;
    }
    if (isWinograd(shape)) {
      if (WinogradChannelsWeightGradient.suits(shape)) {
        new WinogradChannelsWeightGradient(shape).run(x, xOff, gy, gyOff, gw, gwOff);
        return;
      }
      WinogradTiles tiles = WinogradTiles.of(shape.n(), shape.outH(), shape.outW());
      if (tiles != null && tiles.count() >= WinogradWeightGradient.FEWEST_TILES) {
        new WinogradWeightGradient(shape, tiles).run(x, xOff, gy, gyOff, gw, gwOff);
        return;
      }
    }
    new ConvWeightGradient(shape).run(x, xOff, gy, gyOff, gw, gwOff);
  }

  private static boolean isWinograd(ConvShape shape) {
    return shape.r() == 3 && shape.s() == 3 && shape.stride() == 1 && shape.padding() <= 2;
  }

  private static void check(float[] x, int off, int size) {
    Objects.checkFromIndexSize(off, size, x.length);
  }
}
