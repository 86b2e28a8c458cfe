package tangram.onnx;

import java.util.Arrays;
import tangram.onnx.graph.TinyFloats;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * A tensor with an element type of ONNX.
 *
 * @param type of the elements
 * @param tensor the elements as {@link ElementType#storage} keeps them; of texts, places in the
 *     list
 * @param texts what the places of texts mean; else null
 */
public record OnnxTensor(ElementType type, Tensor tensor, String[] texts) implements OnnxData {
  /** Checks that the tensor is of the type that keeps such elements. */
  public OnnxTensor {
    if (type.storage() == null) {
      throw new OnnxException.Unsupported("Tensors of type " + type + " are not supported.");
    }
    if (tensor.type() != type.storage() || (type == ElementType.STRING) != (texts != null)) {
      throw new IllegalArgumentException(
          "elements of type %s are kept as %s, not as %s"
              .formatted(type, type.storage(), tensor.type()));
    }
  }

  /** A tensor of numbers or of true and false. */
  public OnnxTensor(ElementType type, Tensor tensor) {
    this(type, tensor, null);
  }

  /** A tensor as ONNX sees it. */
  public static OnnxTensor of(Tensor tensor) {
    return new OnnxTensor(ElementType.of(tensor.type()), tensor);
  }

  /**
   * Elements of a type, as a tensor keeps them.
   *
   * @param name what messages call the value
   * @throws OnnxException if the tensor is of another type, or holds a number that the type lacks
   */
  public static OnnxTensor of(String name, ElementType type, Tensor tensor) {
    if (type.storage() != tensor.type() || type == ElementType.STRING) {
      throw new OnnxException("%s is of type %s, not %s.".formatted(name, type, tensor.type()));
    }
    if (type.isNarrow()) {
      for (long element : tensor.toLongs()) {
        if (type.wrap(element) != element) {
          throw new OnnxException(
              "%s is of type %s, which has no %s.".formatted(name, type, element));
        }
      }
    }
    if (type.isTiny()) {
      for (double element : tensor.toDoubles()) {
        if (Double.compare(TinyFloats.round(type, element, true, "up"), element) != 0) {
          throw new OnnxException(
              "%s is of type %s, which has no %s.".formatted(name, type, element));
        }
      }
    }
    return new OnnxTensor(type, tensor);
  }

  /** Texts; their places lie on a CPU device. */
  public static OnnxTensor of(Device host, String[] texts, int... dims) {
    long[] places = new long[texts.length];
    Arrays.setAll(places, i -> i);
    return new OnnxTensor(ElementType.STRING, host.tensor(places, dims), texts.clone());
  }

  /**
   * Elements on a device.
   *
   * @param array {@code float[]}, {@code double[]}, {@code int[]}, {@code long[]} or {@code
   *     boolean[]}, of numbers that the type has
   */
  public static OnnxTensor of(Device device, ElementType type, Object array, int... dims) {
    DType storage = type.storage();
    Tensor tensor = device.uninitialized(storage, Shape.of(dims));
    if (storage == DType.BOOL && array instanceof long[]) {
      long[] values = (long[]) array;
      boolean[] truth = new boolean[values.length];
      for (int i = 0; i < truth.length; i++) {
        truth[i] = values[i] != 0;
      }
      tensor.copyFrom(truth, 0);
    } else if (storage == DType.I32 && array instanceof long[]) {
      long[] values = (long[]) array;
      int[] ints = new int[values.length];
      for (int i = 0; i < ints.length; i++) {
        ints[i] = (int) values[i];
      }
      tensor.copyFrom(ints, 0);
    } else if (array instanceof long[]) {
      tensor.copyFrom((long[]) array, 0);
    } else if (array instanceof int[]) {
      tensor.copyFrom((int[]) array, 0);
    } else if (array instanceof boolean[]) {
      tensor.copyFrom((boolean[]) array, 0);
    } else if (array instanceof double[]) {
      tensor.copyFrom((double[]) array, 0);
    } else {
      tensor.copyFrom((float[]) array, 0);
    }
    return new OnnxTensor(type, tensor);
  }

  /** The dimensions. */
  public int[] dims() {
    return tensor.shape().dims();
  }

  /** The number of elements. */
  public int size() {
    return tensor.size();
  }

  /** The texts, in row-major order. */
  public String[] strings() {
    if (texts == null) {
      throw new OnnxException("a tensor of type " + type + " holds no texts");
    }
    long[] places = tensor.toLongs();
    String[] result = new String[places.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = texts[(int) places[i]];
    }
    return result;
  }

  /** Whole numbers, or 1 and 0 for true and false; of UINT64, the bits. */
  public long[] longs() {
    if (type == ElementType.BOOL) {
      boolean[] truth = tensor.toBooleans();
      long[] values = new long[truth.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = truth[i] ? 1 : 0;
      }
      return values;
    }
    if (!type.isInteger()) {
      throw new OnnxException("whole numbers are needed, not elements of type " + type);
    }
    return tensor.toLongs();
  }

  /** Elements as real numbers. */
  public double[] doubles() {
    if (tensor.type().isReal()) {
      return tensor.toDoubles();
    }
    long[] values = longs();
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = type == ElementType.UINT64 ? unsigned(values[i]) : values[i];
    }
    return result;
  }

  private static double unsigned(long bits) {
    // Half of it, with the last bit kept for rounding, twice.
    return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
  }

  @Override
  public String toString() {
    if (texts != null) {
      return "string" + tensor.shape() + " " + Arrays.toString(strings());
    }
    return type + "" + tensor.shape() + " " + tensor;
  }
}
