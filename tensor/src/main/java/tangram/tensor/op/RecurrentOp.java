package tangram.tensor.op;

import java.util.Locale;
import java.util.function.BiFunction;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.GemmShape;

/**
 * Recurrent networks over time: one layer in one direction. A step is a product of the state with
 * the weights and a formula or two for the cell; the derivatives of these are the formulas', and
 * the gradient of the weights is one product over all steps.
 */
public final class RecurrentOp {
  private static final double[] NONE = {};
  private static final Formula ADD = Formula.of((a, b) -> a.add(b));

  /** What a step computes. */
  public enum Cell {
    /** {@code h' = tanh(x + h W^T)} (Elman 1990). */
    TANH(1, 1, null, (g, s) -> g[0].tanh()),

    /** {@code h' = max(x + h W^T, 0)}. */
    RELU(1, 1, null, (g, s) -> g[0].relu()),

    /** Gates i, f, g, o; {@code c' = f c + i g}, {@code h' = o tanh(c')} (Hochreiter 1997). */
    LSTM(
        4,
        4,
        (g, c) -> g[1].sigmoid().mul(c).add(g[0].sigmoid().mul(g[2].tanh())),
        (g, c) -> g[3].sigmoid().mul(c.tanh())),

    /**
     * Gates r, z, n, of which the state's share of n is multiplied by r; {@code h' = n + z (h - n)}
     * (Cho et al. 2014).
     */
    GRU(
        3,
        2,
        null,
        (g, h) -> {
          Expr r = g[0].add(g[3]).sigmoid();
          Expr z = g[1].add(g[4]).sigmoid();
          Expr n = g[2].add(r.mul(g[5])).tanh();
          return n.add(z.mul(h.sub(n)));
        });

    private final int gates;

    /** How many of the gates, from the first on, are sums of the shares of input and state. */
    private final int sums;

    /** Whether formulas read both shares of every gate, since some are no sums. */
    private final boolean separate;

    /** The new memory, from gates and old memory; null for cells without. */
    private final Formula memory;

    /** The new state, from gates and new memory or, without, old state. */
    private final Formula state;

    Cell(
        int gates,
        int sums,
        BiFunction<Expr[], Expr, Expr> memory,
        BiFunction<Expr[], Expr, Expr> state) {
      this.gates = gates;
      this.sums = sums;
      this.separate = sums < gates;
      this.memory = memory == null ? null : formula(memory);
      this.state = formula(state);
    }

    private Formula formula(BiFunction<Expr[], Expr, Expr> f) {
      return Formula.of(operands() + 1, x -> f.apply(x, x[operands()]));
    }

    /** Arrays of gates that formulas read. */
    private int operands() {
      return separate ? 2 * gates : gates;
    }

    /** The new memory, of gates and old memory; null for cells without. */
    public Formula memory() {
      return memory;
    }

    /** The new state, of gates and new memory or, without, old state. */
    public Formula state() {
      return state;
    }

    /** Gates, each as long as the state. */
    public int gates() {
      return gates;
    }

    /** Whether there is a memory besides the state. */
    public boolean hasMemory() {
      return memory != null;
    }

    /** Whether some gates are no sums of the shares of input and state. */
    public boolean isSeparate() {
      return separate;
    }
  }

  private final Cell cell;
  private final boolean reverse;
  private final int steps;
  private final int batch;
  private final int size;
  private final int width;
  private final Tensor x;
  private final Tensor weight;

  /** The state's share of the gates, or all of it where shares are added. */
  private final Tensor gates;

  /** States before and after each step, and below them memories. */
  private final Tensor states;

  private RecurrentOp(Cell cell, boolean reverse, Tensor x, Tensor weight) {
    this.cell = cell;
    this.reverse = reverse;
    this.steps = x.dim(0);
    this.batch = x.dim(1);
    this.width = x.dim(2);
    this.size = width / cell.gates;
    this.x = x;
    this.weight = weight;
    this.gates = Checks.like(x);
    this.states =
        x.device()
            .uninitialized(x.type(), Shape.of(cell.hasMemory() ? 2 : 1, steps + 1, batch, size));
  }

