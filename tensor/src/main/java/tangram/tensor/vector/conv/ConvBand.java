package tangram.tensor.vector.conv;

import java.util.Arrays;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Window;
import tangram.tensor.vector.runtime.Shuffles;

/**
 * Zero-padded copies of a few rows of planes, laid out so that every tap of a convolution reads
 * consecutive values for consecutive outputs.
 *
 * <p>A band holds, for each plane, the input rows that a range of output rows needs, including the
 * padding. With stride t a row is stored as t phases (columns 0, t, 2t, ..., then 1, t + 1, ...),
 * so that the outputs of one row read tap column s from {@code phase(s % t) + s / t} onwards with
 * step one. A band is small enough for the second-level cache; with it no kernel looks at borders
 * or strides, and no im2col buffer exists.
 *
 * <p>Output position (y, x) and tap (dr, ds) meet input row {@code y * rowStride + dr - padTop} and
 * column {@code x * stride + ds - padLeft}. The paddings may be negative.
 */
final class ConvBand {
  /** Planes of an image: channels, and of each the planes of {@link Planes}. */
  final int channels;

  private final Planes planes;
  private final int height;
  private final int width;
  private final int rowStride;
  private final int stride;
  private final int padTop;
  private final int padLeft;

  /** Output columns. */
  final int gridW;

  private final int tapRows;

  /** Distance between the phases of a row. */
  private final int phase;

  /** Distance between the rows of a band. */
  final int row;

  /**
   * Which planes an image of the band has. Convolutions of volumes are convolutions of planes: for
   * every output plane, an image whose channels are the input's with every tap along the depth.
   *
   * @param channels input channels
   * @param depth planes of an input channel
   * @param plane elements of a plane
   * @param image distance between input images
   * @param outDepth output planes of an input image
   * @param step distance between the input planes of neighbouring output planes
   * @param taps the input plane that each tap meets for output plane 0
   */
  record Planes(int channels, int depth, int plane, int image, int outDepth, int step, int[] taps) {
    /** Where a channel of an image begins; negative where it is padding. */
    int at(int image, int channel) {
      int z = image % outDepth * step + taps[channel % taps.length];
      return z < 0 || z >= depth
          ? -1
          : image / outDepth * this.image + (channel / taps.length * depth + z) * plane;
    }
  }

  /**
   * Describes bands.
   *
   * @param height rows of the input
   * @param width columns of the input
   * @param tapRows one more than the largest tap row dr
   * @param tapCols one more than the largest tap column ds
   */
  ConvBand(
      Planes planes,
      int height,
      int width,
      int rowStride,
      int stride,
      int padTop,
      int padLeft,
      int gridW,
      int tapRows,
      int tapCols) {
    this.channels = planes.channels * planes.taps.length;
    this.planes = planes;
    this.height = height;
    this.width = width;
    this.rowStride = rowStride;
    this.stride = stride;
    this.padTop = padTop;
    this.padLeft = padLeft;
    this.gridW = gridW;
    this.tapRows = tapRows;
    this.phase = gridW + (tapCols - 1) / stride;
    this.row = stride * phase;
  }

  /** Bands of a group of a convolution's input. */
  static ConvBand ofInputs(ConvShape shape) {
    Window depth = shape.depth();
    int[] taps = new int[depth.kernel()];
    Arrays.setAll(taps, t -> depth.input(0, t));
    int plane = shape.h() * shape.w();
    return new ConvBand(
        new Planes(
            shape.groupC(),
            depth.size(),
            plane,
            shape.c() * depth.size() * plane,
            depth.out(),
            depth.stride(),
            taps),
        shape.h(),
        shape.w(),
        shape.rows().stride(),
        shape.cols().stride(),
        shape.rows().begin(),
        shape.cols().begin(),
        shape.outW(),
        shape.rows().reach(),
        shape.cols().reach());
  }

  /** Input rows that {@code gridRows} output rows need. */
  private int rows(int gridRows) {
    return (gridRows - 1) * rowStride + tapRows;
  }

  /** Distance between the channels of a band of {@code gridRows} output rows. */
  int plane(int gridRows) {
    return rows(gridRows) * row;
  }

  /** Distance between the images of a band of {@code gridRows} output rows. */
  int image(int gridRows) {
    return channels * plane(gridRows);
  }

  /** Where tap (dr, ds) of output (0, 0) lies in a channel of a band. */
  int tap(int dr, int ds) {
    return dr * row + ds % stride * phase + ds / stride;
  }

  /** Distance between output rows within a band. */
  int gridRow() {
    return rowStride * row;
  }

  /**
   * Copies channels [c0, c1) of one image for output rows [y0, y0 + gridRows).
   *
   * @param x holds the images at {@code xOff}
   * @param band receives it; channel c at {@code bandOff + c * plane(gridRows)}
   */
  void fill(
      float[] x,
      int xOff,
      int image,
      int y0,
      int gridRows,
      int c0,
      int c1,
      float[] band,
      int bandOff) {
    int rows = rows(gridRows);
    int firstRow = y0 * rowStride - padTop;
    for (int c = c0; c < c1; c++) {
      int to = bandOff + c * rows * row;
      int plane = planes.at(image, c);
      if (plane < 0) {
        Arrays.fill(band, to, to + rows * row, 0f);
        continue;
      }
      int from = xOff + plane;
      for (int i = 0; i < rows; i++, to += row) {
        int h = firstRow + i;
        if (h < 0 || h >= height) {
          Arrays.fill(band, to, to + row, 0f);
        } else if (stride == 1) {
          fillRow(x, from + h * width, band, to);
        } else {
          fillPhases(x, from + h * width, band, to);
        }
      }
    }
  }

  private void fillRow(float[] x, int from, float[] band, int to) {
    int begin = Math.min(Math.max(padLeft, 0), row);
    int end = Math.max(begin, Math.min(row, width + padLeft));
    for (int j = 0; j < begin; j++) {
      band[to + j] = 0;
    }
    System.arraycopy(x, from + begin - padLeft, band, to + begin, end - begin);
    for (int j = end; j < row; j++) {
      band[to + j] = 0;
    }
  }

  private void fillPhases(float[] x, int from, float[] band, int to) {
    for (int q = 0; q < stride; q++, to += phase) {
      // Position t of this phase is input column t * stride + q - padLeft.
      int first = q - padLeft;
      int begin = first >= 0 ? 0 : Math.min(phase, (-first + stride - 1) / stride);
      int end = first >= width ? 0 : Math.min(phase, (width - 1 - first) / stride + 1);
      end = Math.max(begin, end);
      for (int t = 0; t < begin; t++) {
        band[to + t] = 0;
      }
      Shuffles.every(stride, end - begin, x, from + first + begin * stride, band, to + begin);
      for (int t = end; t < phase; t++) {
        band[to + t] = 0;
      }
    }
  }
}
