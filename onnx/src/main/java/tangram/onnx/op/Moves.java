package tangram.onnx.op;

import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** Elements taken by places that are computed on the host. */
final class Moves {
  private Moves() {}

  /** Indices of a place in row-major order. */
  static int[] indices(int place, int[] dims) {
    int[] at = new int[dims.length];
    for (int d = dims.length - 1; d >= 0; d--) {
      at[d] = place % dims[d];
      place /= dims[d];
    }
    return at;
  }

  /** The place of indices. */
  static int place(int[] at, int[] dims) {
    int place = 0;
    for (int d = 0; d < dims.length; d++) {
      place = place * dims[d] + at[d];
    }
    return place;
  }

  /** The product of some dimensions. */
  static int size(int[] dims, int from, int to) {
    int size = 1;
    for (int d = from; d < to; d++) {
      size *= dims[d];
    }
    return size;
  }

  /** Places as a tensor of a device's indices. */
  static Tensor index(Device device, long[] places, int... dims) {
    ElementType type = device.has(DType.I64) ? ElementType.INT64 : ElementType.INT32;
    return OnnxTensor.of(device, type, places, dims).tensor();
  }

  /** Elements by their places in row-major order. */
  static Tensor take(Tensor x, long[] places, int... dims) {
    Tensor index = index(x.device(), places, places.length);
    return x.reshape(x.size()).indexSelect(0, index).reshape(dims);
  }
}
