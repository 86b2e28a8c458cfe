package tangram.tensor.op;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.function.IntFunction;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/**
 * Formulas over tensors: {@code y = f(x0, x1, ...)} for every element. Shapes are broadcast as in
 * NumPy. Gradient: {@code gx_i = gy * df/dx_i}, summed over the dimensions along which x_i repeats.
 */
public final class MapOp {
  private static final double[] NONE = {};

  private MapOp() {}

  /** A formula whose result has the type in which its operands meet. */
  public static Tensor map(String name, Formula formula, Tensor... x) {
    return map(name, formula, NONE, x);
  }

  /**
   * As the other, with the formula's numbers. Numbers that are not whole make integers real, as in
   * PyTorch.
   */
  public static Tensor map(String name, Formula formula, double[] parameters, Tensor... x) {
    return apply(name, formula, parameters, withNumbers(name, meet(name, x), parameters, x[0]), x);
  }

  /** A number in place of some elements; the mask's type does not count. */
  public static Tensor masked(String name, Formula formula, double number, Tensor x, Tensor mask) {
    meet(name, x, mask);
    double[] numbers = {number};
    boolean isBoolean = x.type() == DType.BOOL && (number == 0 || number == 1);
    DType type = isBoolean ? DType.BOOL : withNumbers(name, x.type(), numbers, x);
    return apply(name, formula, numbers, type, x, mask);
  }

  /** The type in which elements of a type meet numbers. */
  private static DType withNumbers(String name, DType type, double[] numbers, Tensor of) {
    for (double number : numbers) {
      if (!type.isReal() && !(number == Math.rint(number) && Double.isFinite(number))) {
        type = DType.F32;
      } else if (type == DType.BOOL) {
        type = of.device().indexType();
      }
    }
    for (double number : numbers) {
      Checks.fits(name, number, type);
    }
    return type;
  }

  /** A formula with real results, also of integers. */
  public static Tensor real(String name, Formula formula, Tensor... x) {
    return real(name, formula, NONE, x);
  }

  /** As the other, with the formula's numbers. */
  public static Tensor real(String name, Formula formula, double[] parameters, Tensor... x) {
    DType met = meet(name, x);
    return apply(name, formula, parameters, met.isReal() ? met : DType.F32, x);
  }

  /** A formula whose results are true or false; it has no gradient. */
  public static Tensor test(String name, Formula formula, Tensor... x) {
    return test(name, formula, NONE, x);
  }

  /** As the other, with the formula's numbers. */
  public static Tensor test(String name, Formula formula, double[] parameters, Tensor... x) {
    meet(name, x);
    try (Autograd.Guard guard = Autograd.noGrad()) {
      return apply(name, formula, parameters, DType.BOOL, x);
    }
  }

  /** A formula whose result has the type of the first operand. */
  static Tensor like(String name, Formula formula, double[] parameters, Tensor... x) {
    meet(name, x);
    return apply(name, formula, parameters, x[0].type(), x);
  }

  /** A choice of two operands, whose types meet; that of the condition does not count. */
  public static Tensor where(Formula formula, Tensor condition, Tensor a, Tensor b) {
    meet("where", condition, a, b);
    return apply("where", formula, NONE, DType.promote(a.type(), b.type()), condition, a, b);
  }

  /** The same elements in another type; the gradient is converted back. */
  public static Tensor cast(Tensor x, DType type) {
    return x.type() == type ? x : apply("to", Formula.IDENTITY, NONE, type, x);
  }

  /** The type in which operands meet, which must be on one device. */
  static DType meet(String name, Tensor... x) {
    Checks.sameDevice(name, x[0], x[0]);
    DType type = x[0].type();
    for (Tensor t : x) {
      Checks.sameDevice(name, x[0], t);
      type = DType.promote(type, t.type());
    }
    return type;
  }

  /** The shape to which operands are broadcast. */
  public static Shape broadcast(String name, Tensor... x) {
    return Shape.of(broadcast(name, 0, x));
  }

  /** As the other, of the dimensions before some last ones. */
  static int[] broadcast(String name, int last, Tensor... x) {
    int rank = Arrays.stream(x).mapToInt(t -> t.shape().rank() - last).max().orElse(0);
    int[] dims = new int[rank];
    Arrays.fill(dims, 1);
    for (Tensor t : x) {
      int added = rank - (t.shape().rank() - last);
      for (int d = added; d < rank; d++) {
        int length = t.dim(d - added);
        if (dims[d] == 1) {
          dims[d] = length;
        } else if (length != 1 && length != dims[d]) {
          throw new IllegalArgumentException(
              "%s: shapes do not broadcast: %s; from the last dimension%s on, sizes must be equal or 1"
                  .formatted(
                      name,
                      Arrays.toString(Arrays.stream(x).map(Tensor::shape).toArray()),
                      last == 0 ? "" : " but " + last));
        }
      }
    }
    return dims;
  }

  private static Tensor apply(
      String name, Formula formula, double[] parameters, DType type, Tensor... x) {
    Shape shape = broadcast(name, x);
    Tensor y = x[0].device().uninitialized(type, shape);
    y.device().kernels().maps().map(formula, parameters, views(formula, shape, x), y.asView());
    Tracer.current().map(formula, parameters, x, y);
    return Autograd.record(
        signature(name, x.length),
        y,
        x,
        saved(formula::derivative, x, y),
        gy -> gradients(formula, parameters, x, y, gy));
  }

