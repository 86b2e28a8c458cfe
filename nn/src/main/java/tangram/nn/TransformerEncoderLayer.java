package tangram.nn;

import java.util.function.UnaryOperator;
import tangram.tensor.Tensor;

/** Self-attention and two linear layers, each with a residual sum (Vaswani et al. 2017). */
public final class TransformerEncoderLayer extends Layer {
  private final TransformerOptions options;
  private final MultiheadAttention attention;
  private final Sequential feedForward;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final Dropout dropout1;
  private final Dropout dropout2;

  /** Creates the layer for a number of features, which the heads divide. */
  public TransformerEncoderLayer(Init init, int features, int heads, TransformerOptions options) {
    this.options = options;
    attention = child("self_attn", options.attention(init, features, heads));
    Layer linear1 = child("linear1", new Linear(init, features, options.feedForward()));
    Layer dropout = child("dropout", new Dropout(init, options.dropout()));
    Layer linear2 = child("linear2", new Linear(init, options.feedForward(), features));
    // Not a child: its layers are, under the names of PyTorch.
    feedForward = new Sequential(linear1, Layer.of(options.activation()), dropout, linear2);
    norm1 = child("norm1", options.norm(init, features));
    norm2 = child("norm2", options.norm(init, features));
    dropout1 = child("dropout1", new Dropout(init, options.dropout()));
    dropout2 = child("dropout2", new Dropout(init, options.dropout()));
  }

  @Override
  public Tensor forward(Tensor x) {
    return forward(x, AttentionMask.NONE);
  }

  /** Maps [L, N, E], with {@code batchFirst} [N, L, E], to the same shape. */
  public Tensor forward(Tensor x, AttentionMask mask) {
    UnaryOperator<Tensor> attend = t -> attention.forward(t, t, t, mask).then(dropout1::forward);
    UnaryOperator<Tensor> feed = t -> feedForward.forward(t).then(dropout2::forward);
    return residual(options, x, norm1, attend).then(y -> residual(options, y, norm2, feed));
  }

  static Tensor residual(
      TransformerOptions options, Tensor x, LayerNorm norm, UnaryOperator<Tensor> branch) {
    return options.normFirst()
        ? norm.forward(x).then(branch).then(x::add)
        : branch.apply(x).then(x::add).then(norm::forward);
  }
}
