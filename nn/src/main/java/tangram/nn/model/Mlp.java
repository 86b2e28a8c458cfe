package tangram.nn.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.Linear;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;

/** A multilayer perceptron: affine maps with an activation between. */
public final class Mlp extends Layer {
  private final Layer layers;

  /** Creates a network with ReLU; see the other. */
  public Mlp(Init init, int... sizes) {
    this(init, Tensor::relu, sizes);
  }

  /**
   * Creates the network. Its layers are called {@code layers.0}, {@code layers.2}, ...
   *
   * @param sizes of the input, the hidden layers and the output
   */
  public Mlp(Init init, UnaryOperator<Tensor> activation, int... sizes) {
    if (sizes.length < 2) {
      throw new IllegalArgumentException("a perceptron has an input and an output size");
    }
    List<Layer> all = new ArrayList<>();
    for (int i = 1; i < sizes.length; i++) {
      if (i > 1) {
        all.add(Layer.of(activation));
      }
      all.add(new Linear(init, sizes[i - 1], sizes[i]));
    }
    layers = child("layers", new Sequential(all.toArray(Layer[]::new)));
  }

  /** Maps [..., first size] to [..., last size]. */
  @Override
  public Tensor forward(Tensor x) {
    return layers.forward(x);
  }
}