  /**
   * Runs a cell over all steps.
   *
   * @param x the input's share of the gates [T, N, gates H]
   * @param state at the beginning [N, H]
   * @param memory at the beginning [N, H], of cells that have one, else null
   * @param weight [gates H, H]
   * @param bias [gates H], added to the state's share, or null
   * @param reverse whether time runs from the last element of x to the first
   * @return [1, T + 1, N, H] or, with the memory second, [2, T + 1, N, H]: what was at the
   *     beginning comes first, in reverse last; place t + 1, in reverse t, is what step t gave
   */
  public static Tensor recurrent(
      Cell cell,
      Tensor x,
      Tensor state,
      Tensor memory,
      Tensor weight,
      Tensor bias,
      boolean reverse) {
    String name = "recurrent_" + cell.name().toLowerCase(Locale.ROOT);
    Checks.alike(name, x, state, memory, weight, bias);
    Checks.rank(name, x, 3);
    Checks.notEmpty(name, x, weight);
    int size = x.dim(2) / cell.gates;
    Shape expected = Shape.of(x.dim(1), size);
    Checks.that(
        size * cell.gates == x.dim(2)
            && weight.shape().equals(Shape.of(x.dim(2), size))
            && state.shape().equals(expected)
            && (memory != null) == cell.hasMemory()
            && (memory == null || memory.shape().equals(expected))
            && (bias == null || bias.shape().equals(Shape.of(x.dim(2)))),
        () ->
            "%s: %d gates of an input %s, with weights %s, bias %s, state %s and memory %s"
                .formatted(
                    name,
                    cell.gates,
                    x.shape(),
                    weight.shape(),
                    bias == null ? null : bias.shape(),
                    state.shape(),
                    memory == null ? null : memory.shape()));
    RecurrentOp op = new RecurrentOp(cell, reverse, x, weight);
    op.forward(state, memory, bias);
    Tracer.current().recurrent(cell, x, state, memory, weight, bias, reverse, op.states);
    Tensor[] saved =
        cell.separate
            ? new Tensor[] {x, weight, op.states, op.gates}
            : new Tensor[] {weight, op.states, op.gates};
    return Autograd.record(
        name + "(x, state, memory, weight, bias)",
        op.states,
        new Tensor[] {x, state, memory, weight, bias},
        saved,
        gy -> op.backward(gy, bias));
  }

  private void forward(Tensor state, Tensor memory, Tensor bias) {
    if (cell.separate) {
      if (bias == null) {
        gates.fill(0);
      } else {
        MapOp.into(gates, Formula.IDENTITY, NONE, bias);
      }
    } else if (bias == null) {
      MapOp.into(gates, Formula.IDENTITY, NONE, x);
    } else {
      MapOp.into(gates, ADD, NONE, x, bias);
    }
    MapOp.copy(x.device(), state.asView(), states(0, before(0)));
    if (memory != null) {
      MapOp.copy(x.device(), memory.asView(), states(1, before(0)));
    }
    // Once for all steps: products with rows of the state are faster so.
    Tensor turned = x.device().uninitialized(x.type(), Shape.of(size, width));
    MapOp.copy(x.device(), weight.asView().permute(1, 0), turned.asView());
    for (int k = 0; k < steps; k++) {
      int t = time(k);
      int from = before(k);
      int to = after(k);
      try (Tensor h = stateTensor(from);
          Tensor g = step(gates, t)) {
        accumulate(g, h, false, turned);
      }
      View[] operands = operands(t, states(cell.hasMemory() ? 1 : 0, from));
      if (cell.hasMemory()) {
        map(cell.memory, operands, states(1, to));
        operands[cell.operands()] = states(1, to);
      }
      map(cell.state, operands, states(0, to));
    }
    turned.close();
  }

  private Tensor[] backward(Tensor gy, Tensor bias) {
    // By the state's share of the gates and, where it is another, by the input's.
    Tensor byGates = Checks.like(gates);
    Tensor byInput = cell.separate ? Checks.like(gates) : byGates;
    int kinds = cell.hasMemory() ? 2 : 1;
    int last = cell.operands();
    Tensor byState = x.device().zeros(x.type(), Shape.of(batch, size));
    Tensor byMemory = cell.hasMemory() ? x.device().zeros(x.type(), byState.shape()) : null;
    View dh = byState.asView();
    View dc = byMemory == null ? null : byMemory.asView();
    try (Tensor part = Checks.like(byState)) {
      for (int k = steps - 1; k >= 0; k--) {
        int t = time(k);
        add(dh, gy.asView().select(0, 0).select(0, after(k)));
        View[] operands = operands(t, states(kinds - 1, kinds == 2 ? after(k) : before(k)));
        if (cell.hasMemory()) {
          add(dc, gy.asView().select(0, 1).select(0, after(k)));
          differentiate(cell.state, last, operands, states(0, after(k)), dh, part.asView());
          add(dc, part.asView());
        }
        gates(cell.state, operands, states(0, after(k)), dh, t, byInput, byGates);
        if (cell.hasMemory()) {
          operands[last] = states(1, before(k));
          gates(cell.memory, operands, states(1, after(k)), dc, t, byInput, byGates);
          differentiate(cell.memory, last, operands, states(1, after(k)), dc, part.asView());
          MapOp.copy(x.device(), part.asView(), dc);
          byState.fill(0);
        } else if (cell.state.reads(last)) {
          differentiate(cell.state, last, operands, states(0, after(k)), dh, part.asView());
          MapOp.copy(x.device(), part.asView(), dh);
        } else {
          byState.fill(0);
        }
        try (Tensor g = step(byGates, t)) {
          accumulate(byState, g, false, weight);
        }
      }
    }
    add(dh, gy.asView().select(0, 0).select(0, before(0)));
    if (cell.hasMemory()) {
      add(dc, gy.asView().select(0, 1).select(0, before(0)));
    }
    Tensor byWeight = null;
    if (weight.requiresGrad()) {
      byWeight = x.device().zeros(x.type(), weight.shape());
      try (Tensor h = states.slice(reverse ? batch * size : 0, Shape.of(steps * batch, size));
          Tensor g = byGates.slice(0, Shape.of(steps * batch, width))) {
        accumulate(byWeight, g, true, h);
      }
    }
    Tensor byBias = null;
    if (bias != null && bias.requiresGrad()) {
      byBias = byGates.sum(0, 1);
    }
    if (cell.separate) {
      byGates.close();
    }
    return new Tensor[] {byInput, byState, byMemory, byWeight, byBias};
  }

