package tangram.tensor.vector.conv;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import tangram.tensor.vector.gemm.DirectKernel;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Split;
import tangram.tensor.vector.runtime.NormEpilogue;
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
 * <p>A task computes some output channels, all unless there would be too few tasks, for some rows
 * of an image or for a few whole images: it fills a {@link ConvBand}, packs panels of B from it,
 * and multiplies. Every output is one chain of multiply-adds in the order (channel, tap), so the
 * bits do not depend on the tasks.
 */
final class ConvTaps {
  /** Output positions of one task, about. */
  private static final int TASK_POSITIONS = 256;

  /** Largest band of one task in floats, unless a single row of outputs needs more. */
  private static final int BAND_FLOATS = 256 * 1024;

  private static final int WIDE = ConvWeights.WIDE;
  private static final int NR = GemmKernel.NR;
  private static final int VL = GemmKernel.VL;

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
      int fit = Math.max(1, BAND_FLOATS / band.image(gridH));
      this.imagesPerTask = Math.min(images, Math.min(TASK_POSITIONS / positions, fit));
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
   * Computes all outputs from weights that lie in the order of the reduction, output channel after
   * output channel.
   *
   * @param x holds the input images
   * @param bias one value for each output channel, or null
   * @param norm what follows the forward pass, or null
   * @param first the first output channel among all of {@code norm}
   * @param out where the outputs go
   */
  void run(
      float[] x,
      int xOff,
      float[] w,
      int wOff,
      float[] bias,
      int biasOff,
      NormEpilogue norm,
      int first,
      float[] y,
      Output out) {
    if (ConvWeights.stay(rowsOfA, (long) images * gridH * gridW)) {
      run(x, xOff, w, wOff, true, bias, biasOff, norm, first, y, out);
    } else {
      float[] packed = ConvWeights.pack(rowsOfA, steps(), w, wOff);
      run(x, xOff, packed, Scratch.ALIGNED, false, bias, biasOff, norm, first, y, out);
    }
  }

  /** Computes all outputs from packed weights, see {@link ConvWeights}. */
  void run(float[] x, int xOff, float[] packed, float[] y, Output out) {
    run(x, xOff, packed, Scratch.ALIGNED, false, null, 0, null, 0, y, out);
  }

