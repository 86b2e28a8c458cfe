package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.AttentionShape;

/**
 * Windowed multi-head self-attention with relative position bias, {@code softmax(q k^T / sqrt(d) +
 * bias + mask) v}. Source: Liu et al., Swin Transformer, 2021, eq. 4.
 */
public final class WindowAttentionOp {
  private WindowAttentionOp() {}

  /**
   * Attends within windows.
   *
   * @param qkv [windows, tokens, 3 * heads * headDim]: query, key and value of every head, as one
   *     linear layer makes them
   * @param bias [heads, tokens, tokens]
   * @param mask [windows of one image, tokens, tokens], added to the scores, or null
   * @return [windows, tokens, heads * headDim]
   */
  public static Tensor windowAttention(Tensor qkv, Tensor bias, Tensor mask) {
    Checks.reals("window_attention", qkv, bias, mask);
    Checks.notEmpty("window_attention", qkv, bias, mask);
    Checks.rank("window_attention", qkv, 3);
    Checks.rank("window_attention bias", bias, 3);
    int windows = qkv.dim(0);
    int tokens = qkv.dim(1);
    int heads = bias.dim(0);
    Checks.that(
        bias.dim(1) == tokens && bias.dim(2) == tokens && qkv.dim(2) % (3 * heads) == 0,
        () -> "window_attention: bias " + bias.shape() + " for " + qkv.shape());
    int headDim = qkv.dim(2) / (3 * heads);
    int perImage = mask == null ? 1 : mask.dim(0);
    Checks.that(
        mask == null || (windows % perImage == 0 && mask.size() == perImage * tokens * tokens),
        () -> "window_attention: the mask does not fit " + qkv.shape());
    AttentionShape s = new AttentionShape(windows, perImage, tokens, heads, headDim);
    var attention = qkv.device().kernels().attention();
    Tensor probabilities = qkv.device().uninitialized(windows, heads, tokens, tokens);
    Tensor y = qkv.device().uninitialized(windows, tokens, heads * headDim);
    attention.windowAttention(
        s,
        qkv.buffer(),
        bias.buffer(),
        mask == null ? null : mask.buffer(),
        probabilities.buffer(),
        y.buffer());
    return Autograd.record(
        "window_attention(qkv, bias)",
        y,
        new Tensor[] {qkv, bias},
        new Tensor[] {qkv, probabilities},
        gy -> {
          Tensor gQkv = Checks.like(qkv);
          Tensor gBias = Checks.like(bias);
          attention.windowAttentionBackward(
              s, qkv.buffer(), probabilities.buffer(), gy.buffer(), gQkv.buffer(), gBias.buffer());
          return new Tensor[] {gQkv, gBias};
        });
  }
}
