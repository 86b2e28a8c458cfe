package tangram.onnx.op;

import tangram.onnx.OnnxData;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Losses of classes, [N, C, ...] and targets [N, ...]. */
final class Losses {
  private Losses() {}

  static void register(Operators table) {
    table.one("NegativeLogLikelihoodLoss", c -> c.like(0, loss(c, c.real(0))));
    table.put(
        "SoftmaxCrossEntropyLoss",
        c -> {
          Tensor logProbabilities = c.real(0).logSoftmax(1);
          return new OnnxData[] {c.like(0, loss(c, logProbabilities)), c.like(0, logProbabilities)};
        });
  }

  private static Tensor loss(Call c, Tensor x) {
    int classes = x.dim(1);
    long[] target = c.longs(1);
    boolean ignores = c.hasAttribute("ignore_index");
    long ignored = c.attr("ignore_index", 0);
    boolean[] counts = new boolean[target.length];
    for (int i = 0; i < target.length; i++) {
      counts[i] = !ignores || target[i] != ignored;
      if (!counts[i]) {
        target[i] = 0;
      } else if (target[i] < 0 || target[i] >= classes) {
        throw new IllegalArgumentException(
            "target " + target[i] + " is none of " + classes + " classes");
      }
    }
    int[] dims = c.in(1).dims();
    Tensor index = Moves.index(x.device(), target, dims);
    Tensor weights = x.device().tensor(counts, dims).to(x.type());
    if (c.has(2)) {
      Tensor of = c.real(2).to(x.device());
      weights = weights.mul(of.indexSelect(0, index.reshape(index.size())).reshape(dims));
    }
    Tensor picked = x.gather(1, index.unsqueeze(1)).squeeze(1);
    // What is ignored is 0 whatever it is.
    Tensor losses =
        Tensor.where(
            weights.ne(0), picked.mul(weights).neg(), x.device().zeros(x.type(), Shape.of()));
    return switch (c.attr("reduction", "mean")) {
      case "none" -> losses;
      case "sum" -> losses.sum();
      case "mean" -> losses.sum().div(weights.sum());
      default -> throw c.refuse("reduction is none, sum or mean");
    };
  }
}
