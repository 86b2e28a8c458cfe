package tangram.tensor.vector;

/**
 * Convolution with 3x3 kernels and stride 1 by Winograd's F(4x4, 3x3): a quarter of the
 * multiplications of the definition, in 36 matrix products between transformed weights [outputs,
 * inputs] and transformed tiles [inputs, tiles].
 *
 * <p>Where there are enough tiles, a task takes a range of tiles through all three stages while
 * they lie in the second-level cache. Small planes with many channels have few tiles but large
 * weights; there each stage is run over everything, and the products are the tasks of the second.
 */
final class Winograd {
  private static final int NR = GemmKernel.NR;
  private static final int VL = GemmKernel.VL;
  private static final int MR = GemmKernel.MR;
  private static final int PLANES = WinogradTransform.PLANES;

  /** Tiles of one task, about. */
  private static final int TASK_TILES = 64;

  /** Where each stage is run over everything if that takes at most this many floats. */
  private static final int STAGED_FLOATS = 3 << 20;

  private final WinogradTiles tiles;
  private final int inputs;
  private final int outputs;
  private final int outputsPadded;
  private final WinogradTiles.Gather gather;
  private final WinogradTiles.Scatter scatter;
  private final int inputPlane;
  private final int outputPlane;
  private final int weightPlane;

