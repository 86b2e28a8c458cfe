package tangram.tensor.vector.conv;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * The input gradient of strided convolutions: the products of all weights with the output's
 * gradients, [channel and tap, position], each added where it belongs.
 *
 * <p>Weights are read in the order in which they lie, a few channels with all taps for one output
 * channel after the other; taking the taps of one phase of the input at a time reads a cache line
 * for a value or two, and all of them once for each phase.
 *
 * <p>A task has all of the gradient of a few channels. Every value is a sum over taps, of chains of
 * multiply-adds over output channels, in an order that depends on the shape alone.
 */
final class StridedInputGradient {
  private static final int VL = GemmKernel.VL;
  private static final int NR = GemmKernel.NR;

  /** With fewer output channels, adding takes longer than the products. */
  private static final int FEWEST_OUTPUTS = 64;

  /** Packed weights of a task in floats, about: half a second-level cache. */
  private static final int WEIGHT_FLOATS = 64 * 1024;

  /** Packed gradients of some images in floats, unless one needs more. */
  private static final int GRADIENT_FLOATS = 1 << 20;

  /** Columns of products that are computed before they are added: panels of positions. */
  private static final int PANELS = 8;

  private final ConvShape shape;
  private final int taps;
  private final int outW;
  private final int positions;

  /** Channels of a task. */
  private final int channels;

  private final int rows;
  private final int kBlocks;

  StridedInputGradient(ConvShape shape) {
    this.shape = shape;
    this.taps = shape.r() * shape.s();
    this.outW = shape.outW();
    this.positions = shape.outH() * outW;
    int depth = Math.min(shape.k(), Gemm.KC);
    this.channels = Math.max(1, Math.min(shape.c(), WEIGHT_FLOATS / (taps * depth)));
    this.rows = channels * taps;
    this.kBlocks = Gemm.blocks(shape.k(), Gemm.KC);
  }

  /** Whether this is faster than a product for each phase. Depends on the shape alone. */
  static boolean suits(ConvShape shape) {
    return shape.isSquare() && shape.stride() > 1 && shape.k() >= FEWEST_OUTPUTS;
  }

  void run(float[] gy, int gyOff, float[] w, int wOff, float[] gx, int gxOff) {
    int k = shape.k();
    int some = Math.max(1, Math.min(shape.n(), GRADIENT_FLOATS / (k * positions)));
    int plane = shape.h() * shape.w();
    int panelRows = GemmKernel.paddedRows(rows);
    int depth = Math.min(k, Gemm.KC);
    int products = Scratch.ALIGNED;
    int weights = products + panelRows * PANELS * NR;
    long size = weights + (long) panelRows * depth + (GemmKernel.panels(rows) + 1) * VL;
    for (int n = 0; n < shape.n(); n += some) {
      int image = n;
      int count = Math.min(some, shape.n() - n) * positions;
      int panels = Gemm.blocks(count, NR);
      float[] packed = Scratch.shared((long) panels * k * NR);
      Parallel.run(panels, p -> packGradients(gy, gyOff, image, p * NR, count, packed));
      Parallel.run(
          Gemm.blocks(shape.c(), channels),
          t -> {
            float[] task = Scratch.task(size);
            int c0 = t * channels;
            int c1 = Math.min(shape.c(), c0 + channels);
            for (int i = image; i < image + count / positions; i++) {
              int from = gxOff + (i * shape.c() + c0) * plane;
              Arrays.fill(gx, from, from + (c1 - c0) * plane, 0f);
            }
            for (int b = 0; b < kBlocks; b++) {
              int k0 = Gemm.blockStart(k, kBlocks, b);
              int kc = Gemm.blockStart(k, kBlocks, b + 1) - k0;
              int used = (c1 - c0) * taps;
              packWeights(w, wOff + c0 * taps, k0, kc, used, task, weights);
              for (int p = 0; p < panels; p += PANELS) {
                int end = Math.min(panels, p + PANELS);
                for (int q = p; q < end; q++) {
                  int at = Scratch.ALIGNED + (q * k + k0) * NR;
                  int to = products + (q - p) * NR;
                  multiply(kc, used, task, weights, packed, at, to);
                }
                int last = Math.min(count, end * NR);
                add(task, products, image, p * NR, last, c0, c1, gx, gxOff);
              }
            }
          });
    }
  }

