package tangram.tensor.kernel;

import tangram.tensor.Buffer;
import tangram.tensor.View;

/**
 * Scaled dot-product attention (Vaswani et al., 2017, eq. 1). Nothing of size [L, S] is kept
 * between the passes: the derivative computes the scores again (Dao, FlashAttention-2, 2023).
 */
public interface Attention {
  /**
   * {@code y[i] = sum over j of p[i, j] value[j]} with {@code p[i] = softmax over j of (scale
   * query[i] . key[j] + bias[i, j] + mask[i, j])}. A query whose scores are all minus infinity, or
   * that sees no key, gives 0.
   *
   * @param y out: [batch, L, Ev]
   * @param logSumExp out: of each query's scores, [batch, L]; plus infinity where a query sees
   *     nothing
   */
  void attention(AttentionOperands operands, View y, Buffer logSumExp);

  /**
   * Gradient of {@link #attention}.
   *
   * @param y its result
   * @param logSumExp its result
   * @param gy gradient of y
   * @param gQuery out: of the whole shape, also where the query repeats elements
   * @param gKey out, likewise
   * @param gValue out, likewise
   * @param gBias out: [.., L, S], summed over those dimensions of the batch of which it has one
   *     element; or null
   */
  void attentionBackward(
      AttentionOperands operands,
      View y,
      Buffer logSumExp,
      View gy,
      View gQuery,
      View gKey,
      View gValue,
      View gBias);
}
