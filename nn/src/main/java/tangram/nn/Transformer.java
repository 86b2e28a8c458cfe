package tangram.nn;

import java.util.function.Supplier;
import java.util.stream.Stream;
import tangram.tensor.Tensor;

/**
 * Encoder and decoder (Vaswani et al. 2017), each with a normalisation at the end. Matrices begin
 * by {@link Initializer#xavierUniform}, as PyTorch's do.
 */
public final class Transformer extends Module {
  private final TransformerEncoder encoder;
  private final TransformerDecoder decoder;

  /**
   * Creates both for a number of features, which the heads divide.
   *
   * @param encoderLayers layers of the encoder
   * @param decoderLayers layers of the decoder
   */
  public Transformer(
      Init given,
      int features,
      int heads,
      int encoderLayers,
      int decoderLayers,
      TransformerOptions options) {
    Init init = given.weights(Initializer.xavierUniform(1));
    Supplier<TransformerEncoderLayer> encoding =
        () -> new TransformerEncoderLayer(init, features, heads, options);
    Supplier<TransformerDecoderLayer> decoding =
        () -> new TransformerDecoderLayer(init, features, heads, options);
    encoder =
        child(
            "encoder",
            new TransformerEncoder(
                Stream.generate(encoding).limit(encoderLayers).toList(),
                options.norm(init, features)));
    decoder =
        child(
            "decoder",
            new TransformerDecoder(
                Stream.generate(decoding).limit(decoderLayers).toList(),
                options.norm(init, features)));
  }

  /** Translates, the target being causal; see the other. */
  public Tensor forward(Tensor source, Tensor target) {
    return forward(source, target, AttentionMask.NONE, AttentionMask.CAUSAL, AttentionMask.NONE);
  }

  /**
   * Translates.
   *
   * @param source [S, N, E], with {@code batchFirst} [N, S, E]
   * @param target [L, N, E], likewise
   * @param memoryMask of the attention from target to source
   * @return of the shape of the target
   */
  public Tensor forward(
      Tensor source,
      Tensor target,
      AttentionMask sourceMask,
      AttentionMask targetMask,
      AttentionMask memoryMask) {
    return encoder
        .forward(source, sourceMask)
        .then(memory -> decoder.forward(target, memory, targetMask, memoryMask));
  }

  /** The part that reads the source. */
  public TransformerEncoder encoder() {
    return encoder;
  }

  /** The part that writes the target. */
  public TransformerDecoder decoder() {
    return decoder;
  }
}
