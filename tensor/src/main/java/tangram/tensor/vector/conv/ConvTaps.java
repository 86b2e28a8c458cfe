package tangram.tensor.vector.conv;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * Convolution as an implicit matrix product: rows of A are output channels, columns of B are output
 * positions of several images, the reduction runs over (input channel, tap).
 *
 * <p>The forward pass and the input gradient are both of this kind; they differ in their taps, in
 * how the weights are packed, and in where the outputs go: the input gradient of a convolution with
 * stride t is t * t products, one for each phase of the input grid, which writes every t-th row and
 * column. Dilated kernels are taps that lie further apart.
 *
 * <p>A task computes all output channels for some rows of an image or for a few whole images: it
 * fills a {@link ConvBand}, packs panels of B from it, and multiplies. Tasks depend on the shape
 * alone, and every output is one chain of multiply-adds in the order (channel, tap).
 */
final class ConvTaps {
  /** Output positions of one task, about. */
  private static final int TASK_POSITIONS = 256;

  /** Largest band of one task in floats, unless a single row of outputs needs more. */
  private static final int BAND_FLOATS = 128 * 1024;

  private static final int NR = GemmKernel.NR;

  private final ConvBand band;
  private final int images;
  private final int gridH;
  private final int gridW;
  private final int rowsOfA;

  private final int gridRowsPerTask;
  private final int imagesPerTask;

  /** Offset of step (channel, tap) of the reduction within an image of the band. */
  private final int[] stepOffsets;

  /**
   * Describes the product.
   *
   * @param band how input rows are laid out
   * @param images images in the batch times output planes of each
   * @param gridH output rows
   * @param tapRow row of each tap
   * @param tapCol column of each tap
   * @param rowsOfA output channels
   */
  ConvTaps(ConvBand band, int images, int gridH, int[] tapRow, int[] tapCol, int rowsOfA) {
    this.band = band;
    this.images = images;
    this.gridH = gridH;
    this.gridW = band.gridW;
    this.rowsOfA = rowsOfA;
    int positions = gridH * gridW;
    if (positions >= TASK_POSITIONS) {
      int rows = Math.max(1, TASK_POSITIONS / gridW);
      while (rows > 1 && band.image(rows) > BAND_FLOATS) {
        rows--;
      }
      this.gridRowsPerTask = rows;
      this.imagesPerTask = 1;
    } else {
      this.gridRowsPerTask = gridH;
      // At least one full panel, and as many images as keep the tasks small.
      int some = Math.max(1, (NR + positions - 1) / positions);
      int fit = Math.max(1, BAND_FLOATS / band.image(gridH));
      int wanted = Math.max(some, Math.min(TASK_POSITIONS / positions, images / 6));
      this.imagesPerTask = Math.min(images, Math.min(wanted, fit));
    }
    int plane = band.plane(gridRowsPerTask);
    int taps = tapRow.length;
    this.stepOffsets = new int[band.channels * taps];
    for (int step = 0; step < stepOffsets.length; step++) {
      int t = step % taps;
      stepOffsets[step] = step / taps * plane + band.tap(tapRow[t], tapCol[t]);
    }
  }

  /** Steps of the reduction. */
  private int steps() {
    return stepOffsets.length;
  }

