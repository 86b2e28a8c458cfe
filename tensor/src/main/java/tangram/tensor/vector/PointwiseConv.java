package tangram.tensor.vector;

import java.util.Arrays;
import tangram.tensor.kernel.ConvShape;

/**
 * Convolution with 1x1 kernels and no padding: matrix products on the planes as they lie.
 *
 * <p>With P positions in a plane, an image is a matrix [channels, P]. The output is the weights
 * times the image, the gradient of the input their transpose times that of the output; for that of
 * the weights see {@link PointwiseWeightGradient}. Positions of all images are numbered as one row,
 * so that small planes fill panels of B too. With a stride, the positions that the kernel meets are
 * brought together first.
 */
final class PointwiseConv {
  private static final int NR = GemmKernel.NR;

  /** Panels of columns in one task, at most. */
  private static final int TASK_PANELS = 8;

  /** Tasks to aim for, enough to keep several threads busy. */
  private static final int TASKS = 8;

  /** Rows of A in one task, at least: each task packs its panels of B anew. */
  private static final int TASK_ROWS = 128;

  private final ConvShape shape;

  /** Positions in an output plane. */
  private final int plane;

  private PointwiseConv(ConvShape shape) {
    this.shape = shape;
    this.plane = shape.outH() * shape.outW();
  }

  static boolean suits(ConvShape shape) {
    return shape.r() == 1 && shape.s() == 1 && shape.padding() == 0;
  }

  /** See {@link Conv#forward}. */
  static void forward(
      ConvShape shape,
      float[] x,
      int xOff,
      float[] w,
      int wOff,
      float[] bias,
      int biasOff,
      float[] y,
      int yOff) {
    PointwiseConv conv = new PointwiseConv(shape);
    float[] from = dense(shape, x, xOff);
    int fromOff = denseOffset(shape, xOff);
    conv.multiply(false, shape.k(), shape.c(), w, wOff, from, fromOff, bias, biasOff, y, yOff);
  }

  /** See {@link Conv#inputGradient}. */
  static void inputGradient(
      ConvShape shape, float[] gy, int gyOff, float[] w, int wOff, float[] gx, int gxOff) {
    PointwiseConv conv = new PointwiseConv(shape);
    if (shape.stride() == 1) {
      conv.multiply(true, shape.c(), shape.k(), w, wOff, gy, gyOff, null, 0, gx, gxOff);
      return;
    }
    float[] dense = Scratch.shared((long) shape.n() * shape.c() * conv.plane);
    conv.multiply(true, shape.c(), shape.k(), w, wOff, gy, gyOff, null, 0, dense, Scratch.ALIGNED);
    conv.spread(dense, gx, gxOff);
  }

  /** The positions of the input that the kernel meets, [n, c, plane], at {@link #denseOffset}. */
  static float[] dense(ConvShape shape, float[] x, int xOff) {
    if (shape.stride() == 1) {
      return x;
    }
    int plane = shape.outH() * shape.outW();
    float[] dense = Scratch.shared((long) shape.n() * shape.c() * plane);
    int stride = shape.stride();
    Parallel.run(
        shape.n() * shape.c(),
        t -> {
          int to = Scratch.ALIGNED + t * plane;
          for (int i = 0; i < shape.outH(); i++) {
            int from = xOff + (t * shape.h() + i * stride) * shape.w();
            for (int j = 0; j < shape.outW(); j++, to++, from += stride) {
              dense[to] = x[from];
            }
          }
        });
    return dense;
  }

  static int denseOffset(ConvShape shape, int xOff) {
    return shape.stride() == 1 ? xOff : Scratch.ALIGNED;
  }

  /** The inverse of {@link #dense}; positions that the kernel does not meet are zero. */
  private void spread(float[] dense, float[] x, int xOff) {
    int stride = shape.stride();
    int size = shape.h() * shape.w();
    Parallel.run(
        shape.n() * shape.c(),
        t -> {
          int from = Scratch.ALIGNED + t * plane;
          Arrays.fill(x, xOff + t * size, xOff + (t + 1) * size, 0f);
          for (int i = 0; i < shape.outH(); i++) {
            int to = xOff + t * size + i * stride * shape.w();
            for (int j = 0; j < shape.outW(); j++, from++, to += stride) {
              x[to] = dense[from];
            }
          }
        });
  }

