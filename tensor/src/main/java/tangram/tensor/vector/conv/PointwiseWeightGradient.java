package tangram.tensor.vector.conv;

import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * The gradient of the weights of a {@link PointwiseConv}: the sum over images of the output's
 * gradient [k, P] times the transposed image [c, P].
 *
 * <p>Positions come in blocks of an image or of a part of one. Where there are many, they are dealt
 * to a fixed number of partial sums, a task each; else every product is shared out between threads.
 * Both depend on the shape alone.
 */
final class PointwiseWeightGradient {
  /** Partial sums at most, enough to keep several threads busy. */
  private static final int SUMS = 8;

  /** Positions of a block, about. */
  private static final int POSITIONS = 1024;

  /** Floats in all partial sums together, unless there is only one. */
  private static final int PARTIAL_FLOATS = 1 << 20;

  private PointwiseWeightGradient() {}

  /** See {@link Conv#weightGradient}. */
  static void run(
      ConvShape shape, float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    float[] image = PointwiseConv.dense(shape, x, xOff);
    int imageOff = PointwiseConv.denseOffset(shape, xOff);
    int k = shape.k();
    int c = shape.c();
    int plane = shape.outputVolume();
    int parts = Gemm.blocks(plane, POSITIONS);
    int blocks = shape.n() * parts;
    int size = shape.weightSize();
    int sums = blocks < SUMS ? 1 : Math.max(1, Math.min(SUMS, PARTIAL_FLOATS / size));
    float[] partial = sums == 1 ? gw : Scratch.floats(Scratch.PARTIAL, (long) sums * size);
    int partialOff = sums == 1 ? gwOff : 0;
    Parallel.run(
        sums,
        sum -> {
          int first = Gemm.blockStart(blocks, sums, sum);
          int to = partialOff + sum * size;
          for (int b = first; b < Gemm.blockStart(blocks, sums, sum + 1); b++) {
            int begin = Gemm.blockStart(plane, parts, b % parts);
            int length = Gemm.blockStart(plane, parts, b % parts + 1) - begin;
            int from = gyOff + b / parts * k * plane + begin;
            int with = imageOff + b / parts * c * plane + begin;
            Gemm.sgemm(
                false, true, k, c, length, gy, from, plane, image, with, plane, partial, to, c,
                b > first);
          }
        });
    if (sums > 1) {
      ConvWeightGradient.sum(partial, sums, size, gw, gwOff);
    }
  }
}
