package tangram.tensor.vector.conv;

import java.util.Arrays;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Window;
import tangram.tensor.vector.gemm.DirectKernel;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.gemm.Split;
import tangram.tensor.vector.runtime.NormEpilogue;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.Shuffles;

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

  private static final int VL = GemmKernel.VL;

  private static final int WIDE = ConvWeights.WIDE;

  private final ConvShape shape;

  /** Positions in an output plane. */
  private final int plane;

  private PointwiseConv(ConvShape shape) {
    this.shape = shape;
    this.plane = shape.outH() * shape.outW();
  }

  static boolean suits(ConvShape shape) {
    return shape.isSquare()
        && shape.r() == 1
        && shape.s() == 1
        && shape.padding() == 0
        && isWithin(shape.rows())
        && isWithin(shape.cols());
  }

  /** Whether all outputs lie in the input, and with stride 1 all inputs have an output. */
  private static boolean isWithin(Window window) {
    return window.end() == 0 || window.end() < 0 && window.stride() > 1;
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
      NormEpilogue norm,
      float[] y,
      int yOff) {
    PointwiseConv conv = new PointwiseConv(shape);
    float[] from = dense(shape, x, xOff);
    int fromOff = denseOffset(shape, xOff);
    conv.multiply(
        false, shape.k(), shape.c(), w, wOff, from, fromOff, bias, biasOff, norm, y, yOff);
  }

  /** See {@link Conv#inputGradient}. */
  static void inputGradient(
      ConvShape shape, float[] gy, int gyOff, float[] w, int wOff, float[] gx, int gxOff) {
    PointwiseConv conv = new PointwiseConv(shape);
    if (shape.stride() == 1) {
      conv.multiply(true, shape.c(), shape.k(), w, wOff, gy, gyOff, null, 0, null, gx, gxOff);
      return;
    }
    float[] dense = Scratch.shared((long) shape.n() * shape.c() * conv.plane);
    conv.multiply(
        true, shape.c(), shape.k(), w, wOff, gy, gyOff, null, 0, null, dense, Scratch.ALIGNED);
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
          for (int i = 0; i < shape.outH(); i++, to += shape.outW()) {
            int from = xOff + (t * shape.h() + i * stride) * shape.w();
            Shuffles.every(stride, shape.outW(), x, from, dense, to);
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
   * @param norm what follows, or null
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
      NormEpilogue norm,
      float[] y,
      int yOff) {
    int positions = shape.n() * plane;
    int kBlocks = Gemm.blocks(k, Gemm.KC);
    boolean direct = !transposed && ConvWeights.stay(m, positions);
    int width = WIDE * NR;
    float[] packed =
        direct ? w : transposed ? Gemm.packA(m, k, w, wOff, m) : ConvWeights.pack(m, k, w, wOff);
    int padded = GemmKernel.paddedRows(m);
    float[] init = Scratch.floats(Scratch.SMALL, (long) padded * NR);
    for (int i = 0; i < padded; i++) {
      Arrays.fill(init, i * NR, (i + 1) * NR, bias == null || i >= m ? 0 : bias[biasOff + i]);
    }
    int columnPanels = Gemm.blocks(positions, NR);
    int panels = GemmKernel.panels(m);
    Split split = Split.of(panels, columnPanels, k, Gemm.READ, Gemm.PACK);
    Parallel.run(
        split.tasks(),
        t -> {
          int p0 = Gemm.blockStart(panels, split.rows(), t % split.rows());
          int p1 = Gemm.blockStart(panels, split.rows(), t % split.rows() + 1);
          int j0 = Gemm.blockStart(columnPanels, split.columns(), t / split.rows()) * NR;
          int part = Gemm.blockStart(columnPanels, split.columns(), t / split.rows() + 1);
          int j1 = Math.min(positions, part * NR);
          int tile = Scratch.ALIGNED + Gemm.KC * width;
          float[] task = Scratch.task(tile + (long) (padded + GemmKernel.MR) * width);
          float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * NR);
          int[] places = Scratch.ints(Scratch.SMALL, WIDE);
          for (int kb = 0; kb < kBlocks; kb++) {
            int k0 = Gemm.blockStart(k, kBlocks, kb);
            int kc = Gemm.blockStart(k, kBlocks, kb + 1) - k0;
            boolean last = norm != null && kb == kBlocks - 1;
            for (int b0 = j0; b0 < j1; b0 += width) {
              int b1 = Math.min(j1, b0 + width);
              for (int j = b0; j < b1; j += NR) {
                int cols = Math.min(NR, b1 - j);
                packPanel(x, xOff, k, k0, kc, j, cols, task, Scratch.ALIGNED + (j - b0) * kc);
                if (kb > 0 && !inOneImage(j, positions)) {
                  copyTile(y, yOff, m, p0, p1, j, cols, task, tile + (j - b0) * padded, true);
                }
              }
              // A panel within one image is multiplied into the output, others into the tile.
              for (int j = b0, q = 0; j < b1; j += NR, q++) {
                places[q] =
                    inOneImage(j, positions)
                        ? yOff + j / plane * m * plane + j % plane
                        : -tile - (j - b0) * padded;
              }
              for (int p = p0; p < p1; p++) {
                int i = GemmKernel.panelStart(m, p);
                int rows = GemmKernel.panelRows(m, p);
                int valid = Math.min(rows, m - i);
                int ao = direct ? wOff + i * k + k0 : Scratch.ALIGNED + padded * k0 + i * kc;
                for (int j = b0, q = 0; j < b1; j += NR, q++) {
                  boolean whole = places[q] >= 0;
                  float[] c = whole ? y : task;
                  int ldc = whole ? plane : NR;
                  int co = Math.abs(places[q]) + i * ldc;
                  int bo = Scratch.ALIGNED + (j - b0) * kc;
                  int cols = b1 - j <= VL ? VL : NR;
                  if (direct) {
                    DirectKernel.tile(
                        kc, rows, cols, w, ao, k, task, bo, c, co, ldc, init, i * NR, NR, kb > 0,
                        edge);
                  } else {
                    GemmKernel.tile(
                        kc, valid, rows, cols, packed, ao, task, bo, NR, c, co, ldc, init, i * NR,
                        NR, kb > 0, edge);
                  }
                }
                for (int q = 0, to; last && q < Gemm.blocks(b1 - b0, NR); q = to) {
                  // Panels beside each other in one go.
                  for (to = q + 1; to * NR < b1 - b0 && places[to] == places[to - 1] + NR; ) {
                    to++;
                  }
                  if (places[q] >= 0) {
                    norm.finish(i, i + valid, places[q] + i * plane, (to - q) * NR);
                  }
                }
              }
              for (int j = b0; j < b1; j += NR) {
                if (!inOneImage(j, positions)) {
                  int cols = Math.min(NR, b1 - j);
                  copyTile(y, yOff, m, p0, p1, j, cols, task, tile + (j - b0) * padded, false);
                  if (last) {
                    finish(norm, m, p0, p1, j, cols, yOff);
                  }
                }
              }
            }
          }
        });
  }

  /** Normalises rows of panels [p0, p1) of columns that lie in several images. */
  private void finish(NormEpilogue norm, int m, int p0, int p1, int j, int cols, int yOff) {
    int i0 = GemmKernel.panelStart(m, p0);
    int i1 = Math.min(m, GemmKernel.panelStart(m, p1));
    for (int col = 0; col < cols; ) {
      int at = (j + col) % plane;
      int length = Math.min(cols - col, plane - at);
      norm.finish(i0, i1, yOff + ((j + col) / plane * m + i0) * plane + at, length);
      col += length;
    }
  }

  /** Whether a panel of columns is whole and lies within one image. */
  private boolean inOneImage(int j, int positions) {
    return j + NR <= positions && j % plane + NR <= plane;
  }

  /** Packs channels [k0, k0 + kc) of positions [j, j + cols) at {@code panel}, [kc][NR]. */
  private void packPanel(
      float[] x, int xOff, int channels, int k0, int kc, int j, int cols, float[] task, int panel) {
    for (int col = 0; col < cols; ) {
      int image = (j + col) / plane;
      int at = (j + col) % plane;
      int length = Math.min(cols - col, plane - at);
      int from = xOff + (image * channels + k0) * plane + at;
      int to = panel + col;
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
    int width = cols <= VL ? VL : NR;
    if (cols < width) {
      for (int step = 0, to = panel; step < kc; step++, to += NR) {
        Arrays.fill(task, to + cols, to + width, 0f);
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
