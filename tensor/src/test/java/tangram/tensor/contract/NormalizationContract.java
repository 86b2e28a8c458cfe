package tangram.tensor.contract;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batch and layer normalisation and unit vectors, also where the mean dwarfs the deviation. */
public abstract class NormalizationContract extends KernelContract {
  private static final double EPS = 1e-5;

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({
    "2, 1, 1",
    "1, 1, 2",
    "1, 3, 49",
    "3, 5, 7",
    "2, 96, 49",
    "12, 7, 64",
    "1, 2, 4099",
    "5, 17, 1"
  })
  void batchNorm(int n, int c, int hw) {
    double[] x = normal(1, n * c * hw);
    for (boolean relu : new boolean[] {false, true}) {
      for (boolean residual : new boolean[] {false, true}) {
        batchNorm(n, c, hw, x, residual, relu, KernelCheck.TOLERANCE);
      }
    }
  }

  /** With a mean of 50, E[x^2] - E[x]^2 would lose half of the digits. */
  @Test
  void batchNormOfALargeMean() {
    int n = 3;
    int c = 5;
    int hw = 121;
    double[] x = normal(2, n * c * hw);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (x[i] + 50);
    }
    batchNorm(n, c, hw, x, false, false, 3e-5);
  }

  private void batchNorm(
      int n, int c, int hw, double[] x, boolean residual, boolean relu, double tolerance) {
    String what =
        "batchNorm "
            + (n + "x" + c + "x" + hw)
            + (residual ? " + residual" : "")
            + (relu ? " + relu" : "");
    int count = n * c * hw;
    double[] gamma = uniform(3, c, 0.5, 1.5);
    gamma[c / 2] = -gamma[c / 2];
    KernelCheck forward =
        check(what)
            .input("x", x)
            .input("gamma", gamma)
            .input("beta", normal(4, c))
            .updated("runningMean", normal(5, c))
            .updated("runningVar", uniform(6, c, 0.5, 2))
            .output("mean", c)
            .output("invStd", c)
            .output("y", count)
            .scale("mean", 1)
            .scale("y", 1)
            .tolerance(tolerance);
    if (residual) {
      forward.input("residual", normal(7, count));
    }
    KernelCheck.Results results =
        forward.run(
            (k, b) ->
                k.normalization()
                    .batchNorm(
                        n,
                        c,
                        hw,
                        b.get("x"),
                        residual ? b.get("residual") : null,
                        b.get("gamma"),
                        b.get("beta"),
                        b.get("runningMean"),
                        b.get("runningVar"),
                        0.1,
                        EPS,
                        relu,
                        b.get("mean"),
                        b.get("invStd"),
                        b.get("y")));
    double[] gy = normal(8, count);
    double[] invStd = results.rounded("invStd");
    double largestSlope = largest(invStd) * largest(gamma) * largest(gy);
    KernelCheck backward =
        check(what + " backward")
            .input("x", x)
            .input("y", results.rounded("y"))
            .input("gamma", gamma)
            .input("mean", results.rounded("mean"))
            .input("invStd", invStd)
            .input("gy", gy)
            .output("gx", count)
            .output("gGamma", c)
            .output("gBeta", c)
            .scale("gx", largestSlope)
            .scale("gGamma", Math.sqrt(n * hw))
            .scale("gBeta", Math.sqrt(n * hw))
            .tolerance(tolerance);
    if (residual) {
      backward.output("gResidual", count);
    }
    backward.run(
        (k, b) ->
            k.normalization()
                .batchNormBackward(
                    n,
                    c,
                    hw,
                    b.get("x"),
                    b.get("y"),
                    b.get("gamma"),
                    b.get("mean"),
                    b.get("invStd"),
                    relu,
                    b.get("gy"),
                    b.get("gx"),
                    residual ? b.get("gResidual") : null,
                    b.get("gGamma"),
                    b.get("gBeta")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({"1, 1, 1", "2, 3, 1", "1, 3, 49", "3, 5, 7", "2, 96, 49", "1, 2, 4099"})
  void batchNormInference(int n, int c, int hw) {
    for (boolean relu : new boolean[] {false, true}) {
      for (boolean residual : new boolean[] {false, true}) {
        KernelCheck check =
            check("batchNormInference " + n + "x" + c + "x" + hw)
                .input("x", normal(9, n * c * hw))
                .input("gamma", normal(10, c))
                .input("beta", normal(11, c))
                .input("runningMean", normal(12, c))
                .input("runningVar", uniform(13, c, 0.1, 2))
                .output("y", n * c * hw)
                .scale("y", 1);
        if (residual) {
          check.input("residual", normal(14, n * c * hw));
        }
        check.run(
            (k, b) ->
                k.normalization()
                    .batchNormInference(
                        n,
                        c,
                        hw,
                        b.get("x"),
                        residual ? b.get("residual") : null,
                        b.get("gamma"),
                        b.get("beta"),
                        b.get("runningMean"),
                        b.get("runningVar"),
                        EPS,
                        relu,
                        b.get("y")));
      }
    }
  }

  @ParameterizedTest(name = "{0}x{1}")
  @CsvSource({
    "1, 1", "1, 2", "3, 7", "5, 16", "17, 96", "2, 768", "33, 31", "1031, 3", "64, 97", "1, 4099"
  })
  void layerNorm(int rows, int cols) {
    String what = "layerNorm " + rows + "x" + cols;
    double[] x = normal(15, rows * cols);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (x[i] + 3);
    }
    double[] gamma = uniform(16, cols, 0.5, 1.5);
    KernelCheck.Results results =
        check(what)
            .input("x", x)
            .input("gamma", gamma)
            .input("beta", normal(17, cols))
            .output("mean", rows)
            .output("invStd", rows)
            .output("y", rows * cols)
            .scale("y", 1)
            .run(
                (k, b) ->
                    k.normalization()
                        .layerNorm(
                            rows,
                            cols,
                            b.get("x"),
                            b.get("gamma"),
                            b.get("beta"),
                            EPS,
                            b.get("mean"),
                            b.get("invStd"),
                            b.get("y")));
    double[] gy = normal(18, rows * cols);
    double[] invStd = results.rounded("invStd");
    check(what + " backward")
        .input("x", x)
        .input("gamma", gamma)
        .input("mean", results.rounded("mean"))
        .input("invStd", invStd)
        .input("gy", gy)
        .output("gx", rows * cols)
        .output("gGamma", cols)
        .output("gBeta", cols)
        .scale("gx", largest(invStd) * largest(gamma) * largest(gy))
        .scale("gGamma", Math.sqrt(rows))
        .scale("gBeta", Math.sqrt(rows))
        .run(
            (k, b) ->
                k.normalization()
                    .layerNormBackward(
                        rows,
                        cols,
                        b.get("x"),
                        b.get("gamma"),
                        b.get("mean"),
                        b.get("invStd"),
                        b.get("gy"),
                        b.get("gx"),
                        b.get("gGamma"),
                        b.get("gBeta")));
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({"1, 1, 1", "1, 4, 1", "7, 128, 1", "2, 256, 16", "3, 5, 7", "2, 3, 1031"})
  void normalize(int outer, int c, int inner) {
    int count = outer * c * inner;
    double[] x = normal(19, count);
    // One vector of zeros: its length counts as eps, and it stays zero.
    for (int j = 0; j < c; j++) {
      x[j * inner] = 0;
    }
    KernelCheck.Results results =
        normalize("normalize " + outer + "x" + c + "x" + inner, outer, c, inner, x, 1e-3);
    double[] norm = results.rounded("norm");
    double shortest = Double.POSITIVE_INFINITY;
    for (double v : norm) {
      shortest = Math.min(shortest, v);
    }
    double[] gy = normal(20, count);
    check("normalize backward " + outer + "x" + c + "x" + inner)
        .input("y", results.rounded("y"))
        .input("norm", norm)
        .input("gy", gy)
        .output("gx", count)
        .scale("gx", largest(gy) / shortest)
        .run(
            (k, b) ->
                k.normalization()
                    .normalizeBackward(
                        outer, c, inner, b.get("y"), b.get("norm"), b.get("gy"), b.get("gx")));
  }

  /** The usual eps of 1e-12, whose square single precision cannot hold. */
  @Test
  void normalizeWithATinyEps() {
    double[] x = normal(21, 2 * 8 * 3);
    for (int j = 0; j < 8; j++) {
      x[j * 3 + 1] = 0;
    }
    normalize("normalize with eps 1e-12", 2, 8, 3, x, 1e-12);
  }

  private KernelCheck.Results normalize(
      String what, int outer, int c, int inner, double[] x, double eps) {
    return check(what)
        .input("x", x)
        .output("norm", outer * inner)
        .output("y", outer * c * inner)
        .run(
            (k, b) ->
                k.normalization()
                    .normalize(outer, c, inner, b.get("x"), eps, b.get("norm"), b.get("y")));
  }
}
