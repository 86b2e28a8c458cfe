package tangram.tensor.vector.conv;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.DirectKernel;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.Shuffles;

/**
 * Strided convolutions with few positions as products of the weights, read where they lie, by the
 * inputs that each tap meets, [channel and tap, position].
 *
 * <p>The inputs are packed once for all output channels. Those of a channel are first brought into
 * planes, one for each column of the kernel and each phase of the rows, in which the positions of
 * an image are consecutive for every tap, whatever the row: then panels are copies of vectors.
 *
 * <p>Every output is one chain of multiply-adds in the order (channel, tap), and the bias.
 */
final class StridedConv {
  private static final int NR = GemmKernel.NR;
  private static final int VL = GemmKernel.VL;

  /** With more positions, packing the weights costs less than reading them where they lie. */
  private static final int MOST_POSITIONS = 256;

  /** Packed inputs of some images in floats, unless one needs more. */
  private static final int PACKED_FLOATS = 2 << 20;

  /** With fewer output channels, packing the inputs takes longer than the products. */
  private static final int FEWEST_OUTPUTS = 64;

  /** Output channels of a task. */
  private static final int ROWS = 16 * GemmKernel.MR;

  /** Panels of positions of a task. */
  private static final int PANELS = 16;

  private final ConvShape shape;
  private final int taps;
  private final int steps;
  private final int outW;
  private final int positions;

  /** Images that are packed at a time. */
  private final int images;

  private final int phases;

  /** Values of one plane of an image. */
  private final int plane;

  StridedConv(ConvShape shape) {
    this.shape = shape;
    this.taps = shape.r() * shape.s();
    this.steps = shape.c() * taps;
    this.outW = shape.outW();
    this.positions = shape.outH() * outW;
    this.images = Math.max(1, Math.min(shape.n(), PACKED_FLOATS / (steps * positions)));
    this.phases = Math.min(shape.r(), shape.stride());
    this.plane = (shape.outH() + (shape.r() - 1) / shape.stride()) * outW;
  }

  /** Whether this is faster than {@link ConvTaps}. Depends on the shape alone. */
  static boolean suits(ConvShape shape) {
    return shape.isSquare()
        && shape.stride() > 1
        && (long) shape.n() * shape.outH() * shape.outW() <= MOST_POSITIONS
        && shape.k() >= FEWEST_OUTPUTS;
  }

  void run(
      float[] x, int xOff, float[] w, int wOff, float[] bias, int biasOff, float[] y, int yOff) {
    int rowBlocks = Gemm.blocks(shape.k(), ROWS);
    long planes = (long) shape.s() * phases * images * plane + NR;
    for (int n = 0; n < shape.n(); n += images) {
      int image = n;
      int count = Math.min(images, shape.n() - n);
      int panels = Gemm.blocks(count * positions, NR);
      float[] packed = Scratch.shared((long) panels * steps * NR);
      Parallel.run(
          shape.c(),
          c -> {
            float[] task = Scratch.task(planes);
            fill(x, xOff, image, count, c, task);
            pack(task, count, c, packed);
          });
      int colBlocks = Gemm.blocks(panels, PANELS);
      Parallel.run(
          rowBlocks * colBlocks,
          t -> {
            int p0 = t % colBlocks * PANELS;
            int p1 = Math.min(panels, p0 + PANELS);
            int k = t / colBlocks * ROWS;
            int rows = Math.min(ROWS, shape.k() - k);
            float[] task = Scratch.task(ROWS * PANELS * NR);
            multiply(w, wOff + k * steps, rows, packed, p0, p1, task);
            int end = Math.min(p1 * NR, count * positions);
            write(task, k, rows, image, p0 * NR, end, bias, biasOff, y, yOff);
          });
    }
  }

