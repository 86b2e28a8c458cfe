package tangram.tensor.expr;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * A formula of a number of arrays, with what devices and derivatives make of it kept beside it:
 * keep a formula in a static field, and it is analysed once.
 */
public final class Formula {
  /** The element itself. */
  public static final Formula IDENTITY = of(x -> x);

  /** A number that is told at each call. */
  public static final Formula CONSTANT = of(0, 1, (x, p) -> p[0]);

  private final int inputs;
  private final Expr root;
  private final Program program;
  private final Derivative[] derivatives;
  private final Derivative[] derivativesByArrays;
  private final Map<Object, Object> compiled = new HashMap<>();
  private volatile boolean hot;

  /**
   * How to differentiate by one input.
   *
   * @param formula of the arrays of the formula itself, then its result, then the gradient of the
   *     result
   */
  public record Derivative(Formula formula) {
    /** Whether the derivative is zero for every gradient. */
    public boolean isZero() {
      return formula.root instanceof Expr.Const && ((Expr.Const) formula.root).value() == 0;
    }

    /** Whether the derivative is the gradient of the result itself. */
    public boolean isGradient() {
      return formula.root instanceof Expr.Input
          && ((Expr.Input) formula.root).index() == formula.inputs - 1;
    }

    /** Whether the derivative reads the result. */
    public boolean readsResult() {
      return formula.reads(formula.inputs - 2);
    }

    /** Whether the derivative reads the i-th array. */
    public boolean readsInput(int i) {
      return formula.reads(i);
    }
  }

  private Formula(int inputs, Expr root) {
    this.inputs = inputs;
    this.root = root;
    this.program = Program.of(root, inputs);
    this.derivatives = new Derivative[inputs];
    this.derivativesByArrays = new Derivative[inputs];
  }

  /** A formula of one array. */
  public static Formula of(Function<Expr, Expr> f) {
    return new Formula(1, f.apply(Expr.input(0)));
  }

  /** A formula of a number of arrays. */
  public static Formula of(int inputs, Function<Expr[], Expr> f) {
    Expr[] x = new Expr[inputs];
    for (int i = 0; i < inputs; i++) {
      x[i] = Expr.input(i);
    }
    return new Formula(inputs, f.apply(x));
  }

  /** A formula of a number of arrays and of numbers that are told at each call. */
  public static Formula of(int inputs, int parameters, BiFunction<Expr[], Expr[], Expr> f) {
    Expr[] p = new Expr[parameters];
    for (int i = 0; i < parameters; i++) {
      p[i] = Expr.parameter(i);
    }
    return of(inputs, x -> f.apply(x, p));
  }

  /** A formula of two arrays. */
  public static Formula of(BinaryOperator<Expr> f) {
    return of(2, x -> f.apply(x[0], x[1]));
  }

  /** The number of arrays. */
  public int inputs() {
    return inputs;
  }

  /** The last thing it does, for people. */
  public String name() {
    if (root instanceof Expr.Unary) {
      return ((Expr.Unary) root).op().name().toLowerCase(Locale.ROOT);
    }
    if (root instanceof Expr.Binary) {
      return ((Expr.Binary) root).op().name().toLowerCase(Locale.ROOT);
    }
    return root instanceof Expr.Where ? "where" : root instanceof Expr.Input ? "copy" : "fill";
  }

  /** The formula as a tree. */
  public Expr root() {
    return root;
  }

  /** The formula as a list of steps. */
  public Program program() {
    return program;
  }

  /** Whether the formula reads the i-th array. */
  public boolean reads(int i) {
    return program.reads(i);
  }

  /** Says that this will be computed often: devices should make it fast at once. */
  public Formula hot() {
    hot = true;
    return this;
  }

  /** Whether {@link #hot} was said. */
  public boolean isHot() {
    return hot;
  }

  /**
   * What a device made of this formula, made when it is first asked for.
   *
   * @param key who made it and for what
   */
  @SuppressWarnings("unchecked")
  public <T> T compiled(Object key, Function<Program, T> compiler) {
    synchronized (compiled) {
      return (T) compiled.computeIfAbsent(key, k -> compiler.apply(program));
    }
  }

  /** How to differentiate by the i-th array; null where the derivative is zero everywhere. */
  public Derivative derivative(int i) {
    return derivative(i, derivatives, true);
  }

  /** As {@link #derivative}, without reading the result, as where only a fold of it is kept. */
  public Derivative derivativeByArrays(int i) {
    return derivative(i, derivativesByArrays, false);
  }

