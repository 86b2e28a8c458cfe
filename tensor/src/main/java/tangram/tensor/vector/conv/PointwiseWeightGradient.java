package tangram.tensor.vector.conv;

import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.DirectKernel;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * The gradient of the weights of a {@link PointwiseConv}: the sum over images of the output's
 * gradient [k, P] times the transposed image [c, P].
 */
final class PointwiseWeightGradient {
  private static final int NR = GemmKernel.NR;

  /** Tasks to aim for, enough to keep several threads busy. */
  private static final int TASKS = 8;

  /** Panels of columns in a task, at least. */
  private static final int TASK_COLUMNS = 4;

  /** Panels of rows in a task, at least. */
  private static final int TASK_PANELS = 32;

  /** Floats in all partial sums of the weights' gradient together, unless there is only one. */
  private static final int PARTIAL_FLOATS = 1 << 20;

  private final ConvShape shape;

  /** Positions in an output plane. */
  private final int plane;

  private PointwiseWeightGradient(ConvShape shape) {
    this.shape = shape;
    this.plane = shape.outH() * shape.outW();
  }

  /** See {@link Conv#weightGradient}. */
  static void run(
      ConvShape shape, float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    PointwiseWeightGradient sum = new PointwiseWeightGradient(shape);
    float[] from = PointwiseConv.dense(shape, x, xOff);
    int fromOff = PointwiseConv.denseOffset(shape, xOff);
    // One side is packed, the other one read where it lies. To pack that with fewer channels pays
    // only if it saves more than to transpose the result afterwards.
    long saved = (long) (shape.c() - shape.k()) * shape.n() * sum.plane;
    if (saved <= 6L * shape.c() * shape.k()) {
      sum.multiplyTransposed(shape.k(), gy, gyOff, shape.c(), from, fromOff, false, gw, gwOff);
    } else {
      sum.multiplyTransposed(shape.c(), from, fromOff, shape.k(), gy, gyOff, true, gw, gwOff);
    }
  }

  /**
   * The sum over images of a [m, plane] times the transpose of b [n, plane].
   *
   * <p>Positions come in blocks of part of an image or of several whole ones, which are dealt to a
   * fixed number of partial sums; where one partial sum is large, its columns are split between
   * tasks instead. Both depend on the shape alone.
   *
   * @param swapped whether the result is stored transposed, [n, m]
   */
  private void multiplyTransposed(
      int m,
      float[] a,
      int aOff,
      int n,
      float[] b,
      int bOff,
      boolean swapped,
      float[] gw,
      int gwOff) {
    int blockImages = Math.max(1, Math.min(shape.n(), Gemm.KC / plane));
    int parts = Gemm.blocks(plane, Gemm.KC);
    int blocks = Gemm.blocks(shape.n(), blockImages) * parts;
    int size = m * n;
    int chunks = Math.max(1, Math.min(Math.min(blocks, TASKS), PARTIAL_FLOATS / size));
    int columnPanels = Gemm.blocks(n, NR);
    int panels = GemmKernel.panels(m);
    int wanted = Gemm.blocks(TASKS, chunks);
    int groups = Math.max(1, Math.min(wanted, columnPanels / TASK_COLUMNS));
    int rowGroups = Math.max(1, Math.min(Gemm.blocks(wanted, groups), panels / TASK_PANELS));
    boolean inPlace = chunks == 1 && !swapped;
    float[] partial = inPlace ? gw : Scratch.floats(Scratch.PARTIAL, (long) chunks * size);
    Parallel.run(
        chunks * groups * rowGroups,
        t -> {
          int chunk = t / (groups * rowGroups);
          int p0 = Gemm.blockStart(panels, rowGroups, t / groups % rowGroups);
          int p1 = Gemm.blockStart(panels, rowGroups, t / groups % rowGroups + 1);
          int j0 = Gemm.blockStart(columnPanels, groups, t % groups) * NR;
          int j1 = Math.min(n, Gemm.blockStart(columnPanels, groups, t % groups + 1) * NR);
          int to = inPlace ? gwOff : chunk * size;
          int first = Gemm.blockStart(blocks, chunks, chunk);
          int end = Gemm.blockStart(blocks, chunks, chunk + 1);
          for (int block = first; block < end; block++) {
            int image0 = block / parts * blockImages;
            int image1 = Math.min(shape.n(), image0 + blockImages);
            int begin = Gemm.blockStart(plane, parts, block % parts);
            int length = Gemm.blockStart(plane, parts, block % parts + 1) - begin;
            addBlock(
                m,
                p0,
                p1,
                a,
                aOff + begin,
                n,
                b,
                bOff + begin,
                image0,
                image1,
                length,
                j0,
                j1,
                partial,
                to,
                block > first);
          }
        });
    if (!inPlace) {
      addParts(partial, chunks, m, n, swapped, gw, gwOff);
    }
  }

