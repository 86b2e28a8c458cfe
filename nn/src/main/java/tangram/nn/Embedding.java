package tangram.nn;

import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** A table of vectors, looked up by integers. */
public final class Embedding extends Layer {
  private static final int NONE = -1;

  private final Tensor weight;
  private final int paddingIdx;

  /** Creates a table of count vectors of a length: weight [count, dim], normal at the beginning. */
  public Embedding(Init init, int count, int dim) {
    this(init, count, dim, NONE);
  }

  /**
   * Creates a table.
   *
   * @param paddingIdx a row that begins with zeros and gets no gradient; negative for none
   */
  public Embedding(Init init, int count, int dim, int paddingIdx) {
    if (paddingIdx >= count) {
      throw new IllegalArgumentException("no row " + paddingIdx + " of " + count);
    }
    weight = parameter("weight", init.weight(Initializer.normal(0, 1), count, dim));
    this.paddingIdx = paddingIdx;
    if (paddingIdx >= 0) {
      try (Scope scope = Scope.open()) {
        weight.detach().select(0, paddingIdx).fill(0);
      }
    }
  }

  /** The vectors [..., dim] of integers [...]. */
  @Override
  public Tensor forward(Tensor index) {
    Tensor y = weight.embedding(index);
    if (paddingIdx < 0) {
      return y;
    }
    return Tensor.where(index.eq(paddingIdx).unsqueeze(-1), y.detach(), y);
  }

  /** The table [count, dim], for an output layer that shares it. */
  public Tensor weight() {
    return weight;
  }
}
