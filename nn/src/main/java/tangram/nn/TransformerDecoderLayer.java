package tangram.nn;

import static tangram.nn.TransformerEncoderLayer.residual;

import java.util.function.UnaryOperator;
import tangram.tensor.Tensor;

/**
 * Self-attention, attention to the encoder's output and two linear layers, each with a residual sum
 * (Vaswani et al. 2017).
 */
public final class TransformerDecoderLayer extends Module {
  private final TransformerOptions options;
  private final MultiheadAttention attention;
  private final MultiheadAttention cross;
  private final Sequential feedForward;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final LayerNorm norm3;
  private final Dropout dropout1;
  private final Dropout dropout2;
  private final Dropout dropout3;

  /** Creates the layer for a number of features, which the heads divide. */
  public TransformerDecoderLayer(Init init, int features, int heads, TransformerOptions options) {
    this.options = options;
    attention = child("self_attn", options.attention(init, features, heads));
    cross = child("multihead_attn", options.attention(init, features, heads));
    Layer linear1 = child("linear1", new Linear(init, features, options.feedForward()));
    Layer dropout = child("dropout", new Dropout(init, options.dropout()));
    Layer linear2 = child("linear2", new Linear(init, options.feedForward(), features));
    // Not a child: its layers are, under the names of PyTorch.
    feedForward = new Sequential(linear1, Layer.of(options.activation()), dropout, linear2);
    norm1 = child("norm1", options.norm(init, features));
    norm2 = child("norm2", options.norm(init, features));
    norm3 = child("norm3", options.norm(init, features));
    dropout1 = child("dropout1", new Dropout(init, options.dropout()));
    dropout2 = child("dropout2", new Dropout(init, options.dropout()));
    dropout3 = child("dropout3", new Dropout(init, options.dropout()));
  }

  /**
   * Maps [L, N, E], with {@code batchFirst} [N, L, E], to the same shape.
   *
   * @param memory the encoder's output [S, N, E], likewise
   * @param mask of the self-attention
   * @param memoryMask of the attention to the memory
   */
  public Tensor forward(Tensor x, Tensor memory, AttentionMask mask, AttentionMask memoryMask) {
    UnaryOperator<Tensor> own = t -> attention.forward(t, t, t, mask).then(dropout1::forward);
    UnaryOperator<Tensor> others =
        t -> cross.forward(t, memory, memory, memoryMask).then(dropout2::forward);
    UnaryOperator<Tensor> feed = t -> feedForward.forward(t).then(dropout3::forward);
    return residual(options, x, norm1, own)
        .then(y -> residual(options, y, norm2, others))
        .then(y -> residual(options, y, norm3, feed));
  }
}
