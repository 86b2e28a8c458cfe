package tangram.pclmix.network;

import tangram.nn.Module;
import tangram.tensor.Tensor;

/** A network that the objective can train: two segmentations of an image, and an embedding. */
public abstract class TwoViewNetwork extends Module {
  /** Creates a network without parts. */
  protected TwoViewNetwork() {}

  /**
   * What a training forward pass gives.
   *
   * @param main probabilities of the main view [N, classes, H, W]
   * @param auxiliary probabilities of the auxiliary view [N, classes, H, W], or null where the
   *     network has none
   * @param embedding unit vectors [N, dim, H / 8, W / 8], or null if not asked for
   * @param mainLogits what main is the softmax of, or null where the network does not tell
   * @param auxiliaryLogits what auxiliary is the softmax of, or null
   */
  public record Output(
      Tensor main, Tensor auxiliary, Tensor embedding, Tensor mainLogits, Tensor auxiliaryLogits) {
    /** Without logits. */
    public Output(Tensor main, Tensor auxiliary, Tensor embedding) {
      this(main, auxiliary, embedding, null, null);
    }
  }

  /**
   * Computes both views.
   *
   * @param x images [N, 1, H, W]
   * @param withEmbedding whether the embedding is needed
   */
  public abstract Output forward(Tensor x, boolean withEmbedding);

  /** The size the network was made with. */
  public abstract NetworkConfig config();
}
