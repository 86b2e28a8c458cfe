package tangram.tensor.contract;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.WindowShape;

/** Kernels that move elements; those that only copy must copy exactly. */
public abstract class LayoutContract extends KernelContract {

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({"1, 1, 1", "3, 1, 5", "2, 7, 7", "96, 4, 4", "5, 17, 13", "2, 3, 64"})
  void upsample(int planes, int h, int w) {
    int count = planes * h * w;
    check("upsample " + planes + "x" + h + "x" + w)
        .input("x", normal(7, count))
        .output("y", 4 * count)
        .tolerance(0)
        .run((k, b) -> k.layout().upsampleNearest2x(planes, h, w, b.get("x"), b.get("y")));
    check("upsample backward " + planes + "x" + h + "x" + w)
        .input("gy", normal(8, 4 * count))
        .output("gx", count)
        .run(
            (k, b) -> k.layout().upsampleNearest2xBackward(planes, h, w, b.get("gy"), b.get("gx")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2} to {3}x{4}")
  @CsvSource({
    "1, 1, 1, 1, 1",
    "2, 1, 1, 3, 5",
    "3, 7, 7, 8, 8",
    "2, 8, 8, 5, 3",
    "96, 7, 7, 8, 8",
    "1, 3, 5, 7, 4",
    "1, 1, 2, 3, 3",
    "2, 4, 3, 4, 3",
    "1, 56, 56, 64, 64",
    "2, 13, 17, 4, 31"
  })
  void resizeBilinear(int planes, int h, int w, int outH, int outW) {
    String what = "resize " + planes + "x" + h + "x" + w + " to " + outH + "x" + outW;
    check(what)
        .input("x", normal(9, planes * h * w))
        .output("y", planes * outH * outW)
        .scale("y", 1)
        .run((k, b) -> k.layout().resizeBilinear(planes, h, w, outH, outW, b.get("x"), b.get("y")));
    check(what + " backward")
        .input("gy", normal(10, planes * outH * outW))
        .output("gx", planes * h * w)
        .scale("gx", 1)
        .run(
            (k, b) ->
                k.layout()
                    .resizeBilinearBackward(planes, h, w, outH, outW, b.get("gy"), b.get("gx")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2}x{3} window {4} shift {5}")
  @CsvSource({
    "1, 1, 1, 1, 1, 0",
    "2, 4, 6, 2, 2, 0",
    "2, 6, 6, 2, 3, 1",
    "1, 8, 8, 96, 4, 2",
    "1, 5, 7, 3, 3, 0",
    "2, 5, 7, 2, 4, 2",
    "1, 3, 9, 2, 4, 2",
    "1, 9, 4, 5, 4, 3",
    "1, 2, 2, 17, 7, 3",
    "1, 14, 14, 6, 7, 3",
    "3, 16, 8, 12, 8, 4"
  })
  void windows(int n, int h, int w, int c, int window, int shift) {
    WindowShape shape = new WindowShape(n, h, w, c, window, shift);
    int pixels = n * h * w * c;
    int tokens = n * shape.rows() * shape.cols() * window * window * c;
    check("partition " + shape)
        .input("x", normal(11, pixels))
        .output("y", tokens)
        .tolerance(0)
        .run((k, b) -> k.layout().windowPartition(shape, b.get("x"), b.get("y")));
    check("reverse " + shape)
        .input("x", normal(12, tokens))
        .output("y", pixels)
        .tolerance(0)
        .run((k, b) -> k.layout().windowReverse(shape, b.get("x"), b.get("y")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2} kernel {3} stride {4} padding {5}")
  @CsvSource({
    "1, 1, 1, 1, 1, 0",
    "1, 1, 1, 3, 2, 1",
    "6, 7, 8, 3, 2, 1",
    "3, 16, 16, 3, 2, 1",
    "2, 9, 5, 2, 2, 0",
    "2, 6, 11, 3, 1, 1",
    "96, 7, 7, 3, 2, 1",
    "1, 64, 33, 3, 2, 1",
    "2, 5, 5, 5, 3, 2"
  })
  void maxPool(int planes, int h, int w, int kernel, int stride, int padding) {
    PoolShape shape = new PoolShape(planes, h, w, kernel, stride, padding);
    maxPool(shape.toString(), shape, normal(13, planes * h * w));
    // Few different values: the first of the largest wins, in reading order.
    double[] ties = new double[planes * h * w];
    int[] values = integers(14, ties.length, -2, 1);
    for (int i = 0; i < ties.length; i++) {
      ties[i] = values[i];
    }
    maxPool(shape + " with ties", shape, ties);
    // Padding must not win over negative numbers, however low.
    double[] low = uniform(15, ties.length, -3e38, -1e38);
    maxPool(shape + " of low numbers", shape, low);
  }

  private void maxPool(String what, PoolShape shape, double[] x) {
    int outputs = shape.planes() * shape.outH() * shape.outW();
    int[] index =
        check("maxPool " + what)
            .input("x", x)
            .output("y", outputs)
            .outputInts("index", outputs)
            .tolerance(0)
            .run((k, b) -> k.layout().maxPool2d(shape, b.get("x"), b.get("y"), b.get("index")))
            .ints("index");
    check("maxPool backward " + what)
        .input("gy", normal(16, outputs))
        .input("index", index)
        .output("gx", x.length)
        .run(
            (k, b) ->
                k.layout().maxPool2dBackward(shape, b.get("gy"), b.get("index"), b.get("gx")));
  }
}
