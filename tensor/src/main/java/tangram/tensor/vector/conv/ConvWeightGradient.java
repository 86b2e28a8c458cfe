package tangram.tensor.vector.conv;

import java.util.Arrays;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * The weight gradient of a group as an implicit matrix product: rows are output channels, columns
 * are (input channel, tap), the reduction runs over the output positions of all images.
 *
 * <p>The positions come in blocks of a few rows of an image or a few whole images. Blocks are dealt
 * to a fixed number of partial sums, which are added in order at the end; where one partial sum is
 * large, columns are split between tasks instead. Both depend on the shape alone.
 */
final class ConvWeightGradient {
  /** Positions in a block, about: the steps of one packed panel. */
  private static final int BLOCK_POSITIONS = 256;

  /** Tasks to aim for, enough to keep several threads busy. */
  private static final int TASKS = 12;

  /** Floats in all partial sums together, unless there is only one. */
  private static final int PARTIAL_FLOATS = 1 << 20;

  private static final int NR = GemmKernel.NR;

  private final ConvShape shape;
  private final ConvBand band;
  private final int images;
  private final int k;
  private final int outH;
  private final int outW;
  private final int columns;
  private final int blockRows;
  private final int blockImages;
  private final int rowBlocks;
  private final int blocks;
  private final int chunks;
  private final int columnsPerTask;

  /** Offset of column (channel, tap) within an image of the band. */
  private final int[] columnOffsets;

  ConvWeightGradient(ConvShape shape) {
    this.shape = shape;
    this.outH = shape.outH();
    this.outW = shape.outW();
    this.band = ConvBand.ofInputs(shape);
    this.images = shape.n() * shape.outD();
    this.k = shape.groupK();
    int positions = outH * outW;
    this.blockRows = Math.min(outH, Math.max(1, BLOCK_POSITIONS / outW));
    this.blockImages =
        blockRows < outH ? 1 : Math.min(images, Math.max(1, BLOCK_POSITIONS / positions));
    this.rowBlocks = Gemm.blocks(outH, blockRows);
    this.blocks = rowBlocks * Gemm.blocks(images, blockImages);
    int taps = shape.r() * shape.s();
    this.columns = band.channels * taps;
    long partial = (long) k * columns;
    this.chunks = (int) Math.max(1, Math.min(Math.min(blocks, TASKS), PARTIAL_FLOATS / partial));
    int split = Math.min(Gemm.blocks(columns, NR), Gemm.blocks(TASKS, chunks));
    this.columnsPerTask = Gemm.blocks(Gemm.blocks(columns, NR), split) * NR;
    int plane = band.plane(blockRows);
    this.columnOffsets = new int[columns];
    for (int j = 0; j < columns; j++) {
      int tap = j % taps;
      int dr = tap / shape.s() * shape.rows().dilation();
      int ds = tap % shape.s() * shape.cols().dilation();
      columnOffsets[j] = j / taps * plane + band.tap(dr, ds);
    }
  }

  void run(float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    int size = k * columns;
    boolean direct = chunks == 1;
    float[] partial = direct ? gw : Scratch.floats(Scratch.PARTIAL, (long) chunks * size);
    int split = Gemm.blocks(columns, columnsPerTask);
    Parallel.run(
        chunks * split,
        t -> {
          int chunk = t / split;
          int j0 = t % split * columnsPerTask;
          int j1 = Math.min(columns, j0 + columnsPerTask);
          int block0 = Gemm.blockStart(blocks, chunks, chunk);
          int block1 = Gemm.blockStart(blocks, chunks, chunk + 1);
          int to = direct ? gwOff : chunk * size;
          for (int block = block0; block < block1; block++) {
            block(x, xOff, gy, gyOff, block, j0, j1, partial, to, block > block0);
          }
        });
    if (!direct) {
      sum(partial, chunks, size, gw, gwOff);
    }
  }

  /** Adds one block of positions to columns [j0, j1) of a partial sum. */
  private void block(
      float[] x,
      int xOff,
      float[] gy,
      int gyOff,
      int block,
      int j0,
      int j1,
      float[] partial,
      int to,
      boolean accumulate) {
    int image0 = block / rowBlocks * blockImages;
    int image1 = Math.min(images, image0 + blockImages);
    int y0 = block % rowBlocks * blockRows;
    int rows = Math.min(blockRows, outH - y0);
    int steps = (image1 - image0) * rows * outW;
    int imageSize = band.image(blockRows);
    int panels = GemmKernel.panels(k);
    int padded = GemmKernel.paddedRows(k);
    int panel = Scratch.ALIGNED;
    int packedA = panel + NR * steps;
    int bandOff = packedA + padded * steps;
    int work = bandOff + (image1 - image0) * imageSize;
    float[] task = Scratch.task(work + (long) GemmKernel.VL * GemmKernel.VL);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * NR);
    int taps = shape.r() * shape.s();
    int plane = outH * outW;
    int channel = shape.outD() * plane;
    for (int n = image0; n < image1; n++) {
      int at = bandOff + (n - image0) * imageSize;
      band.fill(x, xOff, n, y0, blockRows, j0 / taps, (j1 - 1) / taps + 1, task, at);
      int step = (n - image0) * rows * outW;
      int from = gyOff + n / shape.outD() * shape.k() * channel + n % shape.outD() * plane;
      for (int p = 0; p < panels; p++) {
        int i = GemmKernel.panelStart(k, p);
        int width = GemmKernel.panelRows(k, p);
        Pack.columns(
            rows * outW,
            Math.min(width, k - i),
            width,
            gy,
            from + i * channel + y0 * outW,
            channel,
            task,
            packedA + i * steps + step * width);
      }
    }
    for (int j = j0; j < j1; j += NR) {
      int cols = Math.min(NR, j1 - j);
      packColumns(task, bandOff, image1 - image0, rows, imageSize, j, cols, work);
      for (int p = 0; p < panels; p++) {
        int i = GemmKernel.panelStart(k, p);
        int width = GemmKernel.panelRows(k, p);
        GemmKernel.tile(
            steps,
            Math.min(width, k - i),
            width,
            cols,
            task,
            packedA + i * steps,
            task,
            panel,
            NR,
            partial,
            to + i * columns + j,
            columns,
            Gemm.ZEROS,
            0,
            0,
            accumulate,
            edge);
      }
    }
  }

  /** Packs columns [j, j + cols) of a block: [image, row, column] by NR. */
  private void packColumns(
      float[] task, int bandOff, int images, int rows, int imageSize, int j, int cols, int work) {
    int to = Scratch.ALIGNED;
    if (cols < NR) {
      Arrays.fill(task, to, to + images * rows * outW * NR, 0f);
    }
    for (int n = 0; n < images; n++) {
      for (int i = 0; i < rows; i++, to += outW * NR) {
        int from = bandOff + n * imageSize + i * band.gridRow();
        Pack.columns(outW, cols, task, from, columnOffsets, j, task, to, task, work);
      }
    }
  }

  /** Adds partial sums in order. */
  static void sum(float[] partial, int chunks, int size, float[] gw, int gwOff) {
    int step = 4096;
    Parallel.run(
        Gemm.blocks(size, step),
        t -> {
          int begin = t * step;
          int end = Math.min(size, begin + step);
          System.arraycopy(partial, begin, gw, gwOff + begin, end - begin);
          for (int chunk = 1; chunk < chunks; chunk++) {
            int from = chunk * size;
            for (int i = begin; i < end; i++) {
              gw[gwOff + i] += partial[from + i];
            }
          }
        });
  }
}
