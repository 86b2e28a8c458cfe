package tangram.nn;

import java.util.Map;
import tangram.tensor.Tensor;

/**
 * AdamW (Loshchilov and Hutter 2019), PyTorch's {@code torch.optim.AdamW}: weights shrink by the
 * learning rate times weightDecay, apart from the gradient.
 */
public final class AdamW extends Adam {
  /**
   * Creates the optimiser with PyTorch's defaults: those of {@link Adam}, and weight decay 0.01.
   *
   * @param parameters what to train, by name
   */
  public AdamW(Map<String, Tensor> parameters, double learningRate) {
    super(parameters, learningRate, true, 0.01);
  }

  /** Sets by how much, times the learning rate, weights shrink. */
  @Override
  public AdamW weightDecay(double value) {
    super.weightDecay(value);
    return this;
  }
}
