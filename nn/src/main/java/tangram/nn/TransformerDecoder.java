package tangram.nn;

import java.util.List;
import tangram.tensor.Tensor;

/** Layers of a transformer's decoder, one after the other, and a normalisation if wanted. */
public final class TransformerDecoder extends Module {
  private final ModuleList<TransformerDecoderLayer> layers;
  private final Layer norm;

  /**
   * Joins layers.
   *
   * @param norm of the output, or null
   */
  public TransformerDecoder(List<TransformerDecoderLayer> layers, Layer norm) {
    this.layers = child("layers", new ModuleList<>(layers));
    this.norm = norm == null ? null : child("norm", norm);
  }

  /** See {@link TransformerDecoderLayer#forward}. */
  public Tensor forward(Tensor x, Tensor memory, AttentionMask mask, AttentionMask memoryMask) {
    Tensor y = x;
    for (TransformerDecoderLayer layer : layers) {
      // What the caller owns is not released.
      y =
          y == x
              ? layer.forward(y, memory, mask, memoryMask)
              : y.then(t -> layer.forward(t, memory, mask, memoryMask));
    }
    return norm == null ? y : y == x ? norm.forward(y) : y.then(norm::forward);
  }
}
