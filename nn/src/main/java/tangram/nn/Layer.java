package tangram.nn;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tangram.tensor.Tensor;

/** A module from one tensor to one tensor: what a {@link Sequential} is made of. */
public abstract class Layer extends Module {
  /** Creates a layer without parameters. */
  protected Layer() {}

  /** Applies the layer. */
  public abstract Tensor forward(Tensor x);

  /** A function as a layer: {@code Layer.of(Tensor::relu)}. */
  public static Layer of(UnaryOperator<Tensor> function) {
    return new Function(function);
  }

  /**
   * A table of what the layer computes of an input; see {@link Module#summary(Supplier)}.
   *
   * @param x an input that the layer takes
   */
  public final String summary(Tensor x) {
    return summary(
        () -> {
          Tensor input = x.detach();
          return forward(x.type().isReal() ? input.requireGrad() : input);
        });
  }

  private static final class Function extends Layer {
    private final UnaryOperator<Tensor> function;

    Function(UnaryOperator<Tensor> function) {
      this.function = function;
    }

    @Override
    public Tensor forward(Tensor x) {
      return function.apply(x);
    }
  }
}
