package tangram.onnx.op;

import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;
import tangram.tensor.op.MapOp;

/** Functions of whole numbers that tensors lack, computed on the host exactly. */
final class Integers {
  /** A function of two numbers. */
  interface Op {
    long of(long a, long b);
  }

  private Integers() {}

  /** A function of two tensors, which broadcast; the lowest bits that the first one's type has. */
  static OnnxTensor map(Call c, OnnxTensor a, OnnxTensor b, Op op) {
    return map(c, a, b, a.type(), op);
  }

  /** As the other, with results of a type. */
  static OnnxTensor map(Call c, OnnxTensor a, OnnxTensor b, ElementType type, Op op) {
    Tensor first = a.tensor().to(c.host());
    Tensor second = b.tensor().to(c.host());
    int[] dims = MapOp.broadcast("the operator", first, second).dims();
    long[] x = first.expand(dims).toLongs();
    long[] y = second.expand(dims).toLongs();
    long[] result = new long[x.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = type.wrap(op.of(x[i], y[i]));
    }
    return c.result(type, result, dims);
  }

  /**
   * A whole number to a whole power, in 64 bits; to a negative one, what a fraction truncates to.
   */
  static long power(long base, long exponent) {
    if (exponent < 0) {
      if (base == 0) {
        throw new IllegalArgumentException("0 to a negative power");
      }
      return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
    }
    long result = 1;
    long factor = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      result *= (rest & 1) == 1 ? factor : 1;
      factor *= factor;
    }
    return result;
  }
}
