package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The matrix product C = A B, or C += A B: a group computes a tile of C from strips of A and B that
 * its threads bring to local memory together; a thread keeps 8 x 8 elements of the tile in
 * registers. While a strip is multiplied the next one is on its way, to other registers, and then
 * goes into a second buffer, so that a barrier for each strip is enough. Sources: V. Volkov and J.
 * Demmel, "Benchmarking GPUs to tune dense linear algebra", SC 2008; G. Tan et al., "Fast
 * implementation of DGEMM on Fermi GPU", SC 2011.
 *
 * <p>The kernels differ in the size of the tile and are written out, since local memory and arrays
 * in registers have sizes that are known to the compiler. So have the places in a strip, whose
 * distance is a multiple of four: a thread then reads four elements at once.
 *
 * <p>Element (i, j) of A is at {@code i * aRow + j * aCol}, and likewise of B; so either may be
 * transposed. z of the grid is (product, part of the sum).
 *
 * <p>p: a, b, c, m, n, k, aRow, aCol, bRow, bCol, distance of consecutive A, of B, of C, whether
 * something is added, parts, steps of a part, distance of the parts' results; what is added, its
 * distance of rows and of consecutive products; whether the rows of A are summed, and where to.
 * This is for a transposed A, of which a thread brings elements of one row.
 */
final class GemmKernels {
  /** Steps of the sum that are in local memory at a time. */
  private static final int STRIP = 8;

  /** Distances of steps in local memory: threads that store side by side meet in no bank. */
  private static final int PITCH_64 = 64 + 4;

  private static final int PITCH_128 = 128 + 4;

  private GemmKernels() {}

