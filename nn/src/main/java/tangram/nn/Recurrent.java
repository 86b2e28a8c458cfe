package tangram.nn;

import static tangram.tensor.op.LinearOp.linear;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.RecurrentOp;

/**
 * Recurrent networks of one or more layers, in one or both directions of time, with PyTorch's names
 * ({@code weight_ih_l0}, {@code weight_hh_l0_reverse}, ...) and order of gates. All inputs of a
 * layer meet their weights in one product.
 */
public abstract class Recurrent extends Module {
  /**
   * What is built.
   *
   * @param layers each reads the output of the one below
   * @param bias whether biases are learned, one for inputs and one for states
   * @param batchFirst whether inputs are [N, T, ...] instead of [T, N, ...]
   * @param dropout probability with which elements between layers are dropped in training
   * @param bidirectional whether there is a network for each direction of time, whose outputs are
   *     joined
   */
  public record Options(
      int layers, boolean bias, boolean batchFirst, double dropout, boolean bidirectional) {
    /** One layer with biases, time first, one direction. */
    public static final Options DEFAULT = new Options(1, true, false, 0, false);

    /** Another number of layers. */
    public Options layers(int layers) {
      return new Options(layers, bias, batchFirst, dropout, bidirectional);
    }

    /** Whether biases are learned. */
    public Options bias(boolean bias) {
      return new Options(layers, bias, batchFirst, dropout, bidirectional);
    }

    /** Whether inputs are [N, T, ...] instead of [T, N, ...]. */
    public Options batchFirst(boolean batchFirst) {
      return new Options(layers, bias, batchFirst, dropout, bidirectional);
    }

    /** Another probability of dropout between layers. */
    public Options dropout(double dropout) {
      return new Options(layers, bias, batchFirst, dropout, bidirectional);
    }

    /** Whether there is a network for each direction of time. */
    public Options bidirectional(boolean bidirectional) {
      return new Options(layers, bias, batchFirst, dropout, bidirectional);
    }
  }

  /**
   * What is carried from step to step.
   *
   * @param h states [layers * directions, N, H]
   * @param c memories of that shape; null of networks that are no LSTM
   */
  public record State(Tensor h, Tensor c) {}

  /**
   * What a network gives.
   *
   * @param output states of the last layer at all times, [T, N, directions * H] or as the input is
   * @param state after the last time
   */
  public record Output(Tensor output, State state) {}

  /** Of one layer in one direction. */
  private record Part(Tensor weightIh, Tensor weightHh, Tensor biasIh, Tensor biasHh) {}

  private final RecurrentOp.Cell cell;
  private final int size;
  private final Options options;
  private final int directions;
  private final List<Part> parts = new ArrayList<>();
  private final Dropout dropout;

  Recurrent(Init init, RecurrentOp.Cell cell, int in, int size, Options options) {
    if (in < 1 || size < 1 || options.layers() < 1) {
      throw new IllegalArgumentException(
          "a recurrent network of %d layers from %d to %d features"
              .formatted(options.layers(), in, size));
    }
    this.cell = cell;
    this.size = size;
    this.options = options;
    directions = options.bidirectional() ? 2 : 1;
    int width = cell.gates() * size;
    Initializer own = Initializer.uniformByFan(size);
    for (int layer = 0; layer < options.layers(); layer++) {
      for (int d = 0; d < directions; d++) {
        String name = "_l" + layer + (d == 1 ? "_reverse" : "");
        int from = layer == 0 ? in : directions * size;
        Tensor ih = parameter("weight_ih" + name, init.weight(own, width, from));
        Tensor hh = parameter("weight_hh" + name, init.weight(own, width, size));
        boolean bias = options.bias();
        Tensor biasIh = bias ? parameter("bias_ih" + name, init.bias(own, width)) : null;
        Tensor biasHh = bias ? parameter("bias_hh" + name, init.bias(own, width)) : null;
        parts.add(new Part(ih, hh, biasIh, biasHh));
      }
    }
    dropout =
        options.dropout() > 0 && options.layers() > 1
            ? child("dropout", new Dropout(init, options.dropout()))
            : null;
  }