  private void run(
      float[] x,
      int xOff,
      float[] w,
      int wOff,
      boolean inRows,
      float[] bias,
      int biasOff,
      NormEpilogue norm,
      int channel,
      float[] y,
      Output out) {
    int padded = GemmKernel.paddedRows(rowsOfA);
    float[] init = Scratch.floats(Scratch.SMALL, (long) padded * NR);
    for (int i = 0; i < padded; i++) {
      float start = bias == null || i >= rowsOfA ? 0 : bias[biasOff + i];
      Arrays.fill(init, i * NR, (i + 1) * NR, start);
    }
    int rowBlocks = Gemm.blocks(gridH, gridRowsPerTask);
    int parts = rowBlocks * Gemm.blocks(images, imagesPerTask);
    int panels = GemmKernel.panels(rowsOfA);
    int wide = Gemm.blocks(imagesPerTask * gridRowsPerTask * gridW, NR);
    Split split = Split.ofRows(panels, parts, wide, steps(), Gemm.READ, Gemm.PACK);
    Parallel.run(
        split.tasks(),
        t -> {
          int part = t / split.rows();
          int image0 = part / rowBlocks * imagesPerTask;
          int image1 = Math.min(images, image0 + imagesPerTask);
          int y0 = part % rowBlocks * gridRowsPerTask;
          int rows = Math.min(gridRowsPerTask, gridH - y0);
          int a0 = Gemm.blockStart(panels, split.rows(), t % split.rows());
          int a1 = Gemm.blockStart(panels, split.rows(), t % split.rows() + 1);
          task(
              x, xOff, image0, image1, y0, rows, a0, a1, w, wOff, inRows, init, norm, channel, y,
              out);
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
      int a0,
      int a1,
      float[] w,
      int wOff,
      boolean inRows,
      float[] init,
      NormEpilogue norm,
      int channel,
      float[] y,
      Output out) {
    int imageSize = band.image(gridRowsPerTask);
    int padded = GemmKernel.paddedRows(rowsOfA);
    int panel = Gemm.KC * NR;
    int tile = (padded + GemmKernel.MR) * NR;
    int tiles = Scratch.ALIGNED + WIDE * panel;
    int bandOff = tiles + WIDE * tile;
    float[] task = Scratch.task(bandOff + (long) (image1 - image0) * imageSize);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * NR);
    int[] segments = Scratch.ints(Scratch.TILE, WIDE * (4 * NR + 1));
    for (int n = image0; n < image1; n++) {
      // A last, shorter range of rows still uses the layout of a full one.
      int to = bandOff + (n - image0) * imageSize;
      band.fill(x, xOff, n, y0, gridRowsPerTask, 0, band.channels, task, to);
    }
    int perImage = rows * gridW;
    int positions = (image1 - image0) * perImage;
    int steps = steps();
    int kBlocks = Gemm.blocks(steps, Gemm.KC);
    int counts = WIDE * 4 * NR;
    for (int first = 0; first < positions; first += WIDE * NR) {
      int panels = Math.min(WIDE, Gemm.blocks(positions - first, NR));
      for (int q = 0; q < panels; q++) {
        int at = first + q * NR;
        int cols = Math.min(NR, positions - at);
        segments[counts + q] =
            segments(at, cols, perImage, image0, y0, bandOff, imageSize, out, segments, q * 4 * NR);
      }
      for (int kb = 0; kb < kBlocks; kb++) {
        int k0 = Gemm.blockStart(steps, kBlocks, kb);
        int kc = Gemm.blockStart(steps, kBlocks, kb + 1) - k0;
        for (int q = 0; q < panels; q++) {
          int cols = Math.min(NR, positions - first - q * NR);
          int to = Scratch.ALIGNED + q * panel;
          packPanel(k0, kc, cols, segments, q * 4 * NR, segments[counts + q], task, to);
        }
        for (int p = a0; p < a1; p++) {
          int i = GemmKernel.panelStart(rowsOfA, p);
          int panelRows = GemmKernel.panelRows(rowsOfA, p);
          int ao = wOff + (inRows ? i * steps + k0 : padded * k0 + i * kc);
          for (int q = 0; q < panels; q++) {
            int left = positions - first - q * NR;
            boolean direct = direct(segments, counts + q, left, out);
            float[] c = direct ? y : task;
            int ldc = direct ? out.channel : NR;
            int co = (direct ? segments[q * 4 * NR + 3] : tiles + q * tile) + i * ldc;
            int valid = direct ? Math.min(panelRows, rowsOfA - i) : panelRows;
            int cols = left <= VL ? VL : NR;
            int bo = Scratch.ALIGNED + q * panel;
            boolean add = kb > 0;
            if (inRows) {
              DirectKernel.tile(
                  kc, valid, cols, w, ao, steps, task, bo, c, co, ldc, init, i * NR, NR, add, edge);
            } else {
              GemmKernel.tile(
                  kc, valid, panelRows, cols, w, ao, task, bo, NR, c, co, ldc, init, i * NR, NR,
                  add, edge);
            }
            if (direct && norm != null && kb == kBlocks - 1) {
              norm.finish(channel + i, channel + i + valid, co, NR);
            }
          }
        }
      }
      int row0 = GemmKernel.panelStart(rowsOfA, a0);
      int row1 = Math.min(rowsOfA, GemmKernel.panelStart(rowsOfA, a1));
      for (int q = 0; q < panels; q++) {
        if (!direct(segments, counts + q, positions - first - q * NR, out)) {
          int from = tiles + q * tile;
          int count = segments[counts + q];
          scatter(segments, q * 4 * NR, count, task, from, row0, row1, y, out);
          for (int s = 0; norm != null && s < count; s++) {
            int run = q * 4 * NR + 4 * s;
            int to = segments[run + 3] + row0 * out.channel;
            norm.finish(channel + row0, channel + row1, to, segments[run + 1]);
          }
        }
      }
    }
  }

  /**
   * Whether a panel, of whose runs there are {@code segments[count]}, is written into its place.
   */
  private static boolean direct(int[] segments, int count, int left, Output out) {
    return segments[count] == 1 && left >= NR && out.col == 1;
  }

  /**
   * Splits columns [p0, p0 + cols) of a task into runs within one output row. Four numbers for each
   * run: its first column, its length, where it starts in the task's arena, where it starts in the
   * output. The first of them is at {@code list}.
   *
   * @return how many runs there are
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
      int[] segments,
      int list) {
    int count = 0;
    for (int col = 0; col < cols; count++) {
      int p = p0 + col;
      int n = p / perImage;
      int i = p % perImage / gridW;
      int j = p % perImage % gridW;
      int length = Math.min(gridW - j, cols - col);
      segments[list + 4 * count] = col;
      segments[list + 4 * count + 1] = length;
      segments[list + 4 * count + 2] = bandOff + n * imageSize + i * band.gridRow() + j;
      segments[list + 4 * count + 3] = out.place(image0 + n) + (y0 + i) * out.row + j * out.col;
      col += length;
    }
    return count;
  }

  private void packPanel(
      int k0, int kc, int cols, int[] segments, int list, int count, float[] task, int panel) {
    for (int s = 0; s < count; s++) {
      int length = segments[list + 4 * s + 1];
      int from = segments[list + 4 * s + 2];
      int to = panel + segments[list + 4 * s];
      if (length == NR) {
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          int at = from + stepOffsets[step];
          FloatVector.fromArray(GemmKernel.SPECIES, task, at).intoArray(task, to);
          FloatVector.fromArray(GemmKernel.SPECIES, task, at + VL).intoArray(task, to + VL);
        }
      } else if (length == VL) {
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          FloatVector.fromArray(GemmKernel.SPECIES, task, from + stepOffsets[step])
              .intoArray(task, to);
        }
      } else if (length > VL) {
        VectorMask<Float> part = GemmKernel.SPECIES.indexInRange(0, length - VL);
        for (int step = k0; step < k0 + kc; step++, to += NR) {
          int at = from + stepOffsets[step];
          FloatVector.fromArray(GemmKernel.SPECIES, task, at).intoArray(task, to);
          FloatVector.fromArray(GemmKernel.SPECIES, task, at + VL, part)
              .intoArray(task, to + VL, part);
        }
      } else if (length >= 4 && length < VL) {
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
    int width = cols <= VL ? VL : NR;
    if (cols < width) {
      for (int t = 0, to = panel; t < kc; t++, to += NR) {
        for (int j = cols; j < width; j++) {
          task[to + j] = 0;
        }
      }
    }
  }

  /** Copies output channels [first, end) of a tile to where they belong. */
  private void scatter(
      int[] segments,
      int list,
      int count,
      float[] task,
      int tile,
      int first,
      int end,
      float[] y,
      Output out) {
    for (int s = 0; s < count; s++) {
      int from = tile + first * NR + segments[list + 4 * s];
      int length = segments[list + 4 * s + 1];
      int to = segments[list + 4 * s + 3] + first * out.channel;
      for (int k = first; k < end; k++, from += NR, to += out.channel) {
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