  /**
   * Packs the weights as A, into the caller's scratch memory.
   *
   * @param rowStride distance between the weights of consecutive output channels
   * @param stepIndex where the weight of each step of the reduction lies among those of an output
   *     channel; null where they lie one after the other
   */
  float[] packWeights(float[] w, int wOff, int rowStride, int[] stepIndex) {
    int steps = steps();
    int padded = GemmKernel.paddedRows(rowsOfA);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) padded * steps + Scratch.ALIGNED);
    int blocks = Gemm.blocks(steps, Gemm.KC);
    Parallel.run(
        GemmKernel.panels(rowsOfA),
        panel -> {
          int i = GemmKernel.panelStart(rowsOfA, panel);
          int width = GemmKernel.panelRows(rowsOfA, panel);
          int rows = Math.min(width, rowsOfA - i);
          int from = wOff + i * rowStride;
          for (int kb = 0; kb < blocks; kb++) {
            int k0 = Gemm.blockStart(steps, blocks, kb);
            int kc = Gemm.blockStart(steps, blocks, kb + 1) - k0;
            int to = Scratch.ALIGNED + padded * k0 + i * kc;
            if (stepIndex == null) {
              Pack.columns(kc, rows, width, w, from + k0, rowStride, packed, to);
              continue;
            }
            for (int step = k0; step < k0 + kc; step++, to += width) {
              int at = from + stepIndex[step];
              for (int j = 0; j < rows; j++) {
                packed[to + j] = w[at + j * rowStride];
              }
              Arrays.fill(packed, to + rows, to + width, 0f);
            }
          }
        });
    return packed;
  }

  /**
   * Computes all outputs.
   *
   * @param x holds the input images
   * @param packed from {@link #packWeights}
   * @param bias one value for each output channel, or null
   * @param out where the outputs go
   */
  void run(float[] x, int xOff, float[] packed, float[] bias, int biasOff, float[] y, Output out) {
    int padded = GemmKernel.paddedRows(rowsOfA);
    float[] init = Scratch.floats(Scratch.SMALL, (long) padded * NR);
    for (int i = 0; i < padded; i++) {
      float start = bias == null || i >= rowsOfA ? 0 : bias[biasOff + i];
      Arrays.fill(init, i * NR, (i + 1) * NR, start);
    }
    int rowBlocks = Gemm.blocks(gridH, gridRowsPerTask);
    int imageBlocks = Gemm.blocks(images, imagesPerTask);
    Parallel.run(
        rowBlocks * imageBlocks,
        t -> {
          int image0 = t / rowBlocks * imagesPerTask;
          int image1 = Math.min(images, image0 + imagesPerTask);
          int y0 = t % rowBlocks * gridRowsPerTask;
          int rows = Math.min(gridRowsPerTask, gridH - y0);
          task(x, xOff, image0, image1, y0, rows, packed, init, y, out);
        });
  }

  /**
   * Where outputs go: position (i, j) of channel k, image n and plane z, which are image {@code n *
   * depth + z} here, to {@code offset + n * image + z * plane + k * channel + i * row + j * col}.
   */
  record Output(int offset, int depth, int image, int plane, int channel, int row, int col) {
    /** The outputs from a channel on. */
    Output from(int first) {
      return new Output(offset + first * channel, depth, image, plane, channel, row, col);
    }

    /** Where the first element of an image goes. */
    int place(int n) {
      return offset + n / depth * image + n % depth * plane;
    }
  }

  private void task(
      float[] x,
      int xOff,
      int image0,
      int image1,
      int y0,
      int rows,
      float[] packed,
      float[] init,
      float[] y,
      Output out) {
    int imageSize = band.image(gridRowsPerTask);
    int panels = GemmKernel.panels(rowsOfA);
    int padded = GemmKernel.paddedRows(rowsOfA);
    int panel = Scratch.ALIGNED;
    int tile = panel + Gemm.KC * NR;
    int bandOff = tile + (padded + GemmKernel.MR) * NR;
    float[] task = Scratch.task(bandOff + (long) (image1 - image0) * imageSize);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * NR);
    int[] segments = Scratch.ints(Scratch.TILE, 4 * NR);
    for (int n = image0; n < image1; n++) {
      // A last, shorter range of rows still uses the layout of a full one.
      int to = bandOff + (n - image0) * imageSize;
      band.fill(x, xOff, n, y0, gridRowsPerTask, 0, band.channels, task, to);
    }
    int perImage = rows * gridW;
    int positions = (image1 - image0) * perImage;
    int steps = steps();
    int kBlocks = Gemm.blocks(steps, Gemm.KC);
    for (int p0 = 0; p0 < positions; p0 += NR) {
      int cols = Math.min(NR, positions - p0);
      int count = segments(p0, cols, perImage, image0, y0, bandOff, imageSize, out, segments);
      boolean direct = count == 1 && cols == NR && out.col == 1;
      float[] c = direct ? y : task;
      int co = direct ? segments[3] : tile;
      int ldc = direct ? out.channel : NR;
      int validRows = direct ? rowsOfA : padded;
      for (int kb = 0; kb < kBlocks; kb++) {
        int k0 = Gemm.blockStart(steps, kBlocks, kb);
        int kc = Gemm.blockStart(steps, kBlocks, kb + 1) - k0;
        packPanel(k0, kc, cols, count, segments, task);
        int ao = Scratch.ALIGNED + padded * k0;
        for (int p = 0; p < panels; p++) {
          int i = GemmKernel.panelStart(rowsOfA, p);
          int panelRows = GemmKernel.panelRows(rowsOfA, p);
          GemmKernel.tile(
              kc,
              Math.min(panelRows, validRows - i),
              panelRows,
              NR,
              packed,
              ao + i * kc,
              task,
              panel,
              NR,
              c,
              co + i * ldc,
              ldc,
              init,
              i * NR,
              NR,
              kb > 0,
              edge);
        }
      }
      if (!direct) {
        scatter(count, segments, task, tile, y, out);
      }
    }
  }

  /**
   * Splits columns [p0, p0 + cols) of a task into runs within one output row. Four numbers for each
   * run: its first column, its length, where it starts in the task's arena, where it starts in the
   * output.
   */
  private int segments(
      int p0,
      int cols,
      int perImage,
      int image0,
      int y0,
      int bandOff,
      int imageSize,
      Output out,
      int[] segments) {
    int count = 0;
    for (int col = 0; col < cols; count++) {
      int p = p0 + col;
      int n = p / perImage;
      int i = p % perImage / gridW;
      int j = p % perImage % gridW;
      int length = Math.min(gridW - j, cols - col);
      segments[4 * count] = col;
      segments[4 * count + 1] = length;
      segments[4 * count + 2] = bandOff + n * imageSize + i * band.gridRow() + j;
      segments[4 * count + 3] = out.place(image0 + n) + (y0 + i) * out.row + j * out.col;
      col += length;
    }
    return count;
  }

  private void packPanel(int k0, int kc, int cols, int count, int[] segments, float[] task) {
    for (int s = 0; s < count; s++) {
      int length = segments[4 * s + 1];
      int from = segments[4 * s + 2];
      int to = Scratch.ALIGNED + segments[4 * s];
      if (length == NR) {
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          int at = from + stepOffsets[step];
          FloatVector.fromArray(GemmKernel.SPECIES, task, at).intoArray(task, to);
          FloatVector.fromArray(GemmKernel.SPECIES, task, at + GemmKernel.VL)
              .intoArray(task, to + GemmKernel.VL);
        }
      } else if (length == GemmKernel.VL) {
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          FloatVector.fromArray(GemmKernel.SPECIES, task, from + stepOffsets[step])
              .intoArray(task, to);
        }
      } else if (length > GemmKernel.VL) {
        VectorMask<Float> part = GemmKernel.SPECIES.indexInRange(0, length - GemmKernel.VL);
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          int at = from + stepOffsets[step];
          FloatVector.fromArray(GemmKernel.SPECIES, task, at).intoArray(task, to);
          FloatVector.fromArray(GemmKernel.SPECIES, task, at + GemmKernel.VL, part)
              .intoArray(task, to + GemmKernel.VL, part);
        }
      } else if (length >= 4 && length < GemmKernel.VL) {
        // A masked vector, not a shorter one: two shapes of FloatVector cost all loops their
        // registers.
        VectorMask<Float> part = GemmKernel.SPECIES.indexInRange(0, length);
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          FloatVector.fromArray(GemmKernel.SPECIES, task, from + stepOffsets[step], part)
              .intoArray(task, to, part);
        }
      } else {
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          int at = from + stepOffsets[step];
          for (int j = 0; j < length; j++) {
            task[to + j] = task[at + j];
          }
        }
      }
    }
    if (cols < NR) {
      for (int t = 0, to = Scratch.ALIGNED; t < kc; t++, to += NR) {
        for (int j = cols; j < NR; j++) {
          task[to + j] = 0;
        }
      }
    }
  }

  private void scatter(int count, int[] segments, float[] task, int tile, float[] y, Output out) {
    for (int s = 0; s < count; s++) {
      int from = tile + segments[4 * s];
      int length = segments[4 * s + 1];
      int to = segments[4 * s + 3];
      for (int k = 0; k < rowsOfA; k++, from += NR, to += out.channel) {
        if (out.col == 1) {
          System.arraycopy(task, from, y, to, length);
        } else {
          for (int j = 0, at = to; j < length; j++, at += out.col) {
            y[at] = task[from + j];
          }
        }
      }
    }
  }
}