  /**
   * Describes the convolution of planes.
   *
   * @param tiles of the outputs
   * @param inputs input channels
   * @param height rows of an input plane
   * @param padding zeros added on each side
   */
  Winograd(WinogradTiles tiles, int inputs, int height, int width, int padding, int outputs) {
    this.tiles = tiles;
    this.inputs = inputs;
    this.outputs = outputs;
    this.outputsPadded = GemmKernel.paddedRows(outputs);
    this.gather = new WinogradTiles.Gather(tiles, inputs, height, width, padding, 6);
    this.scatter = new WinogradTiles.Scatter(tiles, outputs);
    this.inputPlane = height * width;
    this.outputPlane = tiles.height * tiles.width;
    this.weightPlane = oddLines((long) outputsPadded * inputs);
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
   */
  void run(
      float[] x,
      int xOff,
      float[] w,
      int wOff,
      int rowStride,
      int channelStride,
      boolean flip,
      float[] bias,
      int biasOff,
      float[] y,
      int yOff) {
    float[] weights = transformWeights(w, wOff, rowStride, channelStride, flip);
    int all = tiles.tilesY * tiles.rowTiles;
    long staged = (long) PLANES * (inputs + outputsPadded) * (all + NR);
    if (tiles.acrossImages && staged <= STAGED_FLOATS) {
      runStaged(x, xOff, weights, bias, biasOff, y, yOff);
    } else {
      runFused(x, xOff, weights, bias, biasOff, y, yOff);
    }
  }

  /** Panel p of plane q lies at {@code q * weightPlane + p * MR * inputs}, [inputs][panel rows]. */
  private float[] transformWeights(
      float[] w, int wOff, int rowStride, int channelStride, boolean flip) {
    float[] packed =
        Scratch.floats(Scratch.PACKED_A, (long) PLANES * weightPlane + Scratch.ALIGNED);
    Parallel.run(
        Gemm.blocks(outputs, MR),
        panel -> {
          int i0 = panel * MR;
          int width = GemmKernel.panelRows(outputs, i0);
          int rows = Math.min(width, outputs - i0);
          int length = inputs * width;
          int padded = Gemm.blocks(length, VL) * VL;
          float[] taps = Scratch.floats(Scratch.BAND, 9L * padded + 18 * VL);
          for (int c = 0; c < inputs; c++) {
            for (int j = 0; j < width; j++) {
              int at = c * width + j;
              if (j >= rows) {
                for (int t = 0; t < 9; t++) {
                  taps[t * padded + at] = 0;
                }
                continue;
              }
              int from = wOff + (i0 + j) * rowStride + c * channelStride;
              for (int t = 0; t < 9; t++) {
                taps[t * padded + at] = w[from + (flip ? 8 - t : t)];
              }
            }
          }
          float[] work = Scratch.floats(Scratch.SMALL_TILE, 18L * VL);
          int to = Scratch.ALIGNED + i0 * inputs;
          if (padded == length) {
            WinogradTransform.weights(taps, 0, padded, length, packed, to, weightPlane, work);
          } else {
            float[] planes = Scratch.floats(Scratch.TRANSFORM_OUT, (long) PLANES * padded);
            WinogradTransform.weights(taps, 0, padded, length, planes, 0, padded, work);
            for (int p = 0; p < PLANES; p++) {
              System.arraycopy(planes, p * padded, packed, to + p * weightPlane, length);
            }
          }
        });
    return packed;
  }

  private void runFused(
      float[] x, int xOff, float[] weights, float[] bias, int biasOff, float[] y, int yOff) {
    int rows = Math.max(1, Math.min(tiles.tilesY, TASK_TILES / tiles.rowTiles));
    int ranges = Gemm.blocks(tiles.tilesY, rows);
    int images = tiles.acrossImages ? 1 : tiles.images;
    int ld = lineOf(rows * tiles.rowTiles);
    int vPlane = oddLines((long) inputs * ld);
    int mPlane = oddLines((long) outputsPadded * ld);
    Parallel.run(
        images * ranges,
        t -> {
          int image = t / ranges;
          int y0 = t % ranges * rows;
          int count = Math.min(rows, tiles.tilesY - y0);
          float[] v =
              Scratch.floats(Scratch.TRANSFORM_IN, (long) PLANES * vPlane + Scratch.ALIGNED);
          float[] m =
              Scratch.floats(Scratch.TRANSFORM_OUT, (long) PLANES * mPlane + Scratch.ALIGNED);
          int from = xOff + image * inputs * inputPlane;
          transformInputs(x, from, y0, count, 0, inputs, v, ld, vPlane);
          for (int p = 0; p < PLANES; p++) {
            multiply(weights, p, 0, outputs, v, vPlane, m, mPlane, ld, count * tiles.rowTiles);
          }
          int to = yOff + image * outputs * outputPlane;
          transformOutputs(m, mPlane, ld, y0, count, 0, outputs, bias, biasOff, y, to);
        });
  }

  private void runStaged(
      float[] x, int xOff, float[] weights, float[] bias, int biasOff, float[] y, int yOff) {
    int all = tiles.tilesY * tiles.rowTiles;
    int ld = lineOf(all);
    int vPlane = oddLines((long) inputs * ld);
    int mPlane = oddLines((long) outputsPadded * ld);
    float[] v = Scratch.floats(Scratch.TRANSFORM_IN, (long) PLANES * vPlane + Scratch.ALIGNED);
    float[] m = Scratch.floats(Scratch.STAGED_OUT, (long) PLANES * mPlane + Scratch.ALIGNED);
    int some = 8;
    Parallel.run(
        Gemm.blocks(inputs, some),
        t -> {
          int c1 = Math.min(inputs, (t + 1) * some);
          transformInputs(x, xOff, 0, tiles.tilesY, t * some, c1, v, ld, vPlane);
        });
    Parallel.run(PLANES, p -> multiply(weights, p, 0, outputs, v, vPlane, m, mPlane, ld, all));
    Parallel.run(
        Gemm.blocks(outputs, some),
        t -> {
          int k1 = Math.min(outputs, (t + 1) * some);
          transformOutputs(m, mPlane, ld, 0, tiles.tilesY, t * some, k1, bias, biasOff, y, yOff);
        });
  }

  /** Distance between the channels of transformed tiles: whole vectors, and room to overhang. */
  static int lineOf(int count) {
    return Gemm.blocks(count, NR) * NR + VL;
  }

  private void transformInputs(
      float[] x, int xOff, int y0, int rows, int c0, int c1, float[] v, int ld, int vPlane) {
    float[] scratch = Scratch.floats(Scratch.BAND, gather.scratch(rows));
    gather.prepare(rows, scratch);
    for (int c = c0; c < c1; c++) {
      gather.transform(
          x, xOff + c * inputPlane, y0, rows, v, Scratch.ALIGNED + c * ld, vPlane, scratch);
    }
  }

  private void transformOutputs(
      float[] m,
      int mPlane,
      int ld,
      int y0,
      int rows,
      int k0,
      int k1,
      float[] bias,
      int biasOff,
      float[] y,
      int yOff) {
    float[] scratch = Scratch.floats(Scratch.BAND, scatter.scratch());
    for (int k = k0; k < k1; k++) {
      scatter.transform(
          m,
          Scratch.ALIGNED + k * ld,
          mPlane,
          y0,
          rows,
          bias == null ? 0 : bias[biasOff + k],
          y,
          yOff + k * outputPlane,
          scratch);
    }
  }

  /** Plane p of the products, for outputs [k0, k1) and the first {@code count} tiles. */
  private void multiply(
      float[] weights,
      int p,
      int k0,
      int k1,
      float[] v,
      int vPlane,
      float[] m,
      int mPlane,
      int ld,
      int count) {
    int a = Scratch.ALIGNED + p * weightPlane;
    int b = Scratch.ALIGNED + p * vPlane;
    int c = Scratch.ALIGNED + p * mPlane;
    float[] zeros = Gemm.ZEROS;
    for (int j = 0; j < count; j += NR) {
      boolean narrow = count - j <= VL;
      for (int i = k0; i < k1; i += MR) {
        int rows = GemmKernel.panelRows(outputs, i);
        int at = a + i * inputs;
        int to = c + i * ld + j;
        if (narrow) {
          GemmKernel.narrowTile(
              inputs, rows, weights, at, v, b + j, ld, m, to, ld, zeros, 0, false);
        } else {
          GemmKernel.fullTile(inputs, rows, weights, at, v, b + j, ld, m, to, ld, zeros, 0, false);
        }
      }
    }
  }
}
