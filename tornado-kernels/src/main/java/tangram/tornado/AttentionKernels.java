package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention in steps: the products of all attentions of a box of the batch, which has three
 * dimensions, and what is done to their scores in between.
 */
final class AttentionKernels {
  /** Rows of a tile of a product. */
  static final int TILE_ROWS = 64;

  /** Columns of a tile of a product: the usual width of a head. */
  static final int TILE_COLS = 32;

  /** Threads of a group of a product, x and y; each computes 4 x 4 elements. */
  static final int THREADS_X = 8;

  static final int THREADS_Y = 16;

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
   * How far an element of a box lies from its first: the box's last two sizes and the distances
   * along its three dimensions lie at {@code sizes} and {@code steps}.
   */
  private static int alongBox(IntArray p, int sizes, int steps, int element) {
    int last = p.get(sizes + 1);
    int outer = element / last;
    int middle = p.get(sizes);
    return outer / middle * p.get(steps)
        + outer % middle * p.get(steps + 1)
        + element % last * p.get(steps + 2);
  }

  /** Ints by which {@code product} is told of one kind of product. */
  private static final int KIND = 19;

  /**
   * C = factor A B for every attention (x of the grid), and for up to three kinds of matrices of
   * the same sizes (z of the grid). Tiles are y of the grid, row by row.
   *
   * <p>p: m, n, k, tiles in a row, sizes of the last two dimensions of the box, and for every kind:
   * a, its distances of rows, columns and the box's dimensions; likewise b and c; whether to add to
   * c. s: the factor of each kind.
   */
  static void product(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(STRIP * A_PITCH);
    float[] bStrip = c.allocateFloatLocalArray(STRIP * B_PITCH);
    float[] sum = new float[16];
    int rows = p.get(0);
    int cols = p.get(1);
    int steps = p.get(2);
    int tilesX = p.get(3);
    int kind = 6 + c.groupIdz * KIND;
    int a0 = p.get(kind) + alongBox(p, 4, kind + 3, c.groupIdx);
    int aRow = p.get(kind + 1);
    int aCol = p.get(kind + 2);
    int b0 = p.get(kind + 6) + alongBox(p, 4, kind + 9, c.groupIdx);
    int bRow = p.get(kind + 7);
    int bCol = p.get(kind + 8);
    int c0 = p.get(kind + 12) + alongBox(p, 4, kind + 15, c.groupIdx);
    int cRow = p.get(kind + 13);
    int cCol = p.get(kind + 14);
    int add = p.get(kind + 18);
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
          int at = c0 + row * cRow + col * cCol;
          float before = 0f;
          if (add == 1) {
            before = x.get(at);
          }
          x.set(at, before + factor * sum[i * 4 + j]);
        }
      }
    }
  }

  /**
   * A score with bias and mask, minus infinity for a key after its query.
   *
   * <p>p as of {@link #softmax}.
   *
   * @param i the query
   * @param j the key
   * @param bias where the query's biases begin
   * @param mask where its masks begin
   */
  private static float completed(
      FloatArray x, IntArray p, FloatArray s, float score, int i, int j, int bias, int mask) {
    float y = score;
    if (p.get(9) == 1) {
      y += x.get(bias + j * p.get(13));
    }
    if (p.get(10) == 1) {
      y += x.get(mask + j * p.get(19));
    }
    if (p.get(8) == 1 && j > i) {
      y = s.get(Kernel.LOWEST);
    }
    return y;
  }

  /**
   * Turns every row of scores [box, rows, keys] into the softmax of them with bias and mask, in
   * place; 0 where all are minus infinity.
   *
   * <p>p: scores, their gradient, rows of all, keys, sizes of the last two dimensions of the box,
   * rows, first row, whether to hide keys after a query, whether there are a bias and a mask; bias,
   * its distances of rows, columns and the box's dimensions; likewise the mask; logarithms of the
   * sums, their distances of the box's dimensions.
   */
  static void softmax(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] largest = c.allocateFloatLocalArray(ROWS * ROW_THREADS);
    float[] sums = c.allocateFloatLocalArray(ROWS * ROW_THREADS);
    int keys = p.get(3);
    int lane = c.localIdx;
    int mine = c.localIdy * ROW_THREADS;
    int row = c.groupIdx * ROWS + c.localIdy;
    int end = keys;
    if (row >= p.get(2)) {
      end = 0;
    }
    int at = p.get(0) + row * keys;
    int i = row % p.get(6) + p.get(7);
    int b = row / p.get(6);
    int bias = p.get(11) + alongBox(p, 4, 14, b) + i * p.get(12);
    int mask = p.get(17) + alongBox(p, 4, 20, b) + i * p.get(18);
    float lowest = s.get(Kernel.LOWEST);
    float max = lowest;
    for (int j = lane; j < end; j += ROW_THREADS) {
      float score = completed(x, p, s, x.get(at + j), i, j, bias, mask);
      x.set(at + j, score);
      max = TornadoMath.max(max, score);
    }
    largest[mine + lane] = max;
    c.localBarrier();
    for (int q = 0; q < ROW_THREADS; q++) {
      max = TornadoMath.max(max, largest[mine + q]);
    }
    if (max == lowest) {
      max = 0f;
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
    float inverse = 0f;
    float log = -lowest;
    if (total != 0f) {
      inverse = 1f / total;
      log = max + TornadoMath.log(total);
    }
    for (int j = lane; j < end; j += ROW_THREADS) {
      x.set(at + j, x.get(at + j) * inverse);
    }
    if (lane == 0 && end > 0) {
      x.set(p.get(23) + alongBox(p, 4, 24, b) + i, log);
    }
  }

  /**
   * Turns scores into probabilities q, by the logarithms of their sums, and the gradient g of these
   * into that of scores, both in place: q[j] (g[j] - sum over l of q[l] g[l]) within every row.
   *
   * <p>p as of {@link #softmax}.
   */
  static void softmaxGradient(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] sums = c.allocateFloatLocalArray(ROWS * ROW_THREADS);
    int keys = p.get(3);
    int lane = c.localIdx;
    int mine = c.localIdy * ROW_THREADS;
    int row = c.groupIdx * ROWS + c.localIdy;
    int end = keys;
    if (row >= p.get(2)) {
      end = 0;
      row = p.get(2) - 1;
    }
    int at = p.get(0) + row * keys;
    int gradient = p.get(1) + row * keys;
    int i = row % p.get(6) + p.get(7);
    int b = row / p.get(6);
    int bias = p.get(11) + alongBox(p, 4, 14, b) + i * p.get(12);
    int mask = p.get(17) + alongBox(p, 4, 20, b) + i * p.get(18);
    float log = x.get(p.get(23) + alongBox(p, 4, 24, b) + i);
    float sum = 0f;
    for (int j = lane; j < end; j += ROW_THREADS) {
      float score = completed(x, p, s, x.get(at + j), i, j, bias, mask);
      float probability = TornadoMath.exp(score - log);
      x.set(at + j, probability);
      sum += probability * x.get(gradient + j);
    }
    sums[mine + lane] = sum;
    c.localBarrier();
    float total = 0f;
    for (int q = 0; q < ROW_THREADS; q++) {
      total += sums[mine + q];
    }
    for (int j = lane; j < end; j += ROW_THREADS) {
      x.set(gradient + j, x.get(at + j) * (x.get(gradient + j) - total));
    }
  }

  /**
   * Sums matrices [rows, keys] over some dimensions of a box, q to q + chunk of the combinations of
   * their indices by each group (y of the grid).
   *
   * <p>p: matrices, elements of the result, rows, keys, sizes of the last two dimensions that stay,
   * distances of the three that stay; combinations, chunk, sizes of the last two dimensions that
   * are summed, distances of the three; result, its distances of rows, columns, the three
   * dimensions and groups; whether to add to it.
   */
  static void sumMatrices(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(1)) {
      int keys = p.get(3);
      int j = e % keys;
      int i = e / keys % p.get(2);
      int b = e / keys / p.get(2);
      int from = p.get(0) + alongBox(p, 4, 6, b) + i * keys + j;
      int begin = c.groupIdy * p.get(10);
      int end = begin + p.get(10);
      if (end > p.get(9)) {
        end = p.get(9);
      }
      float sum = 0f;
      for (int q = begin; q < end; q++) {
        sum += x.get(from + alongBox(p, 11, 13, q));
      }
      int to = p.get(16) + i * p.get(17) + j * p.get(18) + alongBox(p, 4, 19, b);
      to += c.groupIdy * p.get(22);
      if (p.get(23) == 1) {
        sum += x.get(to);
      }
      x.set(to, sum);
    }
  }
}
