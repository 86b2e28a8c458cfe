package tangram.nn;

import java.util.List;
import tangram.tensor.Tensor;

/** Layers of a transformer's encoder, one after the other, and a normalisation if wanted. */
public final class TransformerEncoder extends Layer {
  private final ModuleList<TransformerEncoderLayer> layers;
  private final Layer norm;

  /**
   * Joins layers.
   *
   * @param norm of the output, or null
   */
  public TransformerEncoder(List<TransformerEncoderLayer> layers, Layer norm) {
    this.layers = child("layers", new ModuleList<>(layers));
    this.norm = norm == null ? null : child("norm", norm);
  }

  @Override
  public Tensor forward(Tensor x) {
    return forward(x, AttentionMask.NONE);
  }

  /** Maps [L, N, E], with {@code batchFirst} [N, L, E], to the same shape. */
  public Tensor forward(Tensor x, AttentionMask mask) {
    Tensor y = x;
    for (TransformerEncoderLayer layer : layers) {
      // What the caller owns is not released.
      y = y == x ? layer.forward(y, mask) : y.then(t -> layer.forward(t, mask));
    }
    return norm == null ? y : y == x ? norm.forward(y) : y.then(norm::forward);
  }
}
