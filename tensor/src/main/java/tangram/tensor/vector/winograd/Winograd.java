package tangram.tensor.vector.winograd;

import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.runtime.NormEpilogue;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * Convolution with 3x3 kernels and stride 1 by Winograd's F(4x4, 3x3): a quarter of the
 * multiplications of the definition, in 36 matrix products between transformed weights [outputs,
 * inputs] and transformed tiles [inputs, tiles].
 *
 * <p>Where there are enough tiles, a task takes a range of tiles through all three stages while
 * they lie in the second-level cache. Small planes with many channels have few tiles but large
 * weights; there each stage is run over everything, and the products are the tasks of the second.
 */
public final class Winograd {
  private static final int NR = GemmKernel.NR;
  private static final int VL = GemmKernel.VL;
  private static final int PLANES = WinogradTransform.PLANES;

  /** Tiles of one task, about. */
  private static final int TASK_TILES = 64;

  /** Where each stage is run over everything if that takes at most this many floats. */
  private static final int STAGED_FLOATS = 3 << 20;

  /** Channels of one task of a stage. */
  private static final int STAGED_CHANNELS = 8;

  private final WinogradTiles tiles;
  private final int inputs;
  private final int outputs;
  private final int outputsPadded;
  private final WinogradGather gather;
  private final WinogradScatter scatter;
  private final int inputPlane;
  private final int outputPlane;
  private final int weightPanel;
  private final int weightPlane;

  /**
   * Describes the convolution of planes.
   *
   * @param tiles of the outputs
   * @param inputs input channels
   * @param height rows of an input plane
   * @param padding zeros added on each side
   */
  public Winograd(
      WinogradTiles tiles, int inputs, int height, int width, int padding, int outputs) {
    this.tiles = tiles;
    this.inputs = inputs;
    this.outputs = outputs;
    this.outputsPadded = GemmKernel.paddedRows(outputs);
    this.gather = new WinogradGather(tiles, inputs, height, width, padding, 6);
    this.scatter = new WinogradScatter(tiles, outputs);
    this.inputPlane = height * width;
    this.outputPlane = tiles.height * tiles.width;
    // Values beyond the panel are overwritten when it is transformed.
    this.weightPanel = GemmKernel.MR * inputs + VL;
    this.weightPlane = oddLines((long) GemmKernel.panels(outputs) * weightPanel);
  }

  /**
   * Rounds up to an odd number of vectors, so that the 36 planes that a transform writes together
   * fall into different sets of the cache.
   */
  static int oddLines(long size) {
    return Math.toIntExact(((size + VL - 1) / VL | 1) * VL);
  }

  /**
   * Computes all outputs.
   *
   * @param rowStride distance between the weights of consecutive output channels
   * @param channelStride distance between the weights of consecutive input channels
   * @param flip whether the kernel is turned by 180 degrees
   * @param bias one value for each output channel, or null
   * @param norm what follows, or null
   */
  public void run(
      float[] x,
      int xOff,
      float[] w,
      int wOff,
      int rowStride,
      int channelStride,
      boolean flip,
      float[] bias,
      int biasOff,
      NormEpilogue norm,
      float[] y,
      int yOff) {
    int all = tiles.tilesY * tiles.rowTiles;
    int ld = lineOf(all);
    int vPlane = oddLines((long) inputs * ld);
    int mPlane = oddLines((long) outputsPadded * ld);
    long stagedSize = (long) PLANES * (vPlane + mPlane);
    boolean staged = tiles.acrossImages && stagedSize <= STAGED_FLOATS;
    long weightSize = (long) PLANES * weightPlane;
    float[] shared = Scratch.shared(weightSize + (staged ? stagedSize : 0));
    transformWeights(w, wOff, rowStride, channelStride, flip, shared);
    if (staged) {
      int v = Math.toIntExact(Scratch.ALIGNED + weightSize);
      runStaged(x, xOff, shared, v, ld, vPlane, mPlane, bias, biasOff, norm, y, yOff);
    } else {
      runFused(x, xOff, shared, bias, biasOff, norm, y, yOff);
    }
  }

