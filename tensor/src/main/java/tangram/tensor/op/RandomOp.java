package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Generator;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;

/** Arrays of random numbers: formulas of random integers. */
public final class RandomOp {
  private static final double[] NONE = {};

  /** As many bits as a number in single precision holds. */
  private static final int BITS = 24;

  private static final double STEP = 0x1p-24;
  private static final Formula SCALED = Formula.of(1, 1, (x, p) -> x[0].mul(p[0]));

  /** Of two integers of 27 and 26 bits. */
  private static final Formula DOUBLE = Formula.of((a, b) -> a.mul(0x1p26).add(b).mul(0x1p-53));

  /** Of two uniform numbers: Box and Muller 1958. */
  private static final Formula NORMAL =
      Formula.of((a, b) -> a.neg().log1p().mul(-2).sqrt().mul(b.mul(2 * Math.PI).cos()));

  private static final Formula BELOW = Formula.of(2, x -> x[0].lt(x[1]));

  /** Of a random integer and a bound below which an element is dropped: its factor. */
  private static final Formula FACTOR =
      Formula.of(1, 2, (x, p) -> Expr.where(x[0].lt(p[0]), Expr.of(0), p[1]));

  private static final Formula SHIFTED = Formula.of(1, 1, (x, p) -> x[0].add(p[0]));
  private static final Formula KEPT =
      Formula.of((x, factor) -> Expr.where(factor.eq(0), Expr.of(0), x.mul(factor)));

  private RandomOp() {}

  /** Integers 0, ..., bound - 1; see {@link tangram.tensor.kernel.Indexing#random}. */
  private static Tensor integers(
      Device device, Generator generator, long bound, DType type, Shape shape) {
    if (device.isRecording()) {
      throw new IllegalStateException(
          "random numbers drawn in a section of a Replay would be the same at every run; draw them"
              + " before it, into a tensor that the section reads");
    }
    Tensor y = device.uninitialized(type, shape);
    long first = generator.take(shape.size());
    device.kernels().indexing().random(generator.seed(), first, bound, y.asView());
    Tracer.current().operation("random numbers", y, new Tensor[0]);
    return y;
  }

  private static Tensor mapped(Formula formula, double[] numbers, Tensor y, Tensor... x) {
    View[] views = new View[x.length];
    for (int i = 0; i < x.length; i++) {
      views[i] = x[i].asView();
    }
    y.device().kernels().maps().map(formula, numbers, views, y.asView());
    return y;
  }

  /**
   * Uniform numbers in [0, 1): multiples of 2^-24, in double precision of 2^-53, of {@code F16} of
   * 2^-11 and {@code BF16} of 2^-8, which hold no closer ones near 1.
   */
  public static Tensor uniform(Device device, Generator generator, DType type, Shape shape) {
    Checks.that(type.isReal(), () -> "rand: real numbers, not " + type);
    if (type == DType.F64) {
      Tensor y = integers(device, generator, 1 << 27, type, shape);
      try (Tensor low = integers(device, generator, 1 << 26, type, shape)) {
        return mapped(DOUBLE, NONE, y, y, low);
      }
    }
    int bits = type == DType.F16 ? 11 : type == DType.BF16 ? 8 : BITS;
    Tensor y = integers(device, generator, 1 << bits, type, shape);
    return mapped(SCALED, new double[] {Math.scalb(1.0, -bits)}, y, y);
  }

  /** Numbers of mean 0 and variance 1, normally distributed. */
  public static Tensor normal(Device device, Generator generator, DType type, Shape shape) {
    Tensor y = uniform(device, generator, type, shape);
    try (Tensor angle = uniform(device, generator, type, shape)) {
      return mapped(NORMAL, NONE, y, y, angle);
    }
  }

  /** Integers low, ..., high - 1, each as likely as another but for high - low in 2^32. */
  public static Tensor integers(
      Device device, Generator generator, long low, long high, DType type, Shape shape) {
    Checks.that(
        low < high && high - low <= Integer.MAX_VALUE,
        () -> "randint: from " + low + " to " + high + " are not between 1 and 2^31 - 1 integers");
    Tensor y = integers(device, generator, high - low, type, shape);
    return low == 0 ? y : mapped(SHIFTED, new double[] {low}, y, y);
  }

  /**
   * The numbers 0, ..., n - 1 in random order: that of n random integers below 2^31 - 1, of which
   * equal ones stay in order.
   */
  public static Tensor permutation(Device device, Generator generator, int n) {
    try (Tensor keys = integers(device, generator, Integer.MAX_VALUE, DType.I32, Shape.of(n))) {
      return SortOp.argsort(keys, 0, false);
    }
  }

  /** 1 with the probability that each element of x names, else 0. */
  public static Tensor bernoulli(Tensor x, Generator generator) {
    Checks.that(x.type().isReal(), () -> "bernoulli of real numbers, not " + x.type());
    try (Autograd.Guard guard = Autograd.noGrad();
        Tensor u = uniform(x.device(), generator, x.type(), x.shape())) {
      return mapped(BELOW, NONE, Checks.like(x), u, x);
    }
  }

  /**
   * Zero with a probability, else x / (1 - p), so that the mean stays. Source: Srivastava et al.
   * 2014.
   *
   * @param dims of the decisions, which broadcast to x: [N, 1, ...] drops whole samples
   */
  public static Tensor dropout(Tensor x, double p, Generator generator, int... dims) {
    Checks.that(p >= 0 && p <= 1, () -> "dropout: a probability from 0 to 1, not " + p);
    Checks.that(x.type().isReal(), () -> "dropout of real numbers, not " + x.type());
    // Single precision holds the integers, and maps of one type take no conversions.
    DType type = x.type() == DType.F64 ? DType.F64 : DType.F32;
    Tensor factors = integers(x.device(), generator, 1 << BITS, type, Shape.of(dims));
    double[] numbers = {Math.rint(p / STEP), p == 1 ? 0 : 1 / (1 - p)};
    mapped(FACTOR, numbers, factors, factors);
    Tensor y = scaled(x, factors);
    return Autograd.record("dropout(x)", y, x, new Tensor[] {factors}, gy -> scaled(gy, factors));
  }

  private static Tensor scaled(Tensor x, Tensor factors) {
    Tensor y = Checks.like(x);
    View[] views = {x.asView(), factors.asView().expand(x.shape().dims())};
    x.device().kernels().maps().map(KEPT, NONE, views, y.asView());
    return y;
  }
}