  /**
   * Adds {@code length} positions of images [image0, image1) to rows of panels [p0, p1) and columns
   * [j0, j1) of a sum.
   */
  private void addBlock(
      int m,
      int p0,
      int p1,
      float[] a,
      int aOff,
      int n,
      float[] b,
      int bOff,
      int image0,
      int image1,
      int length,
      int j0,
      int j1,
      float[] sum,
      int sumOff,
      boolean accumulate) {
    int steps = (image1 - image0) * length;
    int width = Math.max(1, Gemm.BLOCK / (NR * steps)) * NR;
    float[] packed = Scratch.task(Scratch.ALIGNED + (long) steps * width);
    float[] edge = Scratch.floats(Scratch.TILE, (long) GemmKernel.MR * NR);
    for (int from = j0; from < j1; from += width) {
      int to = Math.min(j1, from + width);
      for (int j = from; j < to; j += NR) {
        for (int image = image0; image < image1; image++) {
          int at = Scratch.ALIGNED + (j - from) * steps + (image - image0) * length * NR;
          int cols = Math.min(NR, to - j);
          Pack.columns(length, cols, NR, b, bOff + (image * n + j) * plane, plane, packed, at);
        }
      }
      for (int p = p0; p < p1; p++) {
        int i = GemmKernel.panelStart(m, p);
        int rows = Math.min(GemmKernel.panelRows(m, p), m - i);
        for (int j = from; j < to; j += NR) {
          for (int image = image0; image < image1; image++) {
            DirectKernel.tile(
                length,
                rows,
                Math.min(NR, to - j),
                a,
                aOff + (image * m + i) * plane,
                plane,
                packed,
                Scratch.ALIGNED + (j - from) * steps + (image - image0) * length * NR,
                sum,
                sumOff + i * n + j,
                n,
                Gemm.ZEROS,
                0,
                0,
                accumulate || image > image0,
                edge);
          }
        }
      }
    }
  }

  /** Adds partial sums [m, n] in order into the weights' gradient, transposed if asked for. */
  private static void addParts(
      float[] partial, int chunks, int m, int n, boolean swapped, float[] gw, int gwOff) {
    int size = m * n;
    int step = Math.max(1, 4096 / n);
    Parallel.run(
        Gemm.blocks(m, step),
        t -> {
          int begin = t * step * n;
          int end = Math.min(m, (t + 1) * step) * n;
          for (int chunk = 1; chunk < chunks; chunk++) {
            int from = chunk * size;
            for (int i = begin; i < end; i++) {
              partial[i] += partial[from + i];
            }
          }
          if (!swapped) {
            System.arraycopy(partial, begin, gw, gwOff + begin, end - begin);
            return;
          }
          for (int j = 0; j < n; j++) {
            int to = gwOff + j * m;
            for (int i = begin + j, row = t * step; i < end; i += n, row++) {
              gw[to + row] = partial[i];
            }
          }
        });
  }
}
