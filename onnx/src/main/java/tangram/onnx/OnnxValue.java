package tangram.onnx;

import java.util.List;
import tangram.onnx.Onnx.TensorShapeProto;
import tangram.onnx.Onnx.TypeProto;
import tangram.onnx.Onnx.ValueInfoProto;
import tangram.tensor.DType;
import tangram.tensor.Shape;

/**
 * An input or output of an ONNX model.
 *
 * @param name by which programs feed or fetch it
 * @param documentation what it holds
 * @param dims each a number, or the name of a dimension that may have any size
 */
public record OnnxValue(String name, String documentation, List<String> dims) {
  /** Copies the list. */
  public OnnxValue {
    dims = List.copyOf(dims);
  }

  /**
   * Checks that a tensor can be this value.
   *
   * @throws IllegalArgumentException if not
   */
  void requireFit(Shape shape) {
    boolean fits = shape.rank() == dims.size();
    for (int i = 0; fits && i < dims.size(); i++) {
      fits = !isNumber(dims.get(i)) || Integer.parseInt(dims.get(i)) == shape.dim(i);
    }
    if (!fits) {
      throw new IllegalArgumentException("'" + name + "' is " + shape + " instead of " + dims);
    }
  }

  /** How a file declares it. */
  ValueInfoProto message(DType type) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String dim : dims) {
      if (isNumber(dim)) {
        shape.addDimBuilder().setDimValue(Long.parseLong(dim));
      } else {
        shape.addDimBuilder().setDimParam(dim);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(ElementType.of(type).code())
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .setDocString(documentation)
        .build();
  }

  static boolean isNumber(String dim) {
    return dim.matches("\\d+");
  }
}