  /** Runs from states of zeros. */
  public Output forward(Tensor x) {
    return forward(x, null);
  }

  /**
   * Runs.
   *
   * @param x [T, N, in], with {@code batchFirst} [N, T, in], or [T, in] of one sample
   * @param start states to begin with, null for zeros; without N for one sample
   */
  public Output forward(Tensor x, State start) {
    int rank = x.shape().rank();
    int in = parts.get(0).weightIh().dim(1);
    if (rank < 2 || rank > 3 || x.dim(-1) != in || x.size() == 0) {
      throw new IllegalArgumentException(
          "a recurrent network of %d features reads [%s, %d] or [T, %d], not %s"
              .formatted(in, options.batchFirst() ? "N, T" : "T, N", in, in, x.shape()));
    }
    if (rank == 2) {
      Output y = run(x.unsqueeze(1), start == null ? null : each(start, t -> t.unsqueeze(1)));
      return new Output(y.output().squeeze(1), each(y.state(), t -> t.squeeze(1)));
    }
    if (options.batchFirst()) {
      Output y = run(x.transpose(0, 1), start);
      return new Output(y.output().transpose(0, 1), y.state());
    }
    return run(x, start);
  }

  private static State each(State state, UnaryOperator<Tensor> f) {
    return new State(f.apply(state.h()), state.c() == null ? null : f.apply(state.c()));
  }

  private Output run(Tensor x, State start) {
    int batch = x.dim(1);
    check(start, batch);
    Tensor zeros = start == null ? x.device().zeros(x.type(), Shape.of(batch, size)) : null;
    Tensor[] states = new Tensor[parts.size()];
    Tensor[] memories = cell.hasMemory() ? new Tensor[parts.size()] : null;
    Tensor y = x;
    for (int layer = 0; layer < options.layers(); layer++) {
      Tensor[] outputs = new Tensor[directions];
      for (int d = 0; d < directions; d++) {
        int i = layer * directions + d;
        Tensor h = start == null ? zeros : start.h().select(0, i);
        Tensor c = memories == null ? null : start == null ? zeros : start.c().select(0, i);
        Tensor all = run(parts.get(i), y, h, c, d == 1);
        int steps = x.dim(0);
        int last = d == 1 ? 0 : steps;
        if (memories != null) {
          memories[i] = all.select(0, 1).then(t -> t.select(0, last));
        }
        Tensor own = all.then(t -> t.select(0, 0));
        states[i] = own.select(0, last);
        int first = d == 1 ? 0 : 1;
        outputs[d] = own.then(t -> t.narrow(0, first, steps));
      }
      if (y != x) {
        y.release();
      }
      y = directions == 1 ? outputs[0] : Tensor.cat(-1, outputs);
      if (dropout != null && layer < options.layers() - 1) {
        y = dropout.forward(y);
      }
    }
    Tensor memory = memories == null ? null : Tensor.stack(0, memories);
    return new Output(y, new State(Tensor.stack(0, states), memory));
  }

  private Tensor run(Part part, Tensor x, Tensor h, Tensor c, boolean reverse) {
    Tensor gates = linear(x, part.weightIh(), part.biasIh());
    return gates.then(
        g -> RecurrentOp.recurrent(cell, g, h, c, part.weightHh(), part.biasHh(), reverse));
  }

  private void check(State start, int batch) {
    Shape expected = Shape.of(parts.size(), batch, size);
    if (start != null
        && (start.h() == null
            || !start.h().shape().equals(expected)
            || (start.c() == null) == cell.hasMemory()
            || (start.c() != null && !start.c().shape().equals(expected)))) {
      throw new IllegalArgumentException(
          "states %s and memories %s for a network whose %s are %s"
              .formatted(
                  start.h() == null ? null : start.h().shape(),
                  start.c() == null ? null : start.c().shape(),
                  cell.hasMemory() ? "states and memories" : "states alone",
                  expected));
    }
  }
}
