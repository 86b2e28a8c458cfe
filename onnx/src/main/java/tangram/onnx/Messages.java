package tangram.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.AttributeProto.AttributeType;
import tangram.onnx.Onnx.TensorProto;
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

  static TensorProto tensor(String name, Tensor tensor) {
    return tensor(name, tensor.shape().dims(), tensor.toFloats());
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
