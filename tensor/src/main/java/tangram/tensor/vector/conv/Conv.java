package tangram.tensor.vector.conv;

import java.util.Arrays;
import java.util.Objects;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.runtime.NormEpilogue;
import tangram.tensor.vector.winograd.Winograd;
import tangram.tensor.vector.winograd.WinogradChannels;
import tangram.tensor.vector.winograd.WinogradChannelsWeightGradient;
import tangram.tensor.vector.winograd.WinogradTiles;
import tangram.tensor.vector.winograd.WinogradWeightGradient;

/**
 * Convolution and its gradients in single precision, and the choice among algorithms. Arrays are
 * those of {@link ConvShape} at the given offsets. Results have the same bits for any number of
 * threads.
 */
public final class Conv {
  private Conv() {}

  /**
   * The convolution; x is zero outside its bounds.
   *
   * @param x input
   * @param w weights
   * @param bias [k], or null for none
   * @param norm what follows, or null
   * @param y receives the output
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
      NormEpilogue norm,
      float[] y,
      int yOff) {
    check(x, xOff, shape.inputSize());
    check(w, wOff, shape.weightSize());
    check(y, yOff, shape.outputSize());
    if (bias != null) {
      check(bias, biasOff, shape.k());
    }
    if (PointwiseConv.suits(shape)) {
      PointwiseConv.forward(shape, x, xOff, w, wOff, bias, biasOff, norm, y, yOff);
      return;
    }
    if (isWinograd(shape)) {
      int outH = shape.outH();
      int outW = shape.outW();
      if (WinogradChannels.suits(shape.n(), outH, outW, shape.c(), shape.k())) {
        new WinogradChannels(
                shape.n(), outH, outW, shape.c(), shape.h(), shape.w(), shape.padding(), shape.k())
            .run(x, xOff, w, wOff, 9 * shape.c(), 9, false, bias, biasOff, norm, y, yOff);
        return;
      }
      WinogradTiles tiles = WinogradTiles.of(shape.n(), outH, outW);
      if (tiles != null) {
        new Winograd(tiles, shape.c(), shape.h(), shape.w(), shape.padding(), shape.k())
            .run(x, xOff, w, wOff, 9 * shape.c(), 9, false, bias, biasOff, norm, y, yOff);
        return;
      }
    }
    ConvBand band = ConvBand.ofInputs(shape);
    int[] tapRow = tapRows(shape);
    int[] tapCol = tapCols(shape);
    int outW = shape.outW();
    int outH = shape.outH();
    int images = shape.n() * shape.outD();
    int volume = shape.outputVolume();
    int inputs = shape.groupC() * shape.inputVolume();
    int k = shape.groupK();
    int weights = shape.groupC() * shape.taps();
    ConvTaps.Output out =
        new ConvTaps.Output(yOff, shape.outD(), shape.k() * volume, outH * outW, volume, outW, 1);
    if (DirectTaps.suits(shape.groups(), k)) {
      new DirectTaps(band, images, outH, tapRow, tapCol, shape.groups(), k)
          .run(x, xOff, inputs, w, wOff, k * weights, weights, null, bias, biasOff, y, out);
      if (norm != null) {
        norm.finish(shape.n());
      }
      return;
    }
    ConvTaps product = new ConvTaps(band, images, outH, tapRow, tapCol, k);
    for (int g = 0; g < shape.groups(); g++) {
      int from = wOff + g * k * weights;
      int first = g * k;
      product.run(
          x, xOff + g * inputs, w, from, bias, biasOff + first, norm, first, y, out.from(first));
    }
  }

  /** The row of each tap of a plane, dilated. */
  static int[] tapRows(ConvShape shape) {
    int[] rows = new int[shape.r() * shape.s()];
    Arrays.setAll(rows, t -> t / shape.s() * shape.rows().dilation());
    return rows;
  }

  /** The column of each tap of a plane, dilated. */
  static int[] tapCols(ConvShape shape) {
    int[] cols = new int[shape.r() * shape.s()];
    Arrays.setAll(cols, t -> t % shape.s() * shape.cols().dilation());
    return cols;
  }