  /**
   * The gradients by all operands. One that is gy itself is passed on; of the others the last is
   * written over gy if nobody else has it.
   */
  private static Tensor[] gradients(
      Formula formula, double[] parameters, Tensor[] x, Tensor y, Tensor gy) {
    Tensor[] gradients = new Tensor[x.length];
    int last = -1;
    boolean passed = false;
    for (int i = 0; i < x.length; i++) {
      Formula.Derivative derivative = x[i].requiresGrad() ? formula.derivative(i) : null;
      if (derivative == null) {
        continue;
      }
      if (derivative.isGradient() && isLike(gy, x[i])) {
        gradients[i] = gy;
        passed = true;
      } else {
        last = i;
      }
    }
    for (int i = 0; i < x.length; i++) {
      if (x[i].requiresGrad() && gradients[i] == null) {
        boolean inPlace = i == last && !passed && isLike(gy, x[i]) && gy.isExclusive();
        gradients[i] =
            gradient(formula.derivative(i), parameters, i, x, y, gy, inPlace ? gy : null);
      }
    }
    return gradients;
  }

  private static boolean isLike(Tensor a, Tensor b) {
    return a.type() == b.type() && a.shape().equals(b.shape());
  }

  /**
   * Overwrites a tensor with the values of a formula, outside the graph.
   *
   * @param y may be one of the operands, and must not overlap them otherwise
   * @param x of shapes that are repeated to that of y
   */
  public static void into(Tensor y, Formula formula, double[] parameters, Tensor... x) {
    View[] views = views(formula, y.shape(), x);
    y.device().kernels().maps().map(formula, parameters, views, y.asViewToWrite());
    Tracer.current().overwritten(y, x);
    Reference.reachabilityFence(x);
  }

  /** Copies elements between views on a device. */
  static void copy(Device device, View from, View to) {
    device.kernels().maps().map(Formula.IDENTITY, NONE, new View[] {from}, to);
  }

  /** A copy of elements between views. */
  static Maps.Call copied(View from, View to) {
    return new Maps.Call(Formula.IDENTITY, NONE, new View[] {from}, to);
  }

  /** One view for each array that the formula reads, repeated to a shape. */
  static View[] views(Formula formula, Shape shape, Tensor... x) {
    View[] views = new View[x.length];
    for (int i = 0; i < x.length; i++) {
      views[i] = formula.reads(i) ? x[i].asView().expand(shape.dims()) : null;
    }
    return views;
  }

  static String signature(String name, int operands) {
    StringBuilder text = new StringBuilder(name).append('(');
    for (int i = 0; i < operands; i++) {
      text.append(i == 0 ? "" : ", ").append((char) ('a' + i));
    }
    return text.append(')').toString();
  }

  /** What the derivatives read. */
  static Tensor[] saved(IntFunction<Formula.Derivative> derivatives, Tensor[] x, Tensor y) {
    if (!Autograd.isNeeded(x)) {
      return new Tensor[0];
    }
    boolean[] read = new boolean[x.length];
    boolean readsResult = false;
    for (int i = 0; i < x.length; i++) {
      Formula.Derivative derivative = x[i].requiresGrad() ? derivatives.apply(i) : null;
      if (derivative != null) {
        for (int k = 0; k < x.length; k++) {
          read[k] |= derivative.readsInput(k);
        }
        readsResult |= derivative.readsResult();
      }
    }
    Tensor[] saved = new Tensor[x.length + 1];
    int count = 0;
    for (int k = 0; k < x.length; k++) {
      if (read[k]) {
        saved[count++] = x[k];
      }
    }
    if (readsResult) {
      saved[count++] = y;
    }
    return Arrays.copyOf(saved, count);
  }

  /**
   * The gradient by one operand; null where it is zero everywhere.
   *
   * @param into a tensor like the operand that receives it; null makes one
   */
  static Tensor gradient(
      Formula.Derivative derivative,
      double[] parameters,
      int i,
      Tensor[] x,
      Tensor y,
      Tensor gy,
      Tensor into) {
    if (derivative == null) {
      return null;
    }
    if (derivative.isZero()) {
      return x[i].device().zeros(x[i].type(), x[i].shape());
    }
    Formula f = derivative.formula();
    Tensor[] operands = Arrays.copyOf(x, x.length + 2);
    operands[x.length] = y;
    operands[x.length + 1] = gy;
    // The gradient of the result has the shape that all were broadcast to.
    Shape shape = gy.shape();
    View[] views = new View[operands.length];
    for (int k = 0; k < views.length; k++) {
      views[k] = f.reads(k) ? operands[k].asView().expand(shape.dims()) : null;
    }
    if (into == null) {
      return sumTo(x[i], f, parameters, views, shape);
    }
    into.device().kernels().maps().map(f, parameters, views, into.asView());
    return into;
  }

  /** A formula over views of a shape, summed to the shape of an operand that was repeated. */
  static Tensor sumTo(
      Tensor operand, Formula formula, double[] parameters, View[] views, Shape shape) {
    Device device = operand.device();
    Tensor gx = device.uninitialized(operand.type(), operand.shape());
    Maps maps = device.kernels().maps();
    if (operand.shape().equals(shape)) {
      maps.map(formula, parameters, views, gx.asView());
    } else {
      // Of one rank: dimensions that were added have one element.
      int added = shape.rank() - operand.shape().rank();
      int[] dims = new int[shape.rank()];
      Arrays.fill(dims, 0, added, 1);
      System.arraycopy(operand.shape().dims(), 0, dims, added, operand.shape().rank());
      maps.reduce(
          Reducer.SUM, formula, parameters, firstPresent(views, shape), gx.asView().expand(dims));
    }
    return gx;
  }

  /** A fold takes its shape from the first view. */
  private static View[] firstPresent(View[] views, Shape shape) {
    if (views[0] != null) {
      return views;
    }
    View[] result = views.clone();
    for (View view : views) {
      if (view != null) {
        result[0] = view;
        return result;
      }
    }
    throw new IllegalStateException("a gradient that reads nothing, of shape " + shape);
  }
}