  /** Packs positions [first, first + NR) of images from {@code image} on, [k][NR]. */
  private void packGradients(
      float[] gy, int gyOff, int image, int first, int count, float[] packed) {
    int k = shape.k();
    int to = Scratch.ALIGNED + first * k;
    int cols = Math.min(NR, count - first);
    for (int j = 0; j < cols; ) {
      int n = (first + j) / positions;
      int p = (first + j) % positions;
      int length = Math.min(cols - j, positions - p);
      int from = gyOff + (image + n) * k * positions + p;
      if (length == NR) {
        Pack.rows(k, NR, NR, gy, from, positions, packed, to);
      } else {
        for (int i = 0, at = to + j; i < k; i++, at += NR, from += positions) {
          for (int t = 0; t < length; t++) {
            packed[at + t] = gy[from + t];
          }
        }
      }
      j += length;
    }
    if (cols < NR) {
      for (int i = 0; i < k; i++) {
        Arrays.fill(packed, to + i * NR + cols, to + (i + 1) * NR, 0f);
      }
    }
  }

  /** Distance between the packed panels, with room for whole vectors. */
  private static int panelSize(int width, int kc) {
    return width * kc + VL;
  }

  /** Packs rows [from, from + used) of all output channels of a block in panels [k][width]. */
  private void packWeights(float[] w, int from, int k0, int kc, int used, float[] to, int toOff) {
    int step = shape.c() * taps;
    int wide = 0;
    while (wide < used && GemmKernel.panelRows(used, wide / GemmKernel.MR) == GemmKernel.MR) {
      wide += GemmKernel.MR;
    }
    for (int t = 0; t < kc; t++) {
      int at = from + (k0 + t) * step;
      int panel = toOff;
      for (int i = 0; i < used; ) {
        int width = i < wide ? GemmKernel.MR : 4;
        int q = panel + t * width;
        if (i + width <= used && at + i + VL <= w.length) {
          // What is too much is overwritten by the next step.
          FloatVector.fromArray(GemmKernel.SPECIES, w, at + i).intoArray(to, q);
        } else {
          for (int j = 0; j < width; j++) {
            to[q + j] = i + j < used ? w[at + i + j] : 0;
          }
        }
        panel += panelSize(width, kc);
        i += width;
      }
    }
  }

  /** Multiplies a panel of positions with all packed weights. */
  private static void multiply(
      int kc, int used, float[] task, int weights, float[] packed, int b, int to) {
    int panels = GemmKernel.panels(used);
    int ld = PANELS * NR;
    for (int p = 0; p < panels; p++) {
      int i = GemmKernel.panelStart(used, p);
      int width = GemmKernel.panelRows(used, p);
      GemmKernel.fullTile(
          kc, width, task, weights, packed, b, NR, task, to + i * ld, ld, Gemm.ZEROS, 0, 0);
      weights += panelSize(width, kc);
    }
  }

  /** Adds the products of positions [first, last) where they belong. */
  private void add(
      float[] task,
      int products,
      int image,
      int first,
      int last,
      int c0,
      int c1,
      float[] gx,
      int gxOff) {
    int stride = shape.stride();
    int plane = shape.h() * shape.w();
    for (int p = first; p < last; ) {
      int n = image + p / positions;
      int i = p % positions / outW;
      int j = p % outW;
      int length = Math.min(outW - j, last - p);
      for (int t = 0; t < taps; t++) {
        int row = i * stride + t / shape.s() - shape.padding();
        if (row < 0 || row >= shape.h()) {
          continue;
        }
        int col = j * stride + t % shape.s() - shape.padding();
        int begin = col >= 0 ? 0 : Gemm.blocks(-col, stride);
        int end = col >= shape.w() ? 0 : Math.min(length, (shape.w() - 1 - col) / stride + 1);
        int from = products + t * PANELS * NR + p - first;
        int to = gxOff + (n * shape.c() + c0) * plane + row * shape.w() + col;
        for (int c = c0; c < c1; c++, from += taps * PANELS * NR, to += plane) {
          for (int q = begin; q < end; q++) {
            gx[to + q * stride] += task[from + q];
          }
        }
      }
      p += length;
    }
  }
}
