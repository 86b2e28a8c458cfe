package tangram.tensor.expr;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A formula as a list of steps, each after those that it reads. What occurs several times in the
 * tree is one step.
 */
public final class Program {
  private final int inputs;
  private final List<Step> steps;
  private final int[] results;
  private final boolean[] read;

  /**
   * A node of the formula.
   *
   * @param node what it is
   * @param a step of the first operand, -1 where there is none
   * @param b step of the second operand
   * @param c step of the third operand
   */
  public record Step(Expr node, int a, int b, int c) {}

  private Program(int inputs, List<Step> steps, int[] results) {
    this.inputs = inputs;
    this.steps = List.copyOf(steps);
    this.results = results;
    this.read = new boolean[inputs];
    for (Step step : steps) {
      if (step.node instanceof Expr.Input) {
        read[((Expr.Input) step.node).index()] = true;
      }
    }
  }

  static Program of(Expr root, int inputs) {
    return of(List.of(root), inputs);
  }

  /** Several formulas of the same arrays as one list of steps. */
  public static Program of(List<Expr> roots, int inputs) {
    Numbering numbering = new Numbering(inputs);
    int[] results = roots.stream().mapToInt(numbering::number).toArray();
    return new Program(inputs, numbering.steps, results);
  }

  /** The step of the i-th formula's value. */
  public int result(int i) {
    return results[i];
  }

  /**
   * Gives equal nodes equal numbers. Trees share nodes, so neither equality nor hash codes may
   * follow operands: a number represents all that is below.
   */
  static final class Numbering {
    private final int inputs;
    private final List<Step> steps = new ArrayList<>();
    private final Map<Expr, Integer> known = new IdentityHashMap<>();
    private final Map<Key, Integer> numbers = new HashMap<>();

    private record Key(Object kind, int a, int b, int c) {}

    Numbering(int inputs) {
      this.inputs = inputs;
    }

    int number(Expr e) {
      Integer before = known.get(e);
      if (before != null) {
        return before;
      }
      int[] operands = {-1, -1, -1};
      List<Expr> children = e.operands();
      for (int i = 0; i < children.size(); i++) {
        operands[i] = number(children.get(i));
      }
      Key key = new Key(kind(e), operands[0], operands[1], operands[2]);
      Integer number = numbers.get(key);
      if (number == null) {
        number = steps.size();
        numbers.put(key, number);
        steps.add(new Step(e, operands[0], operands[1], operands[2]));
      }
      known.put(e, number);
      return number;
    }

    List<Step> steps() {
      return steps;
    }

    private Object kind(Expr e) {
      if (e instanceof Expr.Unary) {
        return ((Expr.Unary) e).op();
      }
      if (e instanceof Expr.Binary) {
        return ((Expr.Binary) e).op();
      }
      if (e instanceof Expr.Where) {
        return Expr.Where.class;
      }
      if (e instanceof Expr.Input && ((Expr.Input) e).index() >= inputs) {
        throw new IllegalArgumentException(
            "a formula of " + inputs + " arrays reads array " + ((Expr.Input) e).index());
      }
      return e;
    }
  }

  /** The number of arrays. */
  public int inputs() {
    return inputs;
  }

  /** All steps; the last is the result of a program of one formula. */
  public List<Step> steps() {
    return steps;
  }

  /** Whether the i-th array is read. */
  public boolean reads(int i) {
    return read[i];
  }

  /** How many numbers are told at each call. */
  public int parameters() {
    int count = 0;
    for (Step step : steps) {
      if (step.node instanceof Expr.Parameter) {
        count = Math.max(count, ((Expr.Parameter) step.node).index() + 1);
      }
    }
    return count;
  }

  /** Number of steps that compute something. */
  public int operations() {
    int count = 0;
    for (Step step : steps) {
      count += step.a >= 0 ? 1 : 0;
    }
    return count;
  }

  /**
   * The value for some elements in double precision.
   *
   * @param parameters the numbers that are told at each call
   * @param values memory for the value of every step
   */
  public double evaluate(double[] parameters, double[] x, double[] values) {
    for (int i = 0; i < values.length; i++) {
      Step step = steps.get(i);
      Expr node = step.node;
      if (node instanceof Expr.Input) {
        values[i] = x[((Expr.Input) node).index()];
      } else if (node instanceof Expr.Const) {
        values[i] = ((Expr.Const) node).value();
      } else if (node instanceof Expr.Parameter) {
        values[i] = parameters[((Expr.Parameter) node).index()];
      } else if (node instanceof Expr.Unary) {
        values[i] = ((Expr.Unary) node).op().apply(values[step.a]);
      } else if (node instanceof Expr.Binary) {
        values[i] = ((Expr.Binary) node).op().apply(values[step.a], values[step.b]);
      } else {
        values[i] = values[step.a] != 0 ? values[step.b] : values[step.c];
      }
    }
    return values[values.length - 1];
  }

  /** As the other, for integers. */
  public long evaluate(double[] parameters, long[] x, long[] values) {
    for (int i = 0; i < values.length; i++) {
      Step step = steps.get(i);
      Expr node = step.node;
      if (node instanceof Expr.Input) {
        values[i] = x[((Expr.Input) node).index()];
      } else if (node instanceof Expr.Const) {
        values[i] = (long) ((Expr.Const) node).value();
      } else if (node instanceof Expr.Parameter) {
        values[i] = (long) parameters[((Expr.Parameter) node).index()];
      } else if (node instanceof Expr.Unary) {
        values[i] = ((Expr.Unary) node).op().apply(values[step.a]);
      } else if (node instanceof Expr.Binary) {
        values[i] = ((Expr.Binary) node).op().apply(values[step.a], values[step.b]);
      } else {
        values[i] = values[step.a] != 0 ? values[step.b] : values[step.c];
      }
    }
    return values[values.length - 1];
  }
}
