package tangram.nn;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * What modules with attention share: heads, masks, dropout of weights. Vectors of heads lie side by
 * side, [N, L, heads E].
 */
public final class Attention {
  private Attention() {}

  /**
   * Attends.
   *
   * @param weights averaged over nothing: [N, heads, L, S]; null unless asked for
   */
  record Result(Tensor output, Tensor weights) {}

  /** [N, L, heads E] as a view [N, heads, L, E]. */
  public static Tensor split(Tensor x, int heads) {
    int width = x.dim(-1);
    if (x.shape().rank() != 3 || width % heads != 0) {
      throw new IllegalArgumentException(
          x.shape() + " is not [N, L, features] whose features split into " + heads + " heads");
    }
    return x.reshape(x.dim(0), x.dim(1), heads, width / heads).then(t -> t.permute(0, 2, 1, 3));
  }

  /** [N, heads, L, E] as [N, L, heads E]. */
  public static Tensor merge(Tensor x) {
    return x.permute(0, 2, 1, 3).then(t -> t.reshape(x.dim(0), x.dim(2), x.dim(1) * x.dim(3)));
  }

  /**
   * Attends with heads apart. Fewer heads of keys and values serve several of the queries each.
   *
   * @param query [N, heads, L, E]
   * @param key [N, heads or a divisor of it, S, E]
   * @param value as the key
   * @param mask what is hidden
   * @param dropout of the weights; null for none
   * @return [N, heads, L, E]
   */
  public static Tensor attend(
      Tensor query, Tensor key, Tensor value, AttentionMask mask, Dropout dropout) {
    return attend(query, key, value, mask, dropout, false).output();
  }

  static Result attend(
      Tensor query,
      Tensor key,
      Tensor value,
      AttentionMask mask,
      Dropout dropout,
      boolean needWeights) {
    int heads = query.dim(1);
    Tensor scores = mask.forScores(query, key, heads);
    boolean causal = mask.isPlainlyCausal(query, key);
    boolean drops = dropout != null && dropout.isActive();
    if (!drops && !needWeights) {
      boolean grouped = key.dim(1) != heads;
      return new Result(
          query.scaledDotProductAttention(key, value, scores, causal, null, grouped), null);
    }
    // The fused operation keeps no weights, which are needed here.
    Tensor k = repeat(key, heads);
    Tensor v = repeat(value, heads);
    Tensor products = query.mul(1 / Math.sqrt(query.dim(-1))).matmul(k.transpose(-1, -2));
    Tensor hidden = null;
    if (causal) {
      hidden = future(query, key);
    }
    if (scores != null && scores.type() == DType.BOOL) {
      Tensor not = scores.logicalNot();
      hidden = hidden == null ? not : hidden.logicalOr(not);
    } else if (scores != null) {
      products = products.add(scores);
      Tensor not = scores.detach().eq(Double.NEGATIVE_INFINITY);
      hidden = hidden == null ? not : hidden.logicalOr(not);
    }
    Tensor weights;
    if (hidden == null) {
      weights = products.softmax(-1);
    } else {
      // A query that sees no key gives 0.
      Tensor blind;
      try (Autograd.Guard guard = Autograd.noGrad()) {
        blind = hidden.all(new int[] {-1}, true);
      }
      weights =
          products
              .maskedFill(hidden, Double.NEGATIVE_INFINITY)
              .maskedFill(blind, 0)
              .softmax(-1)
              .maskedFill(blind, 0);
    }
    Tensor kept = drops ? dropout.forward(weights) : weights;
    return new Result(kept.matmul(v), needWeights ? weights : null);
  }

  private static Tensor future(Tensor query, Tensor key) {
    Tensor places = query.device().arange(query.dim(-2), DType.I32);
    return query.device().arange(key.dim(-2), DType.I32).gt(places.unsqueeze(1));
  }

  private static Tensor repeat(Tensor x, int heads) {
    int own = x.dim(1);
    if (own == heads) {
      return x;
    }
    if (heads % own != 0) {
      throw new IllegalArgumentException(
          heads + " heads of queries do not share " + own + " of keys evenly");
    }
    return x.unsqueeze(2)
        .expand(x.dim(0), own, heads / own, x.dim(2), x.dim(3))
        .reshape(x.dim(0), heads, x.dim(2), x.dim(3));
  }
}