  /** Panel p of plane q goes to {@code ALIGNED + q * weightPlane + p * weightPanel}. */
  private void transformWeights(
      float[] w, int wOff, int rowStride, int channelStride, boolean flip, float[] weights) {
    Parallel.run(
        GemmKernel.panels(outputs),
        panel -> {
          int i = GemmKernel.panelStart(outputs, panel);
          int width = GemmKernel.panelRows(outputs, panel);
          int rows = Math.min(width, outputs - i);
          int work = Scratch.ALIGNED + (9 * inputs + VL) * width;
          float[] task = Scratch.task((long) work + WinogradWeights.WORK);
          int from = wOff + i * rowStride;
          packTaps(w, from, rows, width, rowStride, channelStride, task);
          WinogradWeights.transform(
              task,
              Scratch.ALIGNED,
              width,
              inputs,
              flip,
              weights,
              Scratch.ALIGNED + panel * weightPanel,
              weightPlane,
              task,
              work);
        });
  }

  /** Packs the weights of a panel, [inputs][taps][width]; may write VL * width more. */
  private void packTaps(
      float[] w, int from, int rows, int width, int rowStride, int channelStride, float[] to) {
    int packed = Scratch.ALIGNED;
    if (channelStride == 9) {
      Pack.columns(9 * inputs, rows, width, w, from, rowStride, to, packed);
      return;
    }
    for (int c = 0; c < inputs; c++, packed += 9 * width) {
      int at = from + c * channelStride;
      if (VL < 9 || rows < width || at + (width - 1) * rowStride + VL > w.length) {
        Pack.columns(9, rows, width, w, at, rowStride, to, packed);
      } else {
        // What is packed beyond the nine taps is overwritten by the next channel.
        Pack.columns(VL, rows, width, w, at, rowStride, to, packed);
      }
    }
  }

  private void runFused(
      float[] x,
      int xOff,
      float[] weights,
      float[] bias,
      int biasOff,
      NormEpilogue norm,
      float[] y,
      int yOff) {
    int rows = Math.max(1, Math.min(tiles.tilesY, TASK_TILES / tiles.rowTiles));
    int ranges = Gemm.blocks(tiles.tilesY, rows);
    int images = tiles.acrossImages ? 1 : tiles.images;
    int ld = lineOf(rows * tiles.rowTiles);
    int vPlane = oddLines((long) inputs * ld);
    int mPlane = oddLines((long) outputsPadded * ld);
    int v = Scratch.ALIGNED;
    int m = v + PLANES * vPlane;
    int work = m + PLANES * mPlane;
    long size = (long) work + Math.max(gather.scratch(rows), scatter.scratch());
    Parallel.run(
        images * ranges,
        t -> {
          int image = t / ranges;
          int y0 = t % ranges * rows;
          int count = Math.min(rows, tiles.tilesY - y0);
          float[] task = Scratch.task(size);
          int from = xOff + image * inputs * inputPlane;
          transformInputs(x, from, y0, count, 0, inputs, task, v, ld, vPlane, task, work);
          for (int p = 0; p < PLANES; p++) {
            multiply(
                weights, p, task, v + p * vPlane, task, m + p * mPlane, ld, count * tiles.rowTiles);
          }
          int to = yOff + image * outputs * outputPlane;
          transformOutputs(
              task, m, mPlane, ld, y0, count, 0, outputs, bias, biasOff, norm, y, to, task, work);
        });
  }

