package tangram.nn;

import java.util.function.UnaryOperator;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * How layers of a transformer are built.
 *
 * @param feedForward features between the two linear layers
 * @param dropout probability of dropout, in training
 * @param activation between the two linear layers
 * @param eps of the normalisations
 * @param batchFirst whether inputs are [N, L, E] instead of [L, N, E]
 * @param normFirst whether normalisation comes before attention and linear layers instead of behind
 *     (Xiong et al. 2020)
 */
public record TransformerOptions(
    int feedForward,
    double dropout,
    UnaryOperator<Tensor> activation,
    double eps,
    boolean batchFirst,
    boolean normFirst) {
  /** PyTorch's: 2048 features, dropout 0.1, ReLU, [L, N, E], normalisation behind. */
  public static final TransformerOptions DEFAULT =
      new TransformerOptions(2048, 0.1, Tensor::relu, LayerNorm.EPS, false, false);

  /** Another number of features between the two linear layers. */
  public TransformerOptions feedForward(int feedForward) {
    return new TransformerOptions(feedForward, dropout, activation, eps, batchFirst, normFirst);
  }

  /** Another probability of dropout. */
  public TransformerOptions dropout(double dropout) {
    return new TransformerOptions(feedForward, dropout, activation, eps, batchFirst, normFirst);
  }

  /** Another activation. */
  public TransformerOptions activation(UnaryOperator<Tensor> activation) {
    return new TransformerOptions(feedForward, dropout, activation, eps, batchFirst, normFirst);
  }

  /** Another number added to variances. */
  public TransformerOptions eps(double eps) {
    return new TransformerOptions(feedForward, dropout, activation, eps, batchFirst, normFirst);
  }

  /** Whether inputs are [N, L, E] instead of [L, N, E]. */
  public TransformerOptions batchFirst(boolean batchFirst) {
    return new TransformerOptions(feedForward, dropout, activation, eps, batchFirst, normFirst);
  }

  /** Whether normalisation comes first. */
  public TransformerOptions normFirst(boolean normFirst) {
    return new TransformerOptions(feedForward, dropout, activation, eps, batchFirst, normFirst);
  }

  MultiheadAttention attention(Init init, int features, int heads) {
    return new MultiheadAttention(
        init,
        features,
        heads,
        MultiheadAttention.Options.DEFAULT.dropout(dropout).batchFirst(batchFirst));
  }

  LayerNorm norm(Init init, int features) {
    return new LayerNorm(init, Shape.of(features), eps, true, true);
  }
}
