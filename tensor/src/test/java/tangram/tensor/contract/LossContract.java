package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses and their gradients; the contrast is in {@link InfoNceContract}. */
public abstract class LossContract extends KernelContract {
  private static final double[] G_LOSS = {0.75};

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({"1, 1, 1", "1, 4, 1", "2, 4, 49", "3, 2, 17", "12, 4, 64", "2, 4, 4099", "1, 5, 33"})
  void partialCrossEntropy(int n, int k, int hw) {
    double[] q = probabilities(1, n, k, hw);
    q[0] = 0; // log(0 + eps) is finite
    int[] everyOther = integers(2, n * hw, -1, 2 * k);
    everyOther[0] = 0;
    partialCrossEntropy("half labelled", n, k, hw, q, everyOther);
    int[] all = integers(3, n * hw, 0, k);
    partialCrossEntropy("all labelled", n, k, hw, q, all);
    int[] one = new int[n * hw];
    Arrays.fill(one, k);
    one[n * hw / 2] = k - 1;
    partialCrossEntropy("one labelled", n, k, hw, q, one);
  }

  @Test
  void partialCrossEntropyWithoutLabels() {
    int[] labels = new int[2 * 15];
    Arrays.fill(labels, 4);
    labels[3] = -1;
    double[] gq = partialCrossEntropy("unlabelled", 2, 4, 15, probabilities(4, 2, 4, 15), labels);
    assertArrayEquals(new double[2 * 4 * 15], gq);
  }

