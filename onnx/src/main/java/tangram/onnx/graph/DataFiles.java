package tangram.onnx.graph;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tangram.nn.FileFormatException;
import tangram.onnx.Onnx.OptionalProto;
import tangram.onnx.Onnx.SequenceProto;
import tangram.onnx.Onnx.TensorProto;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxNothing;
import tangram.onnx.OnnxSequence;
import tangram.tensor.Device;

/** Values in files of their own, {@code .pb}, as those of ONNX's tests. */
public final class DataFiles {
  private static final int TENSORS = 1;
  private static final int SEQUENCES = 3;
  private static final int OPTIONALS = 5;

  private DataFiles() {}

  /**
   * Reads a value.
   *
   * @param kind as {@link ValueType#kind} says it, which the file does not
   */
  public static OnnxData read(Path file, String kind, Device device) {
    return switch (kind) {
      case "seq" ->
          sequence(ModelReader.parse(file, SequenceProto::parseFrom, "sequence"), file, device);
      case "optional" ->
          optional(ModelReader.parse(file, OptionalProto::parseFrom, "optional"), file, device);
      default ->
          new TensorData(ModelReader.parse(file, TensorProto::parseFrom, "tensor"), file)
              .on(device);
    };
  }

  private static OnnxData sequence(SequenceProto message, Path file, Device device) {
    List<OnnxData> items = new ArrayList<>();
    switch (message.getElemType()) {
      case 0, TENSORS ->
          message.getTensorValuesList().forEach(t -> items.add(new TensorData(t, file).on(device)));
      case SEQUENCES ->
          message.getSequenceValuesList().forEach(s -> items.add(sequence(s, file, device)));
      case OPTIONALS ->
          message.getOptionalValuesList().forEach(o -> items.add(optional(o, file, device)));
      default -> throw unknown(file, message.getElemType());
    }
    return new OnnxSequence(items);
  }

  private static OnnxData optional(OptionalProto message, Path file, Device device) {
    return switch (message.getElemType()) {
      case 0 -> OnnxNothing.NOTHING;
      case TENSORS ->
          message.hasTensorValue()
              ? new TensorData(message.getTensorValue(), file).on(device)
              : OnnxNothing.NOTHING;
      case SEQUENCES ->
          message.hasSequenceValue()
              ? sequence(message.getSequenceValue(), file, device)
              : OnnxNothing.NOTHING;
      default -> throw unknown(file, message.getElemType());
    };
  }

  private static FileFormatException unknown(Path file, int kind) {
    return new FileFormatException(
        file + ": values of kind " + kind + " are not known; sequences of tensors are.");
  }
}
