package tangram.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.AttributeProto.AttributeType;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.TensorProto;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/** ONNX's messages of Java values. */
final class Messages {
  private Messages() {}

  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setF(value)
        .setType(AttributeType.FLOAT)
        .build();
  }

  static AttributeProto attribute(String name, int value) {
    return AttributeProto.newBuilder().setName(name).setI(value).setType(AttributeType.INT).build();
  }

  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setS(ByteString.copyFromUtf8(value))
        .setType(AttributeType.STRING)
        .build();
  }

  static AttributeProto attribute(String name, int... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (int value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  static AttributeProto attribute(String name, GraphProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setG(value)
        .setType(AttributeType.GRAPH)
        .build();
  }

  static AttributeProto attribute(String name, OnnxConstant value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setT(tensor("", value))
        .setType(AttributeType.TENSOR)
        .build();
  }

  static TensorProto tensor(String name, Tensor tensor) {
    return tensor.type() == DType.F32
        ? tensor(name, tensor.shape().dims(), tensor.toFloats())
        : tensor(name, OnnxConstant.of(tensor));
  }

  static TensorProto tensor(String name, OnnxConstant constant) {
    int count = constant.size();
    ByteBuffer bytes =
        ByteBuffer.allocate(count * constant.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (constant.type()) {
        case F32 -> bytes.putFloat((float) constant.at(i));
        case F64 -> bytes.putDouble(constant.at(i));
        case F16 -> bytes.putShort(Float.floatToFloat16((float) constant.at(i)));
        // Their elements have no lower half.
        case BF16 ->
            bytes.putShort((short) (Float.floatToRawIntBits((float) constant.at(i)) >>> 16));
        case I32 -> bytes.putInt((int) ((long[]) constant.values())[i]);
        case I64 -> bytes.putLong(((long[]) constant.values())[i]);
        case BOOL -> bytes.put((byte) ((long[]) constant.values())[i]);
      }
    }
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(ElementType.of(constant.type()).code())
            .setRawData(UnsafeByteOperations.unsafeWrap(bytes.flip()));
    for (int dim : constant.dims()) {
      tensor.addDims(dim);
    }
    return tensor.build();
  }

  /** A tensor of one dimension. */
  static TensorProto tensor(String name, float[] values) {
    return tensor(name, new int[] {values.length}, values);
  }

  private static TensorProto tensor(String name, int[] dims, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            // Nobody else has the buffer.
            .setRawData(UnsafeByteOperations.unsafeWrap(bytes));
    for (int dim : dims) {
      tensor.addDims(dim);
    }
    return tensor.build();
  }
}
