package tangram.nn;

import tangram.tensor.Tensor;

/** ReLU with a learned slope below 0, for all or for each channel (He et al. 2015). */
public final class PReLU extends Layer {
  private final Tensor weight;

  /** Creates the layer with one slope. */
  public PReLU(Init init) {
    this(init, 1, 0.25);
  }

  /**
   * Creates the layer.
   *
   * @param slopes 1 or the number of channels
   * @param start what slopes begin with
   */
  public PReLU(Init init, int slopes, double start) {
    weight = parameter("weight", init.weight(Initializer.constant(start), slopes));
  }

  /** Applies the slopes to the channels of [N, C, ...]. */
  @Override
  public Tensor forward(Tensor x) {
    return x.prelu(weight);
  }
}
