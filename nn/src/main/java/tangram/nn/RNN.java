package tangram.nn;

import tangram.tensor.op.RecurrentOp;

/** Elman's recurrent network, {@code h' = tanh(W x + b + V h + d)}. */
public final class RNN extends Recurrent {
  /** Creates a network of one layer. */
  public RNN(Init init, int in, int size) {
    this(init, in, size, Options.DEFAULT);
  }

  /** Creates a network from in features to states of a size. */
  public RNN(Init init, int in, int size, Options options) {
    super(init, RecurrentOp.Cell.TANH, in, size, options);
  }

  /** Creates a network whose nonlinearity is a ReLU. */
  public static RNN relu(Init init, int in, int size, Options options) {
    return new RNN(init, RecurrentOp.Cell.RELU, in, size, options);
  }

  private RNN(Init init, RecurrentOp.Cell cell, int in, int size, Options options) {
    super(init, cell, in, size, options);
  }
}
