package tangram.nn;

import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * What queries of attention must not see, as PyTorch's modules say it: <b>true hides</b>. (The
 * operation {@link Tensor#scaledDotProductAttention} has it the other way round, as in PyTorch.)
 *
 * @param attention [L, S] or [N * heads, L, S]: true hides a key from a query, real numbers are
 *     added to the scores; or null
 * @param keyPadding [N, S]: true hides a key from all queries, real numbers are added; or null
 * @param causal whether a query sees the keys up to its own place only; where there are more keys
 *     than queries, as with a cache, queries are the last ones
 */
public record AttentionMask(Tensor attention, Tensor keyPadding, boolean causal) {
  /** Every query sees every key. */
  public static final AttentionMask NONE = new AttentionMask(null, null, false);

  /** A query sees the keys up to its own place only. */
  public static final AttentionMask CAUSAL = new AttentionMask(null, null, true);

  /** Another mask of queries and keys. */
  public AttentionMask attention(Tensor attention) {
    return new AttentionMask(attention, keyPadding, causal);
  }

  /** Another mask of keys. */
  public AttentionMask keyPadding(Tensor keyPadding) {
    return new AttentionMask(attention, keyPadding, causal);
  }

  /**
   * All of it as one mask of {@link Tensor#scaledDotProductAttention}, that broadcasts to [N,
   * heads, L, S]; null if there is none but a causal one that the operation itself knows.
   */
  Tensor forScores(Tensor query, Tensor key, int heads) {
    int queries = query.dim(-2);
    int keys = key.dim(-2);
    Tensor a = attention;
    if (a != null) {
      boolean single = a.shape().rank() == 2;
      require("attention", a, -1, keys);
      require("attention", a, -2, queries);
      if (!single) {
        require("attention", a, 0, query.dim(0) * heads);
        a = a.reshape(query.dim(0), heads, queries, keys);
      }
    }
    Tensor k = keyPadding;
    if (k != null) {
      require("key padding", k, -1, keys);
      require("key padding", k, 0, query.dim(0));
      k = k.reshape(query.dim(0), 1, 1, keys);
    }
    Tensor future = null;
    if (causal && queries != keys && queries > 1) {
      Tensor places = query.device().arange(queries, DType.I32).add(keys - queries);
      future = query.device().arange(keys, DType.I32).gt(places.unsqueeze(1));
    }
    Tensor hidden = null;
    Tensor added = null;
    for (Tensor mask : new Tensor[] {a, k, future}) {
      if (mask != null && mask.type() == DType.BOOL) {
        hidden = hidden == null ? mask : hidden.logicalOr(mask);
      } else if (mask != null) {
        added = added == null ? mask : added.add(mask);
      }
    }
    if (added == null) {
      return hidden == null ? null : hidden.logicalNot();
    }
    if (hidden == null) {
      return added;
    }
    Tensor zeros = query.device().zeros(added.type(), added.shape());
    return added.add(zeros.maskedFill(hidden, Double.NEGATIVE_INFINITY));
  }

  /** Whether the operation's own causal mask is to be used. */
  boolean isPlainlyCausal(Tensor query, Tensor key) {
    return causal && query.dim(-2) == key.dim(-2);
  }

  private static void require(String name, Tensor mask, int axis, int size) {
    int rank = mask.shape().rank();
    if (rank < 2 || rank > 3 || mask.dim(axis) != size) {
      throw new IllegalArgumentException(
          "the %s mask %s needs %d elements along dimension %d"
              .formatted(name, mask.shape(), size, axis));
    }
  }
}