  /**
   * The gradient with respect to the input.
   *
   * @param gy gradient of the output
   * @param w weights
   * @param gx receives the gradient of the input
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
            .run(gy, gyOff, w, wOff, 9, 9 * shape.c(), true, null, 0, null, gx, gxOff);
        return;
      }
      WinogradTiles tiles = WinogradTiles.of(shape.n(), shape.h(), shape.w());
      if (tiles != null) {
        new Winograd(tiles, shape.k(), shape.outH(), shape.outW(), 2 - shape.padding(), shape.c())
            .run(gy, gyOff, w, wOff, 9, 9 * shape.c(), true, null, 0, null, gx, gxOff);
        return;
      }
    }
    ConvPhase[] depths = ConvPhase.of(shape.depth());
    ConvPhase[] rows = ConvPhase.of(shape.rows());
    ConvPhase[] cols = ConvPhase.of(shape.cols());
    if (ConvPhase.anyEmpty(depths) || ConvPhase.anyEmpty(rows) || ConvPhase.anyEmpty(cols)) {
      // Some inputs meet no tap.
      Arrays.fill(gx, gxOff, gxOff + shape.inputSize(), 0f);
    }
    for (ConvPhase depth : depths) {
      for (ConvPhase row : rows) {
        for (ConvPhase col : cols) {
          if (depth.taps().length * row.taps().length * col.taps().length > 0) {
            inputGradientPhase(shape, depth, row, col, gy, gyOff, w, wOff, gx, gxOff);
          }
        }
      }
    }
  }

  /** The inputs of one phase along each dimension. */
  private static void inputGradientPhase(
      ConvShape shape,
      ConvPhase depth,
      ConvPhase row,
      ConvPhase col,
      float[] gy,
      int gyOff,
      float[] w,
      int wOff,
      float[] gx,
      int gxOff) {
    int taps = row.taps().length * col.taps().length;
    int[] tapRow = new int[taps];
    int[] tapCol = new int[taps];
    for (int t = 0; t < taps; t++) {
      tapRow[t] = row.outputs()[t / col.taps().length] - row.first();
      tapCol[t] = col.outputs()[t % col.taps().length] - col.first();
    }
    int channels = shape.groupK();
    int weights = shape.groupC() * shape.taps();
    int[] stepIndex = new int[channels * depth.taps().length * taps];
    for (int step = 0; step < stepIndex.length; step++) {
      int t = step % taps;
      int a = step / taps % depth.taps().length;
      int r = depth.taps()[a] * shape.r() + row.taps()[t / col.taps().length];
      stepIndex[step] =
          step / taps / depth.taps().length * weights
              + r * shape.s()
              + col.taps()[t % col.taps().length];
    }
    int outPlane = shape.outH() * shape.outW();
    int outImage = shape.k() * shape.outputVolume();
    ConvBand band =
        new ConvBand(
            new ConvBand.Planes(
                channels, shape.outD(), outPlane, outImage, depth.count(), 1, depth.outputs()),
            shape.outH(),
            shape.outW(),
            1,
            1,
            -row.first(),
            -col.first(),
            col.count(),
            row.outputs()[0] - row.first() + 1,
            col.outputs()[0] - col.first() + 1);
    int c = shape.groupC();
    int images = shape.n() * depth.count();
    int outputs = channels * shape.outputVolume();
    int plane = shape.h() * shape.w();
    int volume = shape.inputVolume();
    ConvTaps.Output out =
        new ConvTaps.Output(
            gxOff + depth.phase() * plane + row.phase() * shape.w() + col.phase(),
            depth.count(),
            shape.c() * volume,
            shape.depth().stride() * plane,
            volume,
            shape.rows().stride() * shape.w(),
            shape.cols().stride());
    if (DirectTaps.suits(shape.groups(), c)) {
      new DirectTaps(band, images, row.count(), tapRow, tapCol, shape.groups(), c)
          .run(
              gy,
              gyOff,
              outputs,
              w,
              wOff,
              channels * weights,
              shape.taps(),
              stepIndex,
              null,
              0,
              gx,
              out);
      return;
    }
    ConvTaps product = new ConvTaps(band, images, row.count(), tapRow, tapCol, c);
    for (int g = 0; g < shape.groups(); g++) {
      int from = wOff + g * channels * weights;
      float[] packed = ConvWeights.pack(c, shape.taps(), stepIndex, w, from);
      product.run(gy, gyOff + g * outputs, packed, gx, out.from(g * c));
    }
  }

  /**
   * The gradient with respect to the weights.
   *
   * @param x input
   * @param gy gradient of the output
   * @param gw receives the gradient of the weights
   * @throws IndexOutOfBoundsException if an array is too short
   */
  public static void weightGradient(
      ConvShape shape, float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    check(x, xOff, shape.inputSize());
    check(gy, gyOff, shape.outputSize());
    check(gw, gwOff, shape.weightSize());
    if (PointwiseConv.suits(shape) && shape.outputVolume() >= GemmKernel.NR) {
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
    if (DirectWeightGradient.suits(shape)) {
      new DirectWeightGradient(shape).run(x, xOff, gy, gyOff, gw, gwOff);
      return;
    }
    ConvWeightGradient product = new ConvWeightGradient(shape);
    for (int g = 0; g < shape.groups(); g++) {
      product.run(
          x,
          xOff + g * shape.groupC() * shape.inputVolume(),
          gy,
          gyOff + g * shape.groupK() * shape.outputVolume(),
          gw,
          gwOff + g * (shape.weightSize() / shape.groups()));
    }
  }

  private static boolean isWinograd(ConvShape shape) {
    return shape.isSquare()
        && shape.r() == 3
        && shape.s() == 3
        && shape.stride() == 1
        && shape.padding() <= 2;
  }

  private static void check(float[] x, int off, int size) {
    Objects.checkFromIndexSize(off, size, x.length);
  }
}
