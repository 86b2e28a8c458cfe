package tangram.nn;

import tangram.tensor.op.RecurrentOp;

/** Gated recurrent unit (Cho et al. 2014), gates r, z, n. */
public final class GRU extends Recurrent {
  /** Creates a network of one layer. */
  public GRU(Init init, int in, int size) {
    this(init, in, size, Options.DEFAULT);
  }

  /** Creates a network from in features to states of a size. */
  public GRU(Init init, int in, int size, Options options) {
    super(init, RecurrentOp.Cell.GRU, in, size, options);
  }
}
