package tangram.tensor.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;

/**
 * Folds along some dimensions and what is computed from them, as one kernel: softmax, normalisation
 * and their gradients. A <em>row</em> is the elements that are folded into one. A cascade is a list
 * of passes, each a formula of the call's numbers and of the <em>operands</em>: the inputs, then
 * the outputs (as earlier passes left them), then the row values (as earlier passes left them),
 * which repeat along their row.
 *
 * <p>Keep a cascade in a static field, like its formulas.
 */
public final class Cascade {
  /** What becomes of a formula's values. */
  public enum Kind {
    /** One row value: the values of a row folded by the reducer. */
    FOLD,
    /** One row value near the mean of a row: that of some first elements, or of all. */
    NEAR,
    /**
     * One row value, of row values and of inputs that are the same along a row. It may be stored
     * where such an input comes from.
     */
    ROW,
    /** An output, element by element. It may be stored where an input comes from. */
    MAP,
    /**
     * An output of the shape of a row, with a size of 1 along the others: the sum of all rows, of a
     * formula of inputs.
     */
    ACROSS
  }

  /**
   * One pass.
   *
   * @param reducer of a fold, else null
   * @param target the number of the output or row value
   */
  public record Pass(Kind kind, Reducer reducer, Formula formula, int target) {
    /** Whether an output is made, rather than a row value. */
    public boolean isOutput() {
      return kind == Kind.MAP || kind == Kind.ACROSS;
    }
  }

  private final String name;
  private final int inputs;
  private final int outputs;
  private final int parameters;
  private final boolean[] kept;
  private final List<Pass> passes = new ArrayList<>();
  private final Cascade plain;
  private final Map<Object, Object> compiled = new HashMap<>();

  /**
   * Begins a cascade.
   *
   * @param name for profiles
   * @param rows number of row values
   * @param parameters number of the call's numbers
   */
  public Cascade(String name, int inputs, int outputs, int rows, int parameters) {
    this(name, inputs, outputs, parameters, new boolean[rows], true);
  }

  private Cascade(
      String name, int inputs, int outputs, int parameters, boolean[] kept, boolean moments) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
    this.parameters = parameters;
    this.kept = kept;
    this.plain = moments ? new Cascade(name, inputs, outputs, parameters, kept, false) : this;
  }

  /** Adds a fold. */
  public Cascade fold(int row, Reducer reducer, BiFunction<Expr[], Expr[], Expr> f) {
    return both(new Pass(Kind.FOLD, reducer, formula(f), row));
  }

  /**
   * Adds mean and sum of squared deviations from it, as three row values: {@code row}, {@code row +
   * 1}, and one to work with. One pass: squares are summed about a number near the mean.
   *
   * @param count which of the call's numbers is the length of a row
   */
  public Cascade moments(int row, int count, BiFunction<Expr[], Expr[], Expr> f) {
    int sum = inputs + outputs + row;
    int squares = sum + 1;
    int near = sum + 2;
    passes.add(new Pass(Kind.NEAR, Reducer.SUM, formula(f), row + 2));
    plain.fold(row + 2, Reducer.SUM, f);
    plain.row(row + 2, (x, p) -> x[near].div(p[count]));
    fold(row, Reducer.SUM, (x, p) -> f.apply(x, p).sub(x[near]));
    fold(row + 1, Reducer.SUM, (x, p) -> f.apply(x, p).sub(x[near]).square());
    row(row + 1, (x, p) -> x[squares].sub(x[sum].square().div(p[count])).maximum(Expr.of(0)));
    return row(row, (x, p) -> x[near].add(x[sum].div(p[count])));
  }

  /** Adds a row value made of others. */
  public Cascade row(int row, BiFunction<Expr[], Expr[], Expr> f) {
    return both(new Pass(Kind.ROW, null, formula(f), row));
  }

  /** Adds an output. */
  public Cascade map(int output, BiFunction<Expr[], Expr[], Expr> f) {
    return both(new Pass(Kind.MAP, null, formula(f), output));
  }

  /** Adds an output that is a sum over all rows. */
  public Cascade across(int output, BiFunction<Expr[], Expr[], Expr> f) {
    return both(new Pass(Kind.ACROSS, null, formula(f), output));
  }

  /** Says that row values are wanted when all is done; others may be left as they were. */
  public Cascade keep(int... rows) {
    for (int row : rows) {
      kept[row] = true;
    }
    return this;
  }

  private Formula formula(BiFunction<Expr[], Expr[], Expr> f) {
    return Formula.of(operands(), parameters, f);
  }

  private Cascade both(Pass pass) {
    passes.add(pass);
    if (plain != this) {
      plain.passes.add(pass);
    }
    return this;
  }

  /** What this is, for profiles. */
  public String name() {
    return name;
  }

  /** Number of inputs. */
  public int inputs() {
    return inputs;
  }

  /** Number of outputs. */
  public int outputs() {
    return outputs;
  }

  /** Number of row values. */
  public int rows() {
    return kept.length;
  }

  /** Number of inputs, outputs and row values. */
  public int operands() {
    return inputs + outputs + kept.length;
  }

  /** Whether a row value is wanted when all is done. */
  public boolean keeps(int row) {
    return kept[row];
  }

  /** The passes in order. */
  public List<Pass> passes() {
    return passes;
  }

  /**
   * What a device made of this cascade, made when it is first asked for.
   *
   * @param key who made it and for what
   */
  @SuppressWarnings("unchecked")
  public <T> T compiled(Object key, Supplier<T> compiler) {
    synchronized (compiled) {
      return (T) compiled.computeIfAbsent(key, k -> compiler.get());
    }
  }

  /** The passes that sum over all rows. */
  public List<Pass> sums() {
    return passes.stream().filter(p -> p.kind == Kind.ACROSS).toList();
  }

  /** The same without the passes that sum over all rows. */
  public Cascade withoutSums() {
    return sums().isEmpty() ? this : compiled(Kind.ACROSS, this::makeWithoutSums);
  }

  private Cascade makeWithoutSums() {
    Cascade c = new Cascade(name, inputs, outputs, parameters, kept, true);
    passes.stream().filter(p -> p.kind != Kind.ACROSS).forEach(c.passes::add);
    plain.passes.stream().filter(p -> p.kind != Kind.ACROSS).forEach(c.plain.passes::add);
    return c;
  }

  /** The same with the mean where something near it will do. */
  public Cascade plain() {
    return plain;
  }
}