  /** As the class says, with tiles of 64 x 64 and 64 threads. */
  static void gemm64(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH_64);
    float[] bStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH_64);
    float[] sum = new float[64];
    float[] nextA = new float[8];
    float[] nextB = new float[8];
    float[] a = new float[8];
    float[] b = new float[8];
    float rowSum = 0f;
    int batch = c.groupIdz / p.get(14);
    int part = c.groupIdz % p.get(14);
    int rows = p.get(3);
    int cols = p.get(4);
    int begin = part * p.get(15);
    int end = begin + p.get(15);
    if (end > p.get(5)) {
      end = p.get(5);
    }
    int aRow = p.get(6);
    int aCol = p.get(7);
    int bRow = p.get(8);
    int bCol = p.get(9);
    int thread = c.localIdx;
    int tx = thread % 8;
    int ty = thread / 8;
    int firstRow = c.groupIdy * 64;
    int firstCol = c.groupIdx * 64;
    // Which elements this thread brings: neighbouring threads read neighbouring elements, whichever
    // way a matrix is stored.
    int ai = thread / STRIP;
    int ak = thread % STRIP;
    int aDown = 8;
    int aOn = 0;
    if (aCol != 1 || p.get(20) == 1) {
      ai = thread % 64;
      ak = thread / 64;
      aDown = 0;
      aOn = 1;
    }
    int bj = thread % 64;
    int bk = thread / 64;
    int bDown = 1;
    int bOn = 0;
    if (bCol != 1) {
      bj = thread / STRIP;
      bk = thread % STRIP;
      bDown = 0;
      bOn = 8;
    }
    int aFrom = p.get(0) + batch * p.get(10) + (firstRow + ai) * aRow + (begin + ak) * aCol;
    int aStep = aDown * aRow + aOn * aCol;
    int bFrom = p.get(1) + batch * p.get(11) + (begin + bk) * bRow + (firstCol + bj) * bCol;
    int bStep = bDown * bRow + bOn * bCol;
    int aTo = ak * PITCH_64 + ai;
    int aToStep = aOn * PITCH_64 + aDown;
    int bTo = bk * PITCH_64 + bj;
    int bToStep = bDown * PITCH_64 + bOn;
    for (int q = 0; q < 64; q++) {
      sum[q] = 0f;
    }
    for (int q = 0; q < 8; q++) {
      float av = 0f;
      if (firstRow + ai + q * aDown < rows && begin + ak + q * aOn < end) {
        av = x.get(aFrom + q * aStep);
      }
      nextA[q] = av;
      float bv = 0f;
      if (firstCol + bj + q * bOn < cols && begin + bk + q * bDown < end) {
        bv = x.get(bFrom + q * bStep);
      }
      nextB[q] = bv;
    }
    int parity = 0;
    for (int k0 = begin; k0 < end; k0 += STRIP) {
      for (int q = 0; q < 8; q++) {
        aStrips[parity * STRIP * PITCH_64 + aTo + q * aToStep] = nextA[q];
        bStrips[parity * STRIP * PITCH_64 + bTo + q * bToStep] = nextB[q];
        rowSum += nextA[q];
      }
      c.localBarrier();
      int next = k0 + STRIP;
      if (next < end) {
        int done = next - begin;
        for (int q = 0; q < 8; q++) {
          float av = 0f;
          if (firstRow + ai + q * aDown < rows && next + ak + q * aOn < end) {
            av = x.get(aFrom + done * aCol + q * aStep);
          }
          nextA[q] = av;
          float bv = 0f;
          if (firstCol + bj + q * bOn < cols && next + bk + q * bDown < end) {
            bv = x.get(bFrom + done * bRow + q * bStep);
          }
          nextB[q] = bv;
        }
      }
      for (int k = 0; k < STRIP; k++) {
        int at = parity * STRIP * PITCH_64 + k * PITCH_64;
        for (int i = 0; i < 8; i++) {
          a[i] = aStrips[at + ty * 8 + i];
          b[i] = bStrips[at + i / 4 * 32 + tx * 4 + i % 4];
        }
        for (int i = 0; i < 8; i++) {
          for (int j = 0; j < 8; j++) {
            sum[i * 8 + j] += a[i] * b[j];
          }
        }
      }
      parity = 1 - parity;
    }
    if (p.get(20) == 1 && c.groupIdx == 0 && firstRow + ai < rows) {
      x.set(p.get(21) + part * p.get(16) + firstRow + ai, rowSum);
    }
    int c0 = p.get(2) + batch * p.get(12) + part * p.get(16);
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < 8; j++) {
        int row = firstRow + ty * 8 + i;
        int col = firstCol + j / 4 * 32 + tx * 4 + j % 4;
        if (row < rows && col < cols) {
          int to = c0 + row * cols + col;
          float before = 0f;
          if (p.get(13) == 1 && part == 0) {
            before = x.get(p.get(17) + row * p.get(18) + col + batch * p.get(19));
          }
          x.set(to, before + sum[i * 8 + j]);
        }
      }
    }
  }

  /** As the class says, with tiles of 128 x 128 and 256 threads. */
  static void gemm128(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] aStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH_128);
    float[] bStrips = c.allocateFloatLocalArray(2 * STRIP * PITCH_128);
    float[] sum = new float[64];
    float[] nextA = new float[4];
    float[] nextB = new float[4];
    float[] a = new float[8];
    float[] b = new float[8];
    float rowSum = 0f;
    int batch = c.groupIdz / p.get(14);
    int part = c.groupIdz % p.get(14);
    int rows = p.get(3);
    int cols = p.get(4);
    int begin = part * p.get(15);
    int end = begin + p.get(15);
    if (end > p.get(5)) {
      end = p.get(5);
    }
    int aRow = p.get(6);
    int aCol = p.get(7);
    int bRow = p.get(8);
    int bCol = p.get(9);
    int thread = c.localIdx;
    int tx = thread % 16;
    int ty = thread / 16;
    int firstRow = c.groupIdy * 128;
    int firstCol = c.groupIdx * 128;
    // Which elements this thread brings: neighbouring threads read neighbouring elements, whichever
    // way a matrix is stored.
    int ai = thread / STRIP;
    int ak = thread % STRIP;
    int aDown = 32;
    int aOn = 0;
    if (aCol != 1 || p.get(20) == 1) {
      ai = thread % 128;
      ak = thread / 128;
      aDown = 0;
      aOn = 2;
    }
    int bj = thread % 128;
    int bk = thread / 128;
    int bDown = 2;
    int bOn = 0;
    if (bCol != 1) {
      bj = thread / STRIP;
      bk = thread % STRIP;
      bDown = 0;
      bOn = 32;
    }
    int aFrom = p.get(0) + batch * p.get(10) + (firstRow + ai) * aRow + (begin + ak) * aCol;
    int aStep = aDown * aRow + aOn * aCol;
    int bFrom = p.get(1) + batch * p.get(11) + (begin + bk) * bRow + (firstCol + bj) * bCol;
    int bStep = bDown * bRow + bOn * bCol;
    int aTo = ak * PITCH_128 + ai;
    int aToStep = aOn * PITCH_128 + aDown;
    int bTo = bk * PITCH_128 + bj;
    int bToStep = bDown * PITCH_128 + bOn;
    for (int q = 0; q < 64; q++) {
      sum[q] = 0f;
    }
    for (int q = 0; q < 4; q++) {
      float av = 0f;
      if (firstRow + ai + q * aDown < rows && begin + ak + q * aOn < end) {
        av = x.get(aFrom + q * aStep);
      }
      nextA[q] = av;
      float bv = 0f;
      if (firstCol + bj + q * bOn < cols && begin + bk + q * bDown < end) {
        bv = x.get(bFrom + q * bStep);
      }
      nextB[q] = bv;
    }
    int parity = 0;
    for (int k0 = begin; k0 < end; k0 += STRIP) {
      for (int q = 0; q < 4; q++) {
        aStrips[parity * STRIP * PITCH_128 + aTo + q * aToStep] = nextA[q];
        bStrips[parity * STRIP * PITCH_128 + bTo + q * bToStep] = nextB[q];
        rowSum += nextA[q];
      }
      c.localBarrier();
      int next = k0 + STRIP;
      if (next < end) {
        int done = next - begin;
        for (int q = 0; q < 4; q++) {
          float av = 0f;
          if (firstRow + ai + q * aDown < rows && next + ak + q * aOn < end) {
            av = x.get(aFrom + done * aCol + q * aStep);
          }
          nextA[q] = av;
          float bv = 0f;
          if (firstCol + bj + q * bOn < cols && next + bk + q * bDown < end) {
            bv = x.get(bFrom + done * bRow + q * bStep);
          }
          nextB[q] = bv;
        }
      }
      for (int k = 0; k < STRIP; k++) {
        int at = parity * STRIP * PITCH_128 + k * PITCH_128;
        for (int i = 0; i < 8; i++) {
          a[i] = aStrips[at + ty * 8 + i];
          b[i] = bStrips[at + i / 4 * 64 + tx * 4 + i % 4];
        }
        for (int i = 0; i < 8; i++) {
          for (int j = 0; j < 8; j++) {
            sum[i * 8 + j] += a[i] * b[j];
          }
        }
      }
      parity = 1 - parity;
    }
    if (p.get(20) == 1 && c.groupIdx == 0) {
      // Two threads have brought a row.
      c.localBarrier();
      if (ak == 1) {
        aStrips[ai] = rowSum;
      }
      c.localBarrier();
      if (ak == 0 && firstRow + ai < rows) {
        x.set(p.get(21) + part * p.get(16) + firstRow + ai, rowSum + aStrips[ai]);
      }
    }
    int c0 = p.get(2) + batch * p.get(12) + part * p.get(16);
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < 8; j++) {
        int row = firstRow + ty * 8 + i;
        int col = firstCol + j / 4 * 64 + tx * 4 + j % 4;
        if (row < rows && col < cols) {
          int to = c0 + row * cols + col;
          float before = 0f;
          if (p.get(13) == 1 && part == 0) {
            before = x.get(p.get(17) + row * p.get(18) + col + batch * p.get(19));
          }
          x.set(to, before + sum[i * 8 + j]);
        }
      }
    }
  }
}
