package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The matrix product: a group computes a tile of C, 64 x 64, from strips of A and B that its
 * threads bring to local memory together; a thread keeps 4 x 4 elements of the tile in registers.
 * Source: V. Volkov and J. Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008.
 */
final class GemmKernels {
  /** Side of a tile of C. */
  static final int TILE = 64;

  /** Threads of a group in each of two directions. */
  static final int THREADS = 16;

  /** Steps of the reduction that are in local memory at a time. */
  private static final int STRIP = 16;

  private GemmKernels() {}

  /**
   * C = A B, or C += A B. Element (i, j) of A is at {@code i * aRow + j * aCol}, and likewise of B;
   * so either may be transposed.
   *
   * <p>p: a, b, c, m, n, k, aRow, aCol, bRow, bCol, distance of consecutive A, of B, of C,
   * accumulate.
   */
  static void gemm(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrip = c.allocateFloatLocalArray(TILE * STRIP);
    float[] bStrip = c.allocateFloatLocalArray(TILE * STRIP);
    float[] sum = new float[16];
    int batch = c.groupIdz;
    int a0 = p.get(0) + batch * p.get(10);
    int b0 = p.get(1) + batch * p.get(11);
    int c0 = p.get(2) + batch * p.get(12);
    int m = p.get(3);
    int cols = p.get(4);
    int k = p.get(5);
    int aRow = p.get(6);
    int aCol = p.get(7);
    int bRow = p.get(8);
    int bCol = p.get(9);
    int tx = c.localIdx;
    int ty = c.localIdy;
    int thread = ty * THREADS + tx;
    int firstRow = c.groupIdy * TILE;
    int firstCol = c.groupIdx * TILE;
    for (int q = 0; q < 16; q++) {
      sum[q] = 0f;
    }
    for (int k0 = 0; k0 < k; k0 += STRIP) {
      for (int q = 0; q < 4; q++) {
        int e = thread + q * 256;
        // Neighbouring threads read neighbouring elements, whichever way a matrix is stored.
        int ai = e / STRIP;
        int ak = e % STRIP;
        if (aCol != 1) {
          ai = e % TILE;
          ak = e / TILE;
        }
        float av = 0f;
        if (firstRow + ai < m && k0 + ak < k) {
          av = x.get(a0 + (firstRow + ai) * aRow + (k0 + ak) * aCol);
        }
        aStrip[ak * TILE + ai] = av;
        int bj = e % TILE;
        int bk = e / TILE;
        if (bCol != 1) {
          bj = e / STRIP;
          bk = e % STRIP;
        }
        float bv = 0f;
        if (firstCol + bj < cols && k0 + bk < k) {
          bv = x.get(b0 + (k0 + bk) * bRow + (firstCol + bj) * bCol);
        }
        bStrip[bk * TILE + bj] = bv;
      }
      c.localBarrier();
      for (int kk = 0; kk < STRIP; kk++) {
        float v0 = aStrip[kk * TILE + ty * 4];
        float v1 = aStrip[kk * TILE + ty * 4 + 1];
        float v2 = aStrip[kk * TILE + ty * 4 + 2];
        float v3 = aStrip[kk * TILE + ty * 4 + 3];
        for (int j = 0; j < 4; j++) {
          float w = bStrip[kk * TILE + tx + THREADS * j];
          sum[j] += v0 * w;
          sum[4 + j] += v1 * w;
          sum[8 + j] += v2 * w;
          sum[12 + j] += v3 * w;
        }
      }
      c.localBarrier();
    }
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        int row = firstRow + ty * 4 + i;
        int col = firstCol + tx + THREADS * j;
        if (row < m && col < cols) {
          int at = c0 + row * cols + col;
          float before = 0f;
          if (p.get(13) == 1) {
            before = x.get(at);
          }
          x.set(at, before + sum[i * 4 + j]);
        }
      }
    }
  }
}