  /**
   * Multiplies op(W) [m, k] with every image [k, plane].
   *
   * @param transposed whether op(W) is the transpose of W, which is then stored as [k, m]
   * @param bias one value for each row of the result, or null
   */
  private void multiply(
      boolean transposed,
      int m,
      int k,
      float[] w,
      int wOff,
      float[] x,
      int xOff,
      float[] bias,
      int biasOff,
      float[] y,
      int yOff) {
    int positions = shape.n() * plane;
    int kBlocks = Gemm.blocks(k, Gemm.KC);
    float[] packed = packWeights(transposed, m, k, kBlocks, w, wOff);
    int padded = GemmKernel.paddedRows(m);
    float[] init = Scratch.floats(Scratch.SMALL, (long) padded * NR);
    for (int i = 0; i < padded; i++) {
      Arrays.fill(init, i * NR, (i + 1) * NR, bias == null || i >= m ? 0 : bias[biasOff + i]);
    }
    int columnPanels = Gemm.blocks(positions, NR);
    int columnBlocks = Gemm.blocks(columnPanels, TASK_PANELS);
    int panels = GemmKernel.panels(m);
    int groups = Math.max(1, Math.min(Gemm.blocks(TASKS, columnBlocks), m / TASK_ROWS));
    Parallel.run(
        columnBlocks * groups,
        t -> {
          int p0 = Gemm.blockStart(panels, groups, t % groups);
          int p1 = Gemm.blockStart(panels, groups, t % groups + 1);
          int j0 = Gemm.blockStart(columnPanels, columnBlocks, t / groups) * NR;
          int j1 = Gemm.blockStart(columnPanels, columnBlocks, t / groups + 1) * NR;
          int tile = Scratch.ALIGNED + Gemm.KC * NR;
          float[] task = Scratch.task(tile + (long) (padded + GemmKernel.MR) * NR);
          float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * NR);
          for (int kb = 0; kb < kBlocks; kb++) {
            int k0 = Gemm.blockStart(k, kBlocks, kb);
            int kc = Gemm.blockStart(k, kBlocks, kb + 1) - k0;
            for (int j = j0; j < j1; j += NR) {
              int cols = Math.min(NR, positions - j);
              packPanel(x, xOff, k, k0, kc, j, cols, task);
              // A panel within one image is multiplied into the output, others into the tile.
              boolean whole = cols == NR && j % plane + NR <= plane;
              int to = yOff + j / plane * m * plane + j % plane;
              if (!whole && kb > 0) {
                copyTile(y, yOff, m, p0, p1, j, cols, task, tile, true);
              }
              for (int p = p0; p < p1; p++) {
                int i = GemmKernel.panelStart(m, p);
                int rows = GemmKernel.panelRows(m, p);
                int valid = Math.min(rows, m - i);
                float[] c = whole ? y : task;
                int co = whole ? to + i * plane : tile + i * NR;
                int ldc = whole ? plane : NR;
                int ao = Scratch.ALIGNED + padded * k0 + i * kc;
                GemmKernel.tile(
                    kc,
                    valid,
                    rows,
                    NR,
                    packed,
                    ao,
                    task,
                    Scratch.ALIGNED,
                    NR,
                    c,
                    co,
                    ldc,
                    init,
                    i * NR,
                    NR,
                    kb > 0,
                    edge);
              }
              if (!whole) {
                copyTile(y, yOff, m, p0, p1, j, cols, task, tile, false);
              }
            }
          }
        });
  }

  /** Packs op(W) as A; block kb of all panels begins at {@code ALIGNED + paddedRows * k0}. */
  private static float[] packWeights(
      boolean transposed, int m, int k, int kBlocks, float[] w, int wOff) {
    int padded = GemmKernel.paddedRows(m);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) padded * k + Scratch.ALIGNED);
    Parallel.run(
        GemmKernel.panels(m),
        p -> {
          int i = GemmKernel.panelStart(m, p);
          int width = GemmKernel.panelRows(m, p);
          int rows = Math.min(width, m - i);
          for (int kb = 0; kb < kBlocks; kb++) {
            int k0 = Gemm.blockStart(k, kBlocks, kb);
            int kc = Gemm.blockStart(k, kBlocks, kb + 1) - k0;
            int to = Scratch.ALIGNED + padded * k0 + i * kc;
            if (transposed) {
              Pack.rows(kc, rows, width, w, wOff + k0 * m + i, m, packed, to);
            } else {
              Pack.columns(kc, rows, width, w, wOff + i * k + k0, k, packed, to);
            }
          }
        });
    return packed;
  }

  /** Packs channels [k0, k0 + kc) of positions [j, j + cols) at ALIGNED, [kc][NR]. */
  private void packPanel(
      float[] x, int xOff, int channels, int k0, int kc, int j, int cols, float[] task) {
    for (int col = 0; col < cols; ) {
      int image = (j + col) / plane;
      int at = (j + col) % plane;
      int length = Math.min(cols - col, plane - at);
      int from = xOff + (image * channels + k0) * plane + at;
      int to = Scratch.ALIGNED + col;
      if (length == NR) {
        Pack.rows(kc, NR, NR, x, from, plane, task, to);
      } else {
        for (int step = 0; step < kc; step++, from += plane, to += NR) {
          for (int i = 0; i < length; i++) {
            task[to + i] = x[from + i];
          }
        }
      }
      col += length;
    }
    if (cols < NR) {
      for (int step = 0, to = Scratch.ALIGNED; step < kc; step++, to += NR) {
        Arrays.fill(task, to + cols, to + NR, 0f);
      }
    }
  }

  /**
   * Copies rows of panels [p0, p1) of columns that lie in several images, from or to the result.
   */
  private void copyTile(
      float[] y,
      int yOff,
      int m,
      int p0,
      int p1,
      int j,
      int cols,
      float[] task,
      int tile,
      boolean fromResult) {
    int i0 = GemmKernel.panelStart(m, p0);
    int i1 = Math.min(m, GemmKernel.panelStart(m, p1));
    for (int col = 0; col < cols; ) {
      int image = (j + col) / plane;
      int at = (j + col) % plane;
      int length = Math.min(cols - col, plane - at);
      for (int i = i0; i < i1; i++) {
        int inTile = tile + i * NR + col;
        int inResult = yOff + (image * m + i) * plane + at;
        if (fromResult) {
          System.arraycopy(y, inResult, task, inTile, length);
        } else {
          System.arraycopy(task, inTile, y, inResult, length);
        }
      }
      col += length;
    }
  }
}
