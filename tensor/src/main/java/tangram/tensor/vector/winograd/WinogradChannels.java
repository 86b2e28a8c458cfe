package tangram.tensor.vector.winograd;

import java.util.Arrays;
import tangram.tensor.vector.gemm.DirectKernel;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.runtime.NormEpilogue;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.Shuffles;

/**
 * {@link Winograd}'s algorithm for small planes and batches with many channels, where tiles are too
 * few to fill vectors: lanes are channels.
 *
 * <p>Products are turned over: transformed tiles [tiles, inputs], read where they lie, by
 * transformed weights [inputs, outputs]. The weights are most of the data, 36 values for 9, so they
 * never leave the second-level cache: a task takes a panel of outputs, transforms its weights for a
 * block of inputs, multiplies all tiles with them, continues with the next block, and transforms
 * the sums back.
 */
public final class WinogradChannels {
  private static final int VL = GemmKernel.VL;
  private static final int NR = GemmKernel.NR;
  private static final int PLANES = WinogradTransform.PLANES;

  /** Below this many tiles, filling the tile of registers costs more than this saves. */
  private static final int FEWEST_TILES = 4;

  /** Above this many tiles, they fill vectors and the second-level cache by themselves. */
  private static final int MOST_TILES = 512;

  /** From this many channels on this is faster than lanes of tiles. */
  private static final int CHANNELS = 64;

  /** Transformed weights of a block of inputs in floats, at most: half a second-level cache. */
  private static final int BLOCK_FLOATS = 72 * 1024;

  /** Transformed inputs in floats that all tasks read at a time, about: for the third level. */
  private static final int PASS_FLOATS = 1 << 20;

  /** Inputs whose weights are packed and transformed at a time, in the first-level cache. */
  private static final int SOME = 16;

  private final int images;
  private final int inputs;
  private final int outputs;
  private final int inputPlane;
  private final int outputPlane;
  private final int imageTiles;
  private final int tilesY;
  private final int tiles;
  private final WinogradGather gather;
  private final WinogradScatter scatter;

  /** Inputs of a block, also the distance between transformed tiles. */
  private final int block;

  /** Inputs of a pass, whole blocks. */
  private final int pass;

  /** Values of a plane of transformed tiles for a block of inputs, [tiles][block]. */
  private final int vPlane;

  private final int weightPlane;
  private final int mPlane;

  /**
   * Describes the convolution of planes.
   *
   * @param outH rows of an output plane
   * @param inputs input channels
   * @param height rows of an input plane
   * @param padding zeros added on each side
   */
  public WinogradChannels(
      int images, int outH, int outW, int inputs, int height, int width, int padding, int outputs) {
    this.images = images;
    this.inputs = inputs;
    this.outputs = outputs;
    this.inputPlane = height * width;
    this.outputPlane = outH * outW;
    this.tilesY = Gemm.blocks(outH, 4);
    this.imageTiles = tilesY * Gemm.blocks(outW, 4);
    this.tiles = images * imageTiles;
    this.block = Math.min(inputs, BLOCK_FLOATS / (PLANES * NR) / VL * VL);
    WinogradTiles from = WinogradTiles.ofChannels(outH, outW, block);
    this.gather = new WinogradGather(from, 1, height, width, padding, 6);
    this.scatter = new WinogradScatter(WinogradTiles.ofChannels(outH, outW, NR), 1);
    int padded = GemmKernel.paddedRows(tiles);
    this.vPlane = Winograd.oddLines((long) padded * block);
    int blocks = Math.max(1, PASS_FLOATS / (PLANES * vPlane));
    this.pass = Math.min(inputs, blocks * block);
    this.weightPlane = Winograd.oddLines((long) block * NR);
    this.mPlane = Winograd.oddLines((long) padded * NR);
  }

  /** Whether channels fill vectors and this is the fastest way. Depends on the shape alone. */
  public static boolean suits(int images, int outH, int outW, int inputs, int outputs) {
    int tiles = images * Gemm.blocks(outH, 4) * Gemm.blocks(outW, 4);
    return inputs % NR == 0
        && outputs % NR == 0
        && tiles >= FEWEST_TILES
        && tiles <= MOST_TILES
        && (Math.min(inputs, outputs) >= CHANNELS || WinogradTiles.of(images, outH, outW) == null);
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
    int panels = outputs / NR;
    int v = Scratch.ALIGNED + (pass < inputs ? panels * PLANES * mPlane : 0);
    float[] shared = Scratch.shared(v + (long) Gemm.blocks(pass, block) * PLANES * vPlane + VL);
    int weights = Scratch.ALIGNED + PLANES * mPlane;
    int packed = weights + PLANES * weightPlane;
    int work = packed + 9 * SOME * NR;
    long size = (long) work + Math.max(scatter.scratch(), Math.max(VL * VL, WinogradWeights.WORK));
    int[] rows = places(NR, rowStride);
    int[] steps = places(9 * SOME, NR);
    for (int c0 = 0; c0 < inputs; c0 += pass) {
      int first = c0;
      int last = Math.min(inputs, c0 + pass);
      transformInputs(x, xOff, first, last, shared, v);
      Parallel.run(
          panels,
          panel -> {
            float[] task = Scratch.task(size);
            float[] sums = pass < inputs ? shared : task;
            int m = Scratch.ALIGNED + (pass < inputs ? panel * PLANES * mPlane : 0);
            int k = panel * NR;
            for (int c = first; c < last; c += block) {
              int count = Math.min(block, last - c);
              for (int i = 0; i < count; i += SOME) {
                int some = Math.min(SOME, count - i);
                int from = wOff + k * rowStride + (c + i) * channelStride;
                packTaps(w, from, rows, channelStride, some, task, packed, steps, work);
                for (int j = 0; j < NR; j += VL) {
                  int to = weights + i * NR + j;
                  WinogradWeights.transform(
                      task, packed + j, NR, some, flip, task, to, weightPlane, task, work);
                }
              }
              int a = v + (c - first) / block * PLANES * vPlane;
              for (int p = 0; p < PLANES; p++) {
                int b = weights + p * weightPlane;
                multiply(count, shared, a + p * vPlane, task, b, sums, m + p * mPlane, c > 0);
              }
            }
            if (last == inputs) {
              transformOutputs(sums, m, k, bias, biasOff, norm, y, yOff, task, work);
            }
          });
    }
  }

