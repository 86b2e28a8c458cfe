package tangram.nn;

import tangram.tensor.op.RecurrentOp;

/** Long short-term memory (Hochreiter and Schmidhuber 1997), gates i, f, g, o. */
public final class LSTM extends Recurrent {
  /** Creates a network of one layer. */
  public LSTM(Init init, int in, int size) {
    this(init, in, size, Options.DEFAULT);
  }

  /** Creates a network from in features to states of a size. */
  public LSTM(Init init, int in, int size, Options options) {
    super(init, RecurrentOp.Cell.LSTM, in, size, options);
  }
}