  private void runStaged(
      float[] x,
      int xOff,
      float[] shared,
      int v,
      int ld,
      int vPlane,
      int mPlane,
      float[] bias,
      int biasOff,
      NormEpilogue norm,
      float[] y,
      int yOff) {
    int m = v + PLANES * vPlane;
    int rows = tiles.tilesY;
    int work = Scratch.ALIGNED;
    int size = Math.max(gather.scratch(rows), scatter.scratch());
    Parallel.run(
        Gemm.blocks(inputs, STAGED_CHANNELS),
        t -> {
          int c0 = t * STAGED_CHANNELS;
          int c1 = Math.min(inputs, c0 + STAGED_CHANNELS);
          transformInputs(
              x, xOff, 0, rows, c0, c1, shared, v, ld, vPlane, Scratch.task(size), work);
        });
    int count = rows * tiles.rowTiles;
    Parallel.run(
        PLANES,
        p -> multiply(shared, p, shared, v + p * vPlane, shared, m + p * mPlane, ld, count));
    Parallel.run(
        Gemm.blocks(outputs, STAGED_CHANNELS),
        t -> {
          int k0 = t * STAGED_CHANNELS;
          int k1 = Math.min(outputs, k0 + STAGED_CHANNELS);
          transformOutputs(
              shared,
              m,
              mPlane,
              ld,
              0,
              rows,
              k0,
              k1,
              bias,
              biasOff,
              norm,
              y,
              yOff,
              Scratch.task(size),
              work);
        });
  }

  /** Distance between the channels of transformed tiles: whole vectors, and room to overhang. */
  static int lineOf(int count) {
    return Gemm.blocks(count, NR) * NR + VL;
  }

  private void transformInputs(
      float[] x,
      int xOff,
      int y0,
      int rows,
      int c0,
      int c1,
      float[] v,
      int vOff,
      int ld,
      int vPlane,
      float[] scratch,
      int scratchOff) {
    gather.prepare(rows, scratch, scratchOff);
    for (int c = c0; c < c1; c++) {
      gather.transform(
          x, xOff + c * inputPlane, y0, rows, v, vOff + c * ld, vPlane, scratch, scratchOff);
    }
  }

  private void transformOutputs(
      float[] m,
      int mOff,
      int mPlane,
      int ld,
      int y0,
      int rows,
      int k0,
      int k1,
      float[] bias,
      int biasOff,
      NormEpilogue norm,
      float[] y,
      int yOff,
      float[] scratch,
      int scratchOff) {
    int images = tiles.acrossImages ? tiles.images : 1;
    int first = 4 * y0 * tiles.width;
    int count = Math.min(4 * (y0 + rows), tiles.height) * tiles.width - first;
    for (int k = k0; k < k1; k++) {
      float b = bias == null ? 0 : bias[biasOff + k];
      int to = yOff + k * outputPlane;
      scatter.transform(m, mOff + k * ld, mPlane, y0, rows, b, y, to, scratch, scratchOff);
      for (int i = 0; norm != null && i < images; i++) {
        norm.finish(k, k + 1, to + i * outputs * outputPlane + first, count);
      }
    }
  }

  /** Plane p of the products, for the first {@code count} tiles. */
  private void multiply(
      float[] weights, int p, float[] v, int vOff, float[] m, int mOff, int ld, int count) {
    int a = Scratch.ALIGNED + p * weightPlane;
    float[] zeros = Gemm.ZEROS;
    int panels = GemmKernel.panels(outputs);
    for (int j = 0; j < count; j += NR) {
      boolean narrow = count - j <= VL;
      int b = vOff + j;
      for (int panel = 0; panel < panels; panel++) {
        int rows = GemmKernel.panelRows(outputs, panel);
        int at = a + panel * weightPanel;
        int to = mOff + GemmKernel.panelStart(outputs, panel) * ld + j;
        if (narrow) {
          GemmKernel.narrowTile(inputs, rows, weights, at, v, b, ld, m, to, ld, zeros, 0, 0);
        } else {
          GemmKernel.fullTile(inputs, rows, weights, at, v, b, ld, m, to, ld, zeros, 0, 0);
        }
      }
    }
  }
}