  /** The gradients by the gates that a formula reads, at a time. */
  private void gates(
      Formula f, View[] operands, View y, View gy, int t, Tensor byInput, Tensor byGates) {
    for (int j = 0; j < cell.gates; j++) {
      if (!f.reads(j)) {
        continue;
      }
      View input = gate(byInput, t, j);
      differentiate(f, j, operands, y, gy, input);
      if (cell.separate) {
        View own = gate(byGates, t, j);
        if (j < cell.sums) {
          MapOp.copy(x.device(), input, own);
        } else {
          differentiate(f, cell.gates + j, operands, y, gy, own);
        }
      }
    }
  }

  private void differentiate(Formula f, int i, View[] operands, View y, View gy, View into) {
    Formula derivative = f.derivative(i).formula();
    View[] views = new View[operands.length + 2];
    System.arraycopy(operands, 0, views, 0, operands.length);
    views[operands.length] = y;
    views[operands.length + 1] = gy;
    map(derivative, views, into);
  }

  private void map(Formula f, View[] operands, View y) {
    View[] read = operands.clone();
    for (int i = 0; i < read.length; i++) {
      read[i] = f.reads(i) ? read[i] : null;
    }
    x.device().kernels().maps().map(f, NONE, read, y);
  }

  private void add(View y, View b) {
    x.device().kernels().maps().map(ADD, NONE, new View[] {y, b}, y);
  }

  /** {@code c += op(a) b}, of dense matrices. */
  private static void accumulate(Tensor c, Tensor a, boolean transA, Tensor b) {
    if (c.type() == DType.F32) {
      int inner = a.dim(transA ? 0 : 1);
      GemmShape shape = GemmShape.of(transA, false, c.dim(0), c.dim(1), inner);
      c.device()
          .kernels()
          .linearAlgebra()
          .gemm(shape, a.buffer(), b.buffer(), c.bufferToWrite(), true);
      return;
    }
    try (Autograd.Guard guard = Autograd.noGrad();
        Tensor left = a.withView(transA ? a.asView().permute(1, 0) : a.asView());
        Tensor product = MatmulOp.matmul(left, b)) {
      MapOp.into(c, ADD, NONE, c, product);
    }
  }

  private int time(int k) {
    return reverse ? steps - 1 - k : k;
  }

  /** Where the state is before the k-th step. */
  private int before(int k) {
    return reverse ? steps - k : k;
  }

  /** Where the state is after the k-th step. */
  private int after(int k) {
    return reverse ? steps - 1 - k : k + 1;
  }

  private View states(int kind, int at) {
    return states.asView().select(0, kind).select(0, at);
  }

  private Tensor stateTensor(int at) {
    return states.slice(at * batch * size, Shape.of(batch, size));
  }

  private Tensor step(Tensor of, int t) {
    return of.slice(t * batch * width, Shape.of(batch, width));
  }

  private View gate(Tensor of, int t, int j) {
    return of.asView().select(0, t).slice(1, j * size, size);
  }

  private View[] operands(int t, View state) {
    View[] views = new View[cell.operands() + 1];
    for (int j = 0; j < cell.gates; j++) {
      views[j] = gate(cell.separate ? x : gates, t, j);
      if (cell.separate) {
        views[cell.gates + j] = gate(gates, t, j);
      }
    }
    views[cell.operands()] = state;
    return views;
  }
}