  private double[] partialCrossEntropy(
      String what, int n, int k, int hw, double[] q, int[] labels) {
    double[] loss =
        check("partialCrossEntropy " + what)
            .input("q", q)
            .input("labels", labels)
            .output("loss", 2)
            .scale("loss", 1)
            .run(
                (kernels, b) ->
                    kernels
                        .loss()
                        .partialCrossEntropy(
                            n, k, hw, b.get("q"), b.get("labels"), 1e-8, b.get("loss")))
            .rounded("loss");
    return check("partialCrossEntropy backward " + what)
        .input("q", q)
        .input("labels", labels)
        .input("loss", loss)
        .input("gLoss", G_LOSS)
        .output("gq", n * k * hw)
        .run(
            (kernels, b) ->
                kernels
                    .loss()
                    .partialCrossEntropyBackward(
                        n,
                        k,
                        hw,
                        b.get("q"),
                        b.get("labels"),
                        1e-8,
                        b.get("loss"),
                        b.get("gLoss"),
                        b.get("gq")))
        .reals("gq");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 31, 97, 10007, 100003})
  void mse(int length) {
    double[] a = normal(5, length);
    double[] b = normal(6, length);
    check("mse " + length)
        .input("a", a)
        .input("b", b)
        .output("loss", 1)
        .run((k, at) -> k.loss().mse(at.get("a"), at.get("b"), at.get("loss")));
    check("mse backward " + length)
        .input("a", a)
        .input("b", b)
        .input("gLoss", G_LOSS)
        .output("ga", length)
        .run(
            (k, at) ->
                k.loss().mseBackward(at.get("a"), at.get("b"), at.get("gLoss"), at.get("ga")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({"1, 1, 1", "1, 4, 1", "2, 4, 49", "3, 2, 17", "12, 4, 64", "2, 4, 4099", "1, 19, 5"})
  void negativeCosine(int n, int k, int hw) {
    double[] p = probabilities(7, n, k, hw);
    double[] q = probabilities(8, n, k, hw);
    negativeCosine("", n, k, hw, p, q);
    // A pixel of zeros on both sides: the norms count as eps, loss and gradient stay finite.
    for (int c = 0; c < k; c++) {
      p[c * hw] = 0;
      q[c * hw] = 0;
    }
    negativeCosine(" with a pixel of zeros", n, k, hw, p, q);
  }

  private void negativeCosine(String what, int n, int k, int hw, double[] p, double[] q) {
    check("negativeCosine" + what)
        .input("p", p)
        .input("q", q)
        .output("loss", 1)
        .scale("loss", 1)
        .run(
            (kernels, b) ->
                kernels
                    .loss()
                    .negativeCosine(n, k, hw, b.get("p"), b.get("q"), 1e-8, b.get("loss")));
    check("negativeCosine backward" + what)
        .input("p", p)
        .input("q", q)
        .input("gLoss", G_LOSS)
        .output("gq", n * k * hw)
        .scale("gq", 1.0 / (n * hw))
        .run(
            (kernels, b) ->
                kernels
                    .loss()
                    .negativeCosineBackward(
                        n, k, hw, b.get("p"), b.get("q"), 1e-8, b.get("gLoss"), b.get("gq")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({"1, 1, 1", "1, 4, 1", "2, 4, 49", "3, 2, 17", "12, 4, 64", "2, 4, 4099"})
  void confirmLabels(int n, int k, int hw) {
    double[] q = probabilities(9, n, k, hw);
    int[] scribbles = integers(10, n * hw, -1, 3 * k);
    double threshold = (float) (0.55 * Math.log(Math.max(k, 2)));
    KernelCheck.Results results = confirm("random", n, k, hw, q, scribbles, threshold);
    for (double u : results.reals("uncertainty")) {
      double margin = Math.abs(u - threshold);
      assertEquals(true, margin > 2e-6, "the test is void so near to the threshold: " + margin);
    }
  }

  /** Certain pixels, pixels between two equal classes (the first wins), and q = 0 in the log. */
  @Test
  void confirmLabelsAtTheExtremes() {
    double[] q = {
      1, 0, 0.5, 0, 0.25, // class 0
      0, 1, 0.5, 0, 0.25, 0, 0, 0, 0.5, 0.25, 0, 0, 0, 0.5, 0.25
    };
    int[] unlabelled = {4, 4, 4, 4, 4};
    KernelCheck.Results results = confirm("extremes", 1, 4, 5, q, unlabelled, 0.75);
    assertArrayEquals(new int[] {0, 1, 0, 2, -1}, results.ints("labels"));
    int[] scribbles = {3, -1, 4, 0, 2};
    results = confirm("scribbled", 1, 4, 5, q, scribbles, 0.5);
    assertArrayEquals(new int[] {3, 1, -1, 0, 2}, results.ints("labels"));
  }

  private KernelCheck.Results confirm(
      String what, int n, int k, int hw, double[] q, int[] scribbles, double threshold) {
    return check("confirmLabels " + what)
        .input("q", q)
        .input("scribbles", scribbles)
        .input("threshold", new double[] {threshold})
        .output("uncertainty", n * hw)
        .outputInts("labels", n * hw)
        .scale("uncertainty", 1)
        .run(
            (kernels, b) ->
                kernels
                    .loss()
                    .confirmLabels(
                        n,
                        k,
                        hw,
                        b.get("q"),
                        b.get("scribbles"),
                        b.get("threshold"),
                        1e-6,
                        b.get("uncertainty"),
                        b.get("labels")));
  }

  @ParameterizedTest(name = "{0} images, {1} pixels, {2} numbers, {3} classes")
  @CsvSource({"1, 1, 1, 1", "2, 64, 16, 3", "3, 35, 257, 2"})
  void prototypes(int images, int pixels, int dim, int classes) {
    int[] slot = new int[images * classes];
    for (int i = 0; i < slot.length; i++) {
      slot[i] = i % 4 == 3 ? -1 : slot.length - 1 - i;
    }
    check("prototypes of " + images + "x" + pixels + "x" + dim)
        .input("vectors", normal(41, images * pixels * dim))
        .input("labels", integers(42, images * pixels, -1, classes + 1))
        .input("slot", slot)
        .updated("queue", normal(43, images * classes * dim))
        .run(
            (k, at) ->
                k.loss()
                    .prototypes(
                        images,
                        pixels,
                        dim,
                        classes,
                        at.get("vectors"),
                        at.get("labels"),
                        at.get("slot"),
                        at.get("queue")));
  }
}
