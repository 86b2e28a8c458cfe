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

  /** Floats in all partial sums together, unless there is only one. */
  private static final int PARTIAL_FLOATS = 1 << 20;

  private PointwiseWeightGradient() {}

  /** See {@link Conv#weightGradient}. */
  static void run(
      ConvShape shape, float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    float[] image = PointwiseConv.dense(shape, x, xOff);
    int imageOff = PointwiseConv.denseOffset(shape, xOff);
    // The second factor is packed. To exchange them where it has more channels pays only if that
    // saves more than to transpose the result afterwards.
    long saved = (long) (shape.c() - shape.k()) * shape.n() * shape.outputVolume();
    boolean swapped = saved > 6L * shape.weightSize();
    float[] a = swapped ? image : gy;
    float[] b = swapped ? gy : image;
    int aOff = swapped ? imageOff : gyOff;
    int bOff = swapped ? gyOff : imageOff;
    int m = swapped ? shape.c() : shape.k();
    int n = swapped ? shape.k() : shape.c();
    int plane = shape.outputVolume();
    int parts = Math.min(Gemm.blocks(plane, Gemm.KC), Gemm.blocks(SUMS, shape.n()));
    int blocks = shape.n() * parts;
    int size = shape.weightSize();
    int sums = blocks < SUMS ? 1 : Math.max(1, Math.min(SUMS, PARTIAL_FLOATS / size));
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
    if (swapped) {
      transposedSum(partial, sums, m, n, gw, gwOff);
    } else if (sums > 1) {
      ConvWeightGradient.sum(partial, sums, size, gw, gwOff);
    }
  }

  /** Adds partial sums [m, n] in order, into their transpose. */
  private static void transposedSum(
      float[] partial, int sums, int m, int n, float[] gw, int gwOff) {
    Parallel.run(
        n,
        j -> {
          for (int i = 0; i < m; i++) {
            float total = partial[i * n + j];
            for (int sum = 1; sum < sums; sum++) {
              total += partial[(sum * m + i) * n + j];
            }
            gw[gwOff + j * m + i] = total;
          }
        });
  }
}
