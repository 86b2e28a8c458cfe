package tangram.onnx;

import java.util.Arrays;
import java.util.Objects;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * A constant as it was in one run of a network.
 *
 * @param kind what it is for
 * @param type of the elements
 * @param dims its dimensions
 * @param values double[], long[] (of integers and booleans)
 */
record OnnxConstant(Kind kind, DType type, int[] dims, Object values) {
  /** What a constant is for, which says how it may follow the sizes of the inputs. */
  enum Kind {
    /** Sizes and places, each by itself. */
    SIZES,
    /** A new shape, of which one size may be left open. */
    SHAPE,
    /** One number. */
    NUMBER,
    /** An array that the network was made with. */
    ARRAY
  }

  static OnnxConstant sizes(Kind kind, boolean scalar, long... values) {
    return new OnnxConstant(
        kind, DType.I64, scalar ? new int[0] : new int[] {values.length}, values);
  }

  static OnnxConstant number(double value, DType type) {
    Object values =
        type.isReal() ? (Object) new double[] {value} : (Object) new long[] {(long) value};
    return new OnnxConstant(Kind.NUMBER, type, new int[0], values);
  }

  /** The elements of a tensor as they are now. */
  static OnnxConstant of(Tensor x) {
    Object values;
    if (x.type() == DType.BOOL) {
      boolean[] truths = x.toBooleans();
      long[] bits = new long[truths.length];
      Arrays.setAll(bits, i -> truths[i] ? 1 : 0);
      values = bits;
    } else {
      values = x.type().isReal() ? (Object) x.toDoubles() : (Object) x.toLongs();
    }
    return new OnnxConstant(Kind.ARRAY, x.type(), x.shape().dims(), values);
  }

  int size() {
    return values instanceof long[] ? ((long[]) values).length : ((double[]) values).length;
  }

  double at(int i) {
    return values instanceof long[] ? ((long[]) values)[i] : ((double[]) values)[i];
  }

  /** The same number everywhere. */
  boolean isUniform() {
    for (int i = 1; i < size(); i++) {
      if (Double.compare(at(i), at(0)) != 0) {
        return false;
      }
    }
    return size() > 0;
  }

  /** 0, 1, 2, ... */
  boolean isRange() {
    for (int i = 0; i < size(); i++) {
      if (at(i) != i) {
        return false;
      }
    }
    return true;
  }

  boolean isSame(OnnxConstant other) {
    return type == other.type
        && Arrays.equals(dims, other.dims)
        && Objects.deepEquals(values, other.values);
  }
}