  private Derivative derivative(int i, Derivative[] known, boolean mayReadResult) {
    synchronized (known) {
      if (known[i] == null && reads(i)) {
        Expr adjoint = adjoint(i, Expr.input(inputs + 1));
        if (adjoint == null) {
          return null;
        }
        Formula formula = new Formula(inputs + 2, adjoint);
        if (mayReadResult) {
          // Worth it where the result replaces the arrays.
          Formula byResult = new Formula(inputs + 2, withResult(adjoint));
          formula = byResult.readsArrays(inputs) ? formula : byResult;
        }
        formula.hot = hot;
        known[i] = new Derivative(formula);
      }
      return known[i];
    }
  }

  private boolean readsArrays(int count) {
    for (int i = 0; i < count; i++) {
      if (reads(i)) {
        return true;
      }
    }
    return false;
  }

  /** The derivative of the root by an input times a seed (reverse mode); null if it is zero. */
  private Expr adjoint(int input, Expr seed) {
    List<Program.Step> steps = program.steps();
    Expr[] adjoints = new Expr[steps.size()];
    adjoints[steps.size() - 1] = seed;
    for (int i = steps.size() - 1; i >= 0; i--) {
      Program.Step step = steps.get(i);
      Expr node = step.node();
      Expr g = adjoints[i];
      if (node instanceof Expr.Input && ((Expr.Input) node).index() == input) {
        return g;
      }
      if (g == null) {
        continue;
      }
      if (node instanceof Expr.Unary) {
        Expr.Unary u = (Expr.Unary) node;
        add(adjoints, step.a(), times(g, u.op().derivative(u.x(), u)));
      } else if (node instanceof Expr.Binary) {
        Expr.Binary b = (Expr.Binary) node;
        add(adjoints, step.a(), times(g, b.op().byA(b.a(), b.b(), b)));
        add(adjoints, step.b(), times(g, b.op().byB(b.a(), b.b(), b)));
      } else if (node instanceof Expr.Where) {
        Expr condition = ((Expr.Where) node).condition();
        add(adjoints, step.b(), Expr.where(condition, g, Expr.of(0)));
        add(adjoints, step.c(), Expr.where(condition, Expr.of(0), g));
      }
    }
    return null;
  }

  private static void add(Expr[] adjoints, int step, Expr g) {
    if (g != null) {
      adjoints[step] = adjoints[step] == null ? g : adjoints[step].add(g);
    }
  }

  /** A gradient times a derivative, null where that is zero. */
  private static Expr times(Expr g, Expr derivative) {
    if (derivative == null) {
      return null;
    }
    if (derivative instanceof Expr.Const) {
      double value = ((Expr.Const) derivative).value();
      // Zero also where the gradient is not finite.
      return value == 0 ? derivative : value == 1 ? g : value == -1 ? g.neg() : g.mul(derivative);
    }
    if (derivative instanceof Expr.Where) {
      // Inside the choice, so that a gradient that is not finite does not pass where it must not.
      Expr.Where w = (Expr.Where) derivative;
      return Expr.where(w.condition(), times(g, w.yes()), times(g, w.no()));
    }
    return g.mul(derivative);
  }

  /** The same formula with the array after the inputs in the place of the root. */
  private Expr withResult(Expr e) {
    Program.Numbering numbering = new Program.Numbering(inputs + 2);
    int result = numbering.number(root);
    int top = numbering.number(e);
    List<Program.Step> steps = numbering.steps();
    Expr[] rebuilt = new Expr[steps.size()];
    for (int i = 0; i < rebuilt.length; i++) {
      Program.Step step = steps.get(i);
      Expr node = step.node();
      if (i == result) {
        rebuilt[i] = Expr.input(inputs);
      } else if (node instanceof Expr.Unary) {
        rebuilt[i] = new Expr.Unary(((Expr.Unary) node).op(), rebuilt[step.a()]);
      } else if (node instanceof Expr.Binary) {
        rebuilt[i] =
            new Expr.Binary(((Expr.Binary) node).op(), rebuilt[step.a()], rebuilt[step.b()]);
      } else if (node instanceof Expr.Where) {
        rebuilt[i] = new Expr.Where(rebuilt[step.a()], rebuilt[step.b()], rebuilt[step.c()]);
      } else {
        rebuilt[i] = node;
      }
    }
    return rebuilt[top];
  }
}
