package tangram.tensor.vector.conv;

import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTranspose;

/**
 * The gradient of the weights of a {@link PointwiseConv}: the sum over images of the output's
 * gradient [k, P] times the transposed image [c, P].
 *
 * <p>Every product is shared out between threads. Where the weights are too few for that, blocks of
 * positions are dealt to a fixed number of partial sums, a task each. Images with few positions are
 * brought together, so that the result is read and written once. All of this depends on the shape
 * alone.
 */
final class PointwiseWeightGradient {
  /** Partial sums at most, enough to keep several threads busy. */
  private static final int SUMS = 8;

  /** Weights that are too few to be shared out. */
  private static final int FEW_WEIGHTS = 1 << 14;

  /** Positions of an image that are too few for a product of their own. */
  private static final int FEW_POSITIONS = 128;

  /** Rows of a transposed matrix in a task. */
  private static final int ROWS = 16;

  private PointwiseWeightGradient() {}

  /** See {@link Conv#weightGradient}. */
  static void run(
      ConvShape shape, float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    float[] image = PointwiseConv.dense(shape, x, xOff);
    int imageOff = PointwiseConv.denseOffset(shape, xOff);
    int plane = shape.outputVolume();
    if (shape.n() > 1 && plane < FEW_POSITIONS) {
      together(shape, image, imageOff, gy, gyOff, gw, gwOff);
      return;
    }
    // The second factor is packed. To exchange them where it has more channels pays only if that
    // saves more than to transpose the result afterwards.
    long saved = (long) (shape.c() - shape.k()) * shape.n() * plane;
    boolean swapped = saved > 6L * shape.weightSize();
    float[] a = swapped ? image : gy;
    float[] b = swapped ? gy : image;
    int aOff = swapped ? imageOff : gyOff;
    int bOff = swapped ? gyOff : imageOff;
    int m = swapped ? shape.c() : shape.k();
    int n = swapped ? shape.k() : shape.c();
    int size = shape.weightSize();
    boolean few = size <= FEW_WEIGHTS;
    int parts = few ? Math.min(Gemm.blocks(plane, Gemm.KC), Gemm.blocks(SUMS, shape.n())) : 1;
    int blocks = shape.n() * parts;
    int sums = few ? Math.min(SUMS, blocks) : 1;
    boolean direct = sums == 1 && !swapped;
    float[] partial = direct ? gw : Scratch.floats(Scratch.PARTIAL, (long) sums * size);
    int partialOff = direct ? gwOff : 0;
    Parallel.run(
        sums,
        sum -> {
          int first = Gemm.blockStart(blocks, sums, sum);
          int to = partialOff + sum * size;
          for (int i = first; i < Gemm.blockStart(blocks, sums, sum + 1); i++) {
            int begin = Gemm.blockStart(plane, parts, i % parts);
            int length = Gemm.blockStart(plane, parts, i % parts + 1) - begin;
            int from = aOff + i / parts * m * plane + begin;
            int with = bOff + i / parts * n * plane + begin;
            Gemm.sgemm(
                false, true, m, n, length, a, from, plane, b, with, plane, partial, to, n,
                i > first);
          }
        });
    if (sums > 1) {
      ConvWeightGradient.sum(partial, sums, size, swapped ? partial : gw, swapped ? 0 : gwOff);
    }
    if (swapped) {
      transpose(partial, 0, m, n, gw, gwOff);
    }
  }

  /** The product of the matrices [positions, channels] of all images. */
  private static void together(
      ConvShape shape, float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    int plane = shape.outputVolume();
    int c = shape.c();
    int k = shape.k();
    int positions = shape.n() * plane;
    float[] turned = Scratch.floats(Scratch.PARTIAL, (long) positions * (c + k));
    for (int n = 0; n < shape.n(); n++) {
      transpose(x, xOff + n * c * plane, c, plane, turned, n * plane * c);
      transpose(gy, gyOff + n * k * plane, k, plane, turned, positions * c + n * plane * k);
    }
    Gemm.sgemm(
        true, false, k, c, positions, turned, positions * c, k, turned, 0, c, gw, gwOff, c, false);
  }

  /** The transpose of a matrix [m, n]. */
  private static void transpose(float[] x, int xOff, int m, int n, float[] y, int yOff) {
    Parallel.run(
        Gemm.blocks(n, ROWS),
        t -> {
          int first = t * ROWS;
          int rows = Math.min(ROWS, n - first);
          VectorTranspose.transpose(x, xOff + first, n, y, yOff + first * m, m, rows, m);
        });
  }
}
