package tangram.tensor.vector.winograd;

import java.util.Arrays;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.DotKernel;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * The weight gradient of 3x3 convolutions with stride 1 by the transpose of Winograd's F(4x4, 3x3):
 * {@code gw = G^T [sum over tiles of (A gy A^T) * (B^T x B)] G}, where * is the product of
 * corresponding elements, for every pair of channels.
 *
 * <p>With small weights, ranges of tiles are dealt to a fixed number of partial sums. With large
 * ones there is one sum, and each of its 36 planes is a task. Both depend on the shape alone.
 */
public final class WinogradWeightGradient {
  /**
   * With fewer tiles the dot products are too short for this to pay. Measured: 12 tiles take twice
   * the time of the direct product, 48 tiles half of it.
   */
  public static final int FEWEST_TILES = 24;

  private static final int VL = GemmKernel.VL;
  private static final int PLANES = WinogradTransform.PLANES;
  private static final int ROWS = DotKernel.ROWS;
  private static final int COLS = DotKernel.COLS;

  /** Transformed values of one range in floats, about: a second-level cache full. */
  private static final int RANGE_FLOATS = 200 * 1024;

  /** Transformed values of one range where all threads work on it together. */
  private static final int SHARED_FLOATS = 3 << 20;

  /** Channels of one task where all threads work on a range together. */
  private static final int SHARED_CHANNELS = 8;

  /** Partial sums to aim for, enough to keep several threads busy. */
  private static final int CHUNKS = 12;

  /** Floats in all partial sums together. */
  private static final int PARTIAL_FLOATS = 2 << 20;

  private final ConvShape shape;
  private final WinogradTiles tiles;
  private final WinogradGather inputs;
  private final WinogradGather gradients;
  private final int inputPlane;
  private final int gradientPlane;
  private final int rowBlocks;
  private final int colBlocks;

  /** Values in a plane of the sum: blocks of ROWS by COLS. */
  private final int sumPlane;

  private final boolean shared;
  private final int rows;
  private final int ranges;
  private final int chunks;
  private final int ld;
  private final int vPlane;
  private final int gPlane;

  public WinogradWeightGradient(ConvShape shape, WinogradTiles tiles) {
    this.shape = shape;
    this.tiles = tiles;
    this.inputs = new WinogradGather(tiles, shape.c(), shape.h(), shape.w(), shape.padding(), 6);
    this.gradients = new WinogradGather(tiles, shape.k(), tiles.height, tiles.width, 0, 4);
    this.inputPlane = shape.h() * shape.w();
    this.gradientPlane = tiles.height * tiles.width;
    this.rowBlocks = Gemm.blocks(shape.k(), ROWS);
    this.colBlocks = Gemm.blocks(shape.c(), COLS);
    this.sumPlane = rowBlocks * colBlocks * ROWS * COLS;
    int perRow = PLANES * (shape.c() + shape.k()) * tiles.rowTiles;
    this.shared = (long) PLANES * sumPlane * CHUNKS > PARTIAL_FLOATS;
    int wanted = (shared ? SHARED_FLOATS : RANGE_FLOATS) / perRow;
    this.rows = Math.max(1, Math.min(tiles.tilesY, wanted));
    this.ranges = Gemm.blocks(tiles.tilesY, rows) * (tiles.acrossImages ? 1 : shape.n());
    this.chunks = shared ? 1 : Math.min(ranges, CHUNKS);
    this.ld = Winograd.lineOf(rows * tiles.rowTiles);
    this.vPlane = Winograd.oddLines((long) colBlocks * COLS * ld);
    this.gPlane = Winograd.oddLines((long) rowBlocks * ROWS * ld);
  }

  public void run(float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    int size = PLANES * sumPlane;
    long shareSize = shared ? (long) PLANES * (vPlane + gPlane) : 0;
    float[] share = Scratch.shared((long) chunks * size + shareSize);
    int sum = Math.toIntExact(Scratch.ALIGNED + shareSize);
    Arrays.fill(share, sum, sum + chunks * size, 0f);
    int v = Scratch.ALIGNED;
    int g = v + PLANES * vPlane;
    int scratch = Math.max(inputs.scratch(rows), gradients.scratch(rows));
    if (shared) {
      int inputTasks = Gemm.blocks(shape.c(), SHARED_CHANNELS);
      int gradientTasks = Gemm.blocks(shape.k(), SHARED_CHANNELS);
      for (int range = 0; range < ranges; range++) {
        int current = range;
        Parallel.run(
            inputTasks + gradientTasks,
            t -> {
              float[] task = Scratch.task(scratch);
              int work = Scratch.ALIGNED;
              if (t < inputTasks) {
                int c0 = t * SHARED_CHANNELS;
                int c1 = Math.min(shape.c(), c0 + SHARED_CHANNELS);
                transformInputs(x, xOff, current, c0, c1, share, v, task, work);
              } else {
                int k0 = (t - inputTasks) * SHARED_CHANNELS;
                int k1 = Math.min(shape.k(), k0 + SHARED_CHANNELS);
                transformGradients(gy, gyOff, current, k0, k1, share, g, task, work);
              }
            });
        Parallel.run(
            PLANES, p -> multiply(p, count(current), share, v, g, share, sum + p * sumPlane));
      }
    } else {
      int work = g + PLANES * gPlane;
      long taskSize = (long) work + scratch;
      Parallel.run(
          chunks,
          chunk -> {
            float[] task = Scratch.task(taskSize);
            int end = Gemm.blockStart(ranges, chunks, chunk + 1);
            for (int range = Gemm.blockStart(ranges, chunks, chunk); range < end; range++) {
              transformInputs(x, xOff, range, 0, shape.c(), task, v, task, work);
              transformGradients(gy, gyOff, range, 0, shape.k(), task, g, task, work);
              for (int p = 0; p < PLANES; p++) {
                int to = sum + chunk * size + p * sumPlane;
                multiply(p, count(range), task, v, g, share, to);
              }
            }
          });
    }
    finish(share, sum, gw, gwOff);
  }

