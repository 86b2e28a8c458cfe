package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention within windows, in steps: the small matrix products of all windows and heads, and what
 * is done to the rows of scores in between.
 */
final class AttentionKernels {
  /** Rows of a tile of a product. */
  static final int TILE_ROWS = 64;

  /** Columns of a tile of a product: the usual width of a head. */
  static final int TILE_COLS = 32;

  /** Threads of a group of a product, x and y; each computes 4 x 4 elements. */
  static final int THREADS_X = 8;

  static final int THREADS_Y = 16;

  /** Ints by which {@code product} is told of one kind of product. */
  static final int KIND = 14;

  /** Threads that share a row of scores. */
  static final int ROW_THREADS = 16;

  /** Rows of a group. */
  static final int ROWS = 16;

  /** Steps of a product's sum that are in local memory at a time. */
  private static final int STRIP = 16;

  /** Distances of steps in local memory; odd, so that neighbours are in different banks. */
  private static final int A_PITCH = TILE_ROWS + 1;

  private static final int B_PITCH = TILE_COLS + 1;

  private AttentionKernels() {}

  /**
   * C = factor A B for every window and head (x of the grid: window, head), and for up to three
   * kinds of matrices of the same sizes (z of the grid). Tiles are y of the grid, row by row.
   *
   * <p>p: m, n, k, heads, tiles in a row, and for every kind: a, its distances of rows, columns,
   * windows and heads; likewise b; c, its distances of rows, windows and heads. s: the factor of
   * each kind.
   */
  static void product(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * A_PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * B_PITCH);
    float[] sum = new float[16];
    int rows = p.get(0);
    int cols = p.get(1);
    int steps = p.get(2);
    int heads = p.get(3);
    int tilesX = p.get(4);
    int window = c.groupIdx / heads;
    int head = c.groupIdx % heads;
    int kind = 5 + c.groupIdz * KIND;
    int a0 = p.get(kind) + window * p.get(kind + 3) + head * p.get(kind + 4);
    int aRow = p.get(kind + 1);
    int aCol = p.get(kind + 2);
    int b0 = p.get(kind + 5) + window * p.get(kind + 8) + head * p.get(kind + 9);
    int bRow = p.get(kind + 6);
    int bCol = p.get(kind + 7);
    int c0 = p.get(kind + 10) + window * p.get(kind + 12) + head * p.get(kind + 13);
    int cRow = p.get(kind + 11);
    float factor = s.get(c.groupIdz);
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS_X + tx;
    int firstRow = c.groupIdy / tilesX * TILE_ROWS;
    int firstCol = c.groupIdy % tilesX * TILE_COLS;
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    for (int k0 = 0; k0 < steps; k0 += STRIP) {
      // Neighbouring threads read neighbouring elements, whichever way a matrix is stored.
      for (int q = 0; q < 8; q++) {
        int e = thread + q * 128;
        int i = e / STRIP;
        int k = e % STRIP;
        if (aCol != 1) {
          i = e % TILE_ROWS;
          k = e / TILE_ROWS;
        }
        float av = 0f;
        if (firstRow + i < rows && k0 + k < steps) {
          av = x.get(a0 + (firstRow + i) * aRow + (k0 + k) * aCol);
        }
        aStrip[k * A_PITCH + i] = av;
      }
      for (int q = 0; q < 4; q++) {
        int e = thread + q * 128;
        int j = e % TILE_COLS;
        int k = e / TILE_COLS;
        if (bCol != 1) {
          j = e / STRIP;
          k = e % STRIP;
        }
        float bv = 0f;
        if (firstCol + j < cols && k0 + k < steps) {
          bv = x.get(b0 + (k0 + k) * bRow + (firstCol + j) * bCol);
        }
        bStrip[k * B_PITCH + j] = bv;
      }
      c.localBarrier();
      for (int k = 0; k < STRIP; k++) {
        float v0 = aStrip[k * A_PITCH + ty];
        float v1 = aStrip[k * A_PITCH + ty + 16];
        float v2 = aStrip[k * A_PITCH + ty + 32];
        float v3 = aStrip[k * A_PITCH + ty + 48];
        for (int j = 0; j < 4; j++) {
          float b = bStrip[k * B_PITCH + tx + THREADS_X * j];
          sum[j] += v0 * b;
          sum[4 + j] += v1 * b;
          sum[8 + j] += v2 * b;
          sum[12 + j] += v3 * b;
        }
      }
      c.localBarrier();
    }
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        int row = firstRow + ty + THREADS_Y * i;
        int col = firstCol + tx + THREADS_X * j;
        if (row < rows && col < cols) {
          x.set(c0 + row * cRow + col, factor * sum[i * 4 + j]);
        }
      }
    }
  }

  /**
   * Adds bias and mask to scores [windows, heads, tokens, tokens] and turns every row into its
   * softmax, in place.
   *
   * <p>p: scores, bias, mask, whether there is a mask, rows, tokens, heads, windows of an image.
   */
  static void softmax(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] largest = c.allocateFloatLocalArray(ROWS * ROW_THREADS);
    float[] sums = c.allocateFloatLocalArray(ROWS * ROW_THREADS);
    int tokens = p.get(5);
    int heads = p.get(6);
    int lane = c.localIdx;
    int mine = c.localIdy * ROW_THREADS;
    int row = c.groupIdx * ROWS + c.localIdy;
    int end = tokens;
    if (row >= p.get(4)) {
      end = 0;
    }
    int at = p.get(0) + row * tokens;
    int token = row % tokens;
    int head = row / tokens % heads;
    int window = row / tokens / heads % p.get(7);
    int bias = p.get(1) + (head * tokens + token) * tokens;
    int mask = p.get(2) + (window * tokens + token) * tokens;
    float max = -3.4e38f;
    for (int j = lane; j < end; j += ROW_THREADS) {
      float score = x.get(at + j) + x.get(bias + j);
      if (p.get(3) == 1) {
        score += x.get(mask + j);
      }
      x.set(at + j, score);
      max = TornadoMath.max(max, score);
    }
    largest[mine + lane] = max;
    c.localBarrier();
    for (int q = 0; q < ROW_THREADS; q++) {
      max = TornadoMath.max(max, largest[mine + q]);
    }
    float sum = 0f;
    for (int j = lane; j < end; j += ROW_THREADS) {
      float e = TornadoMath.exp(x.get(at + j) - max);
      x.set(at + j, e);
      sum += e;
    }
    sums[mine + lane] = sum;
    c.localBarrier();
    float total = 0f;
    for (int q = 0; q < ROW_THREADS; q++) {
      total += sums[mine + q];
    }
    for (int j = lane; j < end; j += ROW_THREADS) {
      x.set(at + j, x.get(at + j) / total);
    }
  }

  /**
   * Turns the gradient g of probabilities p into that of scores, in place: p[j] (g[j] - sum over l
   * of p[l] g[l]) within every row.
   *
   * <p>p: probabilities, gradient, rows, tokens.
   */
  static void softmaxGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] sums = c.allocateFloatLocalArray(ROWS * ROW_THREADS);
    int tokens = p.get(3);
    int lane = c.localIdx;
    int mine = c.localIdy * ROW_THREADS;
    int row = c.groupIdx * ROWS + c.localIdy;
    int end = tokens;
    if (row >= p.get(2)) {
      end = 0;
    }
    int probabilities = p.get(0) + row * tokens;
    int gradient = p.get(1) + row * tokens;
    float sum = 0f;
    for (int j = lane; j < end; j += ROW_THREADS) {
      sum += x.get(probabilities + j) * x.get(gradient + j);
    }
    sums[mine + lane] = sum;
    c.localBarrier();
    float total = 0f;
    for (int q = 0; q < ROW_THREADS; q++) {
      total += sums[mine + q];
    }
    for (int j = lane; j < end; j += ROW_THREADS) {
      x.set(gradient + j, x.get(probabilities + j) * (x.get(gradient + j) - total));
    }
  }
}