  /** Brings a channel into planes [kernel column][phase of rows][image][row][output column]. */
  private void fill(float[] x, int xOff, int image, int count, int c, float[] task) {
    int stride = shape.stride();
    int to = Scratch.ALIGNED;
    for (int s = 0; s < shape.s(); s++) {
      int first = s - shape.padding();
      int begin = first >= 0 ? 0 : Math.min(outW, Gemm.blocks(-first, stride));
      int end = first >= shape.w() ? 0 : Math.min(outW, (shape.w() - 1 - first) / stride + 1);
      end = Math.max(begin, end);
      for (int phase = 0; phase < phases; phase++) {
        for (int n = 0; n < count; n++) {
          int from = xOff + ((image + n) * shape.c() + c) * shape.h() * shape.w() + first;
          int h = phase - shape.padding();
          for (int i = 0; i < plane; i += outW, h += stride, to += outW) {
            if (h < 0 || h >= shape.h()) {
              Arrays.fill(task, to, to + outW, 0f);
              continue;
            }
            int at = from + h * shape.w();
            for (int j = 0; j < begin; j++) {
              task[to + j] = 0;
            }
            Shuffles.every(stride, end - begin, x, at + begin * stride, task, to + begin);
            for (int j = end; j < outW; j++) {
              task[to + j] = 0;
            }
          }
        }
      }
    }
  }

  /** Packs the planes of channel c in panels of positions, [panel][channel][tap][NR]. */
  private void pack(float[] task, int count, int c, float[] packed) {
    int stride = shape.stride();
    int all = count * positions;
    for (int p = 0; p < all; p += NR) {
      int to = Scratch.ALIGNED + p * steps + c * taps * NR;
      for (int r = 0; r < shape.r(); r++) {
        for (int s = 0; s < shape.s(); s++, to += NR) {
          int from =
              Scratch.ALIGNED + (s * phases + r % stride) * count * plane + r / stride * outW;
          int n = p / positions;
          int at = from + n * plane + p - n * positions;
          if (p + NR <= (n + 1) * positions) {
            FloatVector.fromArray(GemmKernel.SPECIES, task, at).intoArray(packed, to);
            FloatVector.fromArray(GemmKernel.SPECIES, task, at + VL).intoArray(packed, to + VL);
            continue;
          }
          for (int j = 0; j < NR; j++, at++) {
            if (p + j == (n + 1) * positions) {
              n++;
              at = from + n * plane;
            }
            packed[to + j] = n < count ? task[at] : 0;
          }
        }
      }
    }
  }

  /** The products of some output channels with panels [p0, p1), [rows][panels][NR]. */
  private void multiply(
      float[] w, int wOff, int rows, float[] packed, int p0, int p1, float[] task) {
    int ld = PANELS * NR;
    int blocks = Gemm.blocks(steps, Gemm.KC);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * NR);
    int panels = GemmKernel.panels(rows);
    for (int b = 0; b < blocks; b++) {
      int k0 = Gemm.blockStart(steps, blocks, b);
      int kc = Gemm.blockStart(steps, blocks, b + 1) - k0;
      for (int p = p0; p < p1; p++) {
        int from = Scratch.ALIGNED + (p * steps + k0) * NR;
        int to = Scratch.ALIGNED + (p - p0) * NR;
        for (int panel = 0; panel < panels; panel++) {
          int i = GemmKernel.panelStart(rows, panel);
          int valid = Math.min(GemmKernel.panelRows(rows, panel), rows - i);
          int a = wOff + i * steps + k0;
          DirectKernel.tile(
              kc,
              valid,
              NR,
              w,
              a,
              steps,
              packed,
              from,
              task,
              to + i * ld,
              ld,
              Gemm.ZEROS,
              0,
              0,
              b > 0,
              edge);
        }
      }
    }
  }

  /** Copies positions [first, last) of some output channels where they belong. */
  private void write(
      float[] task,
      int k,
      int rows,
      int image,
      int first,
      int last,
      float[] bias,
      int biasOff,
      float[] y,
      int yOff) {
    for (int p = first; p < last; ) {
      int n = p / positions;
      int length = Math.min(last, (n + 1) * positions) - p;
      int to = yOff + ((image + n) * shape.k() + k) * positions + p - n * positions;
      int from = Scratch.ALIGNED + p - first;
      for (int i = 0; i < rows; i++, from += PANELS * NR, to += positions) {
        System.arraycopy(task, from, y, to, length);
        float b = bias == null ? 0 : bias[biasOff + k + i];
        for (int j = 0; bias != null && j < length; j++) {
          y[to + j] += b;
        }
      }
      p += length;
    }
  }
}