  private int image(int range) {
    return tiles.acrossImages ? 0 : range / Gemm.blocks(tiles.tilesY, rows);
  }

  private int firstRow(int range) {
    return range % Gemm.blocks(tiles.tilesY, rows) * rows;
  }

  private int rowsOf(int range) {
    return Math.min(rows, tiles.tilesY - firstRow(range));
  }

  /** Terms of the reduction over a range, rounded up to whole vectors. */
  private int count(int range) {
    return Gemm.blocks(rowsOf(range) * tiles.rowTiles, VL) * VL;
  }

  private void transformInputs(
      float[] x,
      int xOff,
      int range,
      int c0,
      int c1,
      float[] v,
      int vOff,
      float[] scratch,
      int work) {
    inputs.prepare(rows, scratch, work);
    int first = firstRow(range);
    int from = xOff + image(range) * shape.c() * inputPlane;
    for (int c = c0; c < c1; c++) {
      int to = vOff + c * ld;
      inputs.transform(
          x, from + c * inputPlane, first, rowsOf(range), v, to, vPlane, scratch, work);
      clearSurplus(range, v, to, vPlane);
    }
  }

  private void transformGradients(
      float[] gy,
      int gyOff,
      int range,
      int k0,
      int k1,
      float[] g,
      int gOff,
      float[] scratch,
      int work) {
    gradients.prepare(rows, scratch, work);
    int first = firstRow(range);
    int from = gyOff + image(range) * shape.k() * gradientPlane;
    for (int k = k0; k < k1; k++) {
      int to = gOff + k * ld;
      gradients.transform(
          gy, from + k * gradientPlane, first, rowsOf(range), g, to, gPlane, scratch, work);
      clearSurplus(range, g, to, gPlane);
    }
  }

  /** Lanes beyond the last tile must not count: both factors are zero there. */
  private void clearSurplus(int range, float[] to, int at, int plane) {
    int begin = rowsOf(range) * tiles.rowTiles;
    int end = count(range);
    for (int p = 0; begin < end && p < PLANES; p++) {
      Arrays.fill(to, at + p * plane + begin, at + p * plane + end, 0f);
    }
  }

  private void multiply(
      int p, int count, float[] transformed, int vOff, int gOff, float[] sum, int sumOff) {
    int a = gOff + p * gPlane;
    int to = sumOff;
    for (int i = 0; i < rowBlocks; i++, a += ROWS * ld) {
      int b = vOff + p * vPlane;
      for (int j = 0; j < colBlocks; j++, b += COLS * ld, to += ROWS * COLS) {
        DotKernel.add(count, transformed, a, ld, transformed, b, ld, sum, to);
      }
    }
  }

  /** Adds the partial sums in order, transforms, and writes the weights' gradient. */
  private void finish(float[] partial, int partialOff, float[] gw, int gwOff) {
    int step = colBlocks * ROWS * COLS;
    int padded = Gemm.blocks(step, VL) * VL;
    int sum = Scratch.ALIGNED;
    int taps = sum + PLANES * padded;
    int work = taps + 9 * padded;
    Parallel.run(
        rowBlocks,
        block -> {
          float[] task = Scratch.task(work + 18L * VL);
          for (int p = 0; p < PLANES; p++) {
            int from = partialOff + p * sumPlane + block * step;
            int to = sum + p * padded;
            System.arraycopy(partial, from, task, to, step);
            for (int chunk = 1; chunk < chunks; chunk++) {
              from += PLANES * sumPlane;
              for (int i = 0; i < step; i++) {
                task[to + i] += partial[from + i];
              }
            }
          }
          WinogradWeights.gradient(task, sum, padded, step, task, taps, padded, work);
          for (int i = 0; i < Math.min(ROWS, shape.k() - block * ROWS); i++) {
            int to = gwOff + (block * ROWS + i) * shape.c() * 9;
            for (int c = 0; c < shape.c(); c++, to += 9) {
              int at = taps + (c / COLS * ROWS + i) * COLS + c % COLS;
              for (int t = 0; t < 9; t++) {
                gw[to + t] = task[at + t * padded];
              }
            }
          }
        });
  }
}
