package tangram.nn;

import java.util.List;
import java.util.function.UnaryOperator;
import tangram.tensor.Tensor;

/**
 * Layers one after the other, called 0, 1, ... as PyTorch calls them; functions count.
 *
 * <pre>{@code
 * new Sequential(
 *     new Linear(init, 784, 100), Layer.of(Tensor::relu), new Linear(init, 100, 10));
 * }</pre>
 *
 * <p>What lies between two layers is {@linkplain Tensor#release released} once it was used: a
 * function that keeps what it is given takes a {@link Tensor#detach}.
 */
public final class Sequential extends Layer {
  private final List<Layer> layers;

  /** Joins layers. */
  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      child(Integer.toString(i), layers[i]);
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (int i = 0; i < layers.size(); i++) {
      UnaryOperator<Tensor> next = layers.get(i)::forward;
      if (layers.get(i) instanceof Conv conv && normalizes(i + 1)) {
        BatchNorm norm = (BatchNorm) layers.get(++i);
        next = z -> norm.forward(conv, z);
      }
      // What the caller owns is not released.
      y = y == x ? next.apply(y) : y.then(next);
    }
    return y;
  }

  private boolean normalizes(int i) {
    return i < layers.size() && layers.get(i) instanceof BatchNorm;
  }

  /** The layers, in order. */
  public List<Layer> layers() {
    return layers;
  }
}