  /** Transforms the tiles of channels [first, last), a vector of channels after the other. */
  private void transformInputs(float[] x, int xOff, int first, int last, float[] v, int vOff) {
    int groups = (last - first) / VL;
    int scratch = gather.scratch(tilesY);
    Parallel.run(
        images * groups,
        t -> {
          int image = t / groups;
          int c = t % groups * VL;
          float[] task = Scratch.task(scratch);
          int from = xOff + (image * inputs + first + c) * inputPlane;
          int to = vOff + c / block * PLANES * vPlane + image * imageTiles * block + c % block;
          gather.prepare(tilesY, task, Scratch.ALIGNED);
          gather.transform(x, from, 0, tilesY, v, to, vPlane, task, Scratch.ALIGNED);
        });
  }

  /** Transforms the sums of a panel of outputs, from channel k on, and finishes them. */
  private void transformOutputs(
      float[] sums,
      int m,
      int k,
      float[] bias,
      int biasOff,
      NormEpilogue norm,
      float[] y,
      int yOff,
      float[] task,
      int work) {
    for (int image = 0; image < images; image++) {
      int to = yOff + (image * outputs + k) * outputPlane;
      int from = m + image * imageTiles * NR;
      for (int j = 0; j < NR; j += VL) {
        int at = to + j * outputPlane;
        scatter.transform(sums, from + j, mPlane, 0, tilesY, 0, y, at, task, work);
      }
      for (int i = 0; bias != null && i < NR; i++) {
        float b = bias[biasOff + k + i];
        int end = to + (i + 1) * outputPlane;
        for (int p = end - outputPlane; p < end; p++) {
          y[p] += b;
        }
      }
      if (norm != null) {
        norm.finish(k, k + NR, to, outputPlane);
      }
    }
  }

  private static int[] places(int count, int distance) {
    int[] places = new int[count];
    Arrays.setAll(places, i -> i * distance);
    return places;
  }

  /** Packs the weights of a panel for some inputs, [inputs][taps][NR]. */
  private static void packTaps(
      float[] w,
      int from,
      int[] rows,
      int channelStride,
      int inputs,
      float[] task,
      int to,
      int[] steps,
      int work) {
    boolean dense = channelStride == 9;
    int length = dense ? 9 * inputs : 9;
    for (int c = 0; c < (dense ? 1 : inputs); c++, from += channelStride, to += 9 * NR) {
      for (int j = 0; j < NR; j += VL) {
        int t = 0;
        for (; t + VL <= length; t += VL) {
          Shuffles.transpose(w, from + t, rows, j, task, to + j, steps, t, VL, task, work);
        }
        // What is read beyond the taps is not used.
        if (length - t > 1 && from + t + rows[j + VL - 1] + VL <= w.length) {
          Shuffles.transpose(w, from + t, rows, j, task, to + j, steps, t, length - t, task, work);
          t = length;
        }
        for (; t < length; t++) {
          for (int i = j; i < j + VL; i++) {
            task[to + t * NR + i] = w[from + rows[i] + t];
          }
        }
      }
    }
  }

  /** Adds one plane of products of all tiles to the sums, or begins these. */
  private void multiply(
      int count,
      float[] v,
      int a,
      float[] weights,
      int b,
      float[] sums,
      int m,
      boolean accumulate) {
    int panels = GemmKernel.panels(tiles);
    for (int panel = 0; panel < panels; panel++) {
      int i = GemmKernel.panelStart(tiles, panel);
      DirectKernel.tile(
          count,
          GemmKernel.panelRows(tiles, panel),
          NR,
          v,
          a + i * block,
          block,
          weights,
          b,
          sums,
          m + i * NR,
          NR,
          Gemm.ZEROS,
          0,
          0,
          accumulate,
          null);
    }
  }
}
