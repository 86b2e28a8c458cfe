package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Windowed multi-head self-attention with relative position bias (Liu et al., Swin, 2021). */
public interface Attention {
  /**
   * {@code out = softmax(q k^T / sqrt(d) + bias + mask) v} for every window and head.
   *
   * @param shape sizes
   * @param qkv [windows, tokens, 3, heads, headDim]
   * @param bias relative position bias [heads, tokens, tokens]
   * @param mask added to the scores of window i as mask[i % windowsPerImage], [windowsPerImage,
   *     tokens, tokens], or null
   * @param probabilities out: [windows, heads, tokens, tokens], kept for the backward pass
   * @param out [windows, tokens, heads, headDim]
   */
  void windowAttention(
      AttentionShape shape, Buffer qkv, Buffer bias, Buffer mask, Buffer probabilities, Buffer out);

  /**
   * Gradient of {@link #windowAttention}.
   *
   * @param gOut gradient of out
   * @param gQkv out: gradient of qkv
   * @param gBias out: gradient of the bias, summed over windows
   */
  void windowAttentionBackward(
      AttentionShape shape,
      Buffer qkv,
      Buffer probabilities,
      Buffer gOut,
      Buffer gQkv,
      Buffer gBias);
}
