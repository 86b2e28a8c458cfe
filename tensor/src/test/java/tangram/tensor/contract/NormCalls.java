package tangram.tensor.contract;

import java.util.Arrays;
import java.util.Locale;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.NormalizeOp;

/** Calls of {@code tools/parity/operations/norms.py}. */
final class NormCalls {
  private static final double EPS = 1e-3;

  private NormCalls() {}

  static Calls.Table table() {
    return new Calls.Table()
        .add("softmax", (x, a) -> x[0].softmax(a.integer("axis")))
        .add("logSoftmax", (x, a) -> x[0].logSoftmax(a.integer("axis")))
        .add(
            "normalize",
            (x, a) -> NormalizeOp.normalize(x[0], a.real("p"), a.integer("axis"), a.real("eps")))
        .add(
            "normalizeLargest",
            (x, a) ->
                NormalizeOp.normalize(x[0], Double.POSITIVE_INFINITY, a.integer("axis"), 1e-12))
        .add(
            "cosineSimilarity",
            (x, a) -> NormalizeOp.cosineSimilarity(x[0], x[1], a.integer("axis"), a.real("eps")))
        .add("layerNorm", (x, a) -> NormOp.layerNorm(x[0], last(x[0], a), at(x, 1), at(x, 2), EPS))
        .add("rmsNorm", (x, a) -> NormOp.rmsNorm(x[0], last(x[0], a), at(x, 1), EPS))
        .add(
            "groupNorm",
            (x, a) -> NormOp.groupNorm(x[0], a.integer("groups"), at(x, 1), at(x, 2), EPS))
        .add("instanceNorm", (x, a) -> NormOp.instanceNorm(x[0], at(x, 1), at(x, 2), EPS))
        .addAll("batchNorm", (x, a) -> batchNorm(x))
        .add(
            "batchNormInference",
            (x, a) -> {
              Tensor[] s = statistics(x[0]);
              return NormOp.batchNormInference(
                  x[0], null, at(x, 1), at(x, 2), s[0], s[1], EPS, false);
            })
        .add("crossEntropy", (x, a) -> crossEntropy(x, a, a.integer("ignored")))
        .add("crossEntropyOfProbabilities", (x, a) -> crossEntropy(x, a, -100))
        .add(
            "nllLoss",
            (x, a) ->
                CrossEntropyOp.nllLoss(
                    x[0], x[1], weights(x[0], a), a.integer("ignored"), reduction(a)));
  }

  private static Tensor at(Tensor[] x, int i) {
    return i < x.length ? x[i] : null;
  }

  private static Shape last(Tensor x, Arguments a) {
    int[] dims = x.shape().dims();
    int from = dims.length - a.integer("dims");
    return Shape.of(Arrays.copyOfRange(dims, from, dims.length));
  }

  private static Tensor[] batchNorm(Tensor[] x) {
    Tensor[] s = statistics(x[0]);
    Tensor y = NormOp.batchNorm(x[0], null, at(x, 1), at(x, 2), s[0], s[1], 0.3, EPS, false);
    return new Tensor[] {y, s[0], s[1]};
  }

  private static Tensor[] statistics(Tensor x) {
    Device d = x.device();
    int c = x.dim(1);
    double[] mean = new double[c];
    double[] var = new double[c];
    for (int i = 0; i < c; i++) {
      double along = c == 1 ? 0 : (double) i / (c - 1);
      mean[i] = -1 + 2 * along;
      var[i] = 0.5 + 1.5 * along;
    }
    return new Tensor[] {
      d.uninitialized(x.type(), Shape.of(c)).copyFrom(mean, 0),
      d.uninitialized(x.type(), Shape.of(c)).copyFrom(var, 0)
    };
  }

  private static Tensor crossEntropy(Tensor[] x, Arguments a, int ignored) {
    return CrossEntropyOp.crossEntropy(
        x[0], x[1], weights(x[0], a), ignored, a.real("smoothing"), reduction(a));
  }

  private static Tensor weights(Tensor x, Arguments a) {
    double[] w = a.reals("weights");
    return w.length == 0
        ? null
        : x.device().uninitialized(x.type(), Shape.of(w.length)).copyFrom(w, 0);
  }

  private static CrossEntropyOp.Reduction reduction(Arguments a) {
    return CrossEntropyOp.Reduction.valueOf(a.text("reduction").toUpperCase(Locale.ROOT));
  }
}
