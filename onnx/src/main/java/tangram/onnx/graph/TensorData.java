package tangram.onnx.graph;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.FileFormatException;
import tangram.onnx.ElementType;
import tangram.onnx.Onnx.StringStringEntryProto;
import tangram.onnx.Onnx.TensorProto;
import tangram.onnx.OnnxException;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Device;
import tangram.tensor.Shape;

/** A tensor in a file: checked, but not yet converted. */
public final class TensorData {
  private final TensorProto message;
  private final Path file;
  private final ElementType type;
  private final int[] dims;
  private final int size;

  /**
   * Checks a message.
   *
   * @param file that holds it; files beside it may hold its elements
   * @throws FileFormatException if what the message declares does not agree with what it holds
   */
  public TensorData(TensorProto message, Path file) {
    this.message = message;
    this.file = file;
    this.type = ElementType.of(message.getDataType());
    if (type == null) {
      throw new OnnxException.Unsupported(
          "%s: tensor %s is of element type %s, which is not known."
              .formatted(file, quoted(), message.getDataType()));
    }
    if (type.storage() == null) {
      throw new OnnxException.Unsupported(
          file + ": tensor " + quoted() + " is of type " + type + ", which is not supported.");
    }
    this.dims = new int[message.getDimsCount()];
    long product = 1;
    for (int i = 0; i < dims.length; i++) {
      long dim = message.getDims(i);
      product = dim < 0 || dim > Integer.MAX_VALUE ? -1 : product * dim;
      if (product < 0 || product > Integer.MAX_VALUE - 64) {
        throw wrong("has impossible dimensions, " + message.getDimsList());
      }
      dims[i] = (int) dim;
    }
    this.size = (int) product;
    checkCounts();
  }

  private boolean isExternal() {
    return message.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  private long bytes() {
    return ((long) size * type.bits() + 7) / 8;
  }

  private void checkCounts() {
    if (isExternal()) {
      if (type == ElementType.STRING) {
        throw wrong("holds texts in a file of its own, which the format forbids");
      }
      return;
    }
    long held;
    long wanted = size;
    if (message.hasRawData()) {
      held = message.getRawData().size();
      wanted = bytes();
    } else {
      held =
          switch (type) {
            case FLOAT -> message.getFloatDataCount();
            case DOUBLE -> message.getDoubleDataCount();
            case INT64 -> message.getInt64DataCount();
            case UINT32, UINT64 -> message.getUint64DataCount();
            case STRING -> message.getStringDataCount();
            default -> message.getInt32DataCount();
          };
      wanted = type.bits() < 8 && type != ElementType.STRING ? bytes() : size;
    }
    if (held != wanted) {
      throw wrong(
          "of shape %s needs %s %s but has %s"
              .formatted(
                  Shape.of(dims), wanted, message.hasRawData() ? "bytes" : "elements", held));
    }
  }

  private String quoted() {
    return FileFormatException.quote(message.getName());
  }

  private FileFormatException wrong(String what) {
    return new FileFormatException(
        "%s: tensor %s %s; the file is damaged.".formatted(file, quoted(), what));
  }

  /** Its name. */
  public String name() {
    return message.getName();
  }

  /** The type of its elements. */
  public ElementType type() {
    return type;
  }

  /** Its dimensions. */
  public int[] dims() {
    return dims.clone();
  }

  /** The tensor on a device. */
  public OnnxTensor on(Device device) {
    if (type == ElementType.STRING) {
      String[] texts = new String[size];
      for (int i = 0; i < size; i++) {
        texts[i] = message.getStringData(i).toStringUtf8();
      }
      return OnnxTensor.of(device, texts, dims);
    }
    if (isExternal() || message.hasRawData()) {
      ByteBuffer bytes = isExternal() ? external() : message.getRawData().asReadOnlyByteBuffer();
      return OnnxTensor.of(device, type, raw(bytes.order(ByteOrder.LITTLE_ENDIAN)), dims);
    }
    return OnnxTensor.of(device, type, listed(), dims);
  }

  private Object listed() {
    switch (type) {
      case FLOAT:
        float[] floats = new float[size];
        for (int i = 0; i < size; i++) {
          floats[i] = message.getFloatData(i);
        }
        return floats;
      case DOUBLE:
        double[] doubles = new double[size];
        for (int i = 0; i < size; i++) {
          doubles[i] = message.getDoubleData(i);
        }
        return doubles;
      case INT64, UINT32, UINT64:
        long[] longs = new long[size];
        for (int i = 0; i < size; i++) {
          longs[i] = type == ElementType.INT64 ? message.getInt64Data(i) : message.getUint64Data(i);
        }
        return longs;
      default:
        // Integers and bits of short real numbers; numbers of less than a byte share it.
        int each = type.bits() < 8 ? 8 / type.bits() : 1;
        long[] bits = new long[size];
        for (int i = 0; i < size; i++) {
          int held = message.getInt32Data(i / each);
          bits[i] = each == 1 ? held : held >> i % each * type.bits();
        }
        return ofBits(type, bits);
    }
  }

  private Object raw(ByteBuffer bytes) {
    switch (type) {
      case FLOAT:
        float[] floats = new float[size];
        bytes.asFloatBuffer().get(floats);
        return floats;
      case DOUBLE:
        double[] doubles = new double[size];
        bytes.asDoubleBuffer().get(doubles);
        return doubles;
      case INT32:
        int[] ints = new int[size];
        bytes.asIntBuffer().get(ints);
        return ints;
      case INT64, UINT64:
        long[] longs = new long[size];
        bytes.asLongBuffer().get(longs);
        return longs;
      default:
        long[] bits = new long[size];
        for (int i = 0; i < size; i++) {
          bits[i] =
              switch (type.bits()) {
                case 32 -> bytes.getInt(4 * i);
                case 16 -> bytes.getShort(2 * i);
                case 8 -> bytes.get(i);
                default -> bytes.get((int) ((long) i * type.bits() / 8)) >> i * type.bits() % 8;
              };
        }
        return ofBits(type, bits);
    }
  }

  /** Elements of a type, of the lowest bits of some numbers: longs, floats or doubles. */
  public static Object ofBits(ElementType type, long[] bits) {
    int size = bits.length;
    if (type == ElementType.DOUBLE) {
      double[] doubles = new double[size];
      for (int i = 0; i < size; i++) {
        doubles[i] = Double.longBitsToDouble(bits[i]);
      }
      return doubles;
    }
    if (type.isInteger() || type == ElementType.BOOL) {
      for (int i = 0; i < size; i++) {
        bits[i] = type.wrap(bits[i]);
      }
      return bits;
    }
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] =
          switch (type) {
            case FLOAT -> Float.intBitsToFloat((int) bits[i]);
            case FLOAT16 -> Float.float16ToFloat((short) bits[i]);
            case BFLOAT16 -> Float.intBitsToFloat((int) bits[i] << 16);
            default -> TinyFloats.decode(type, (int) bits[i]);
          };
    }
    return floats;
  }

  private static Map<String, String> entries(List<StringStringEntryProto> list) {
    Map<String, String> map = new HashMap<>();
    list.forEach(entry -> map.put(entry.getKey(), entry.getValue()));
    return map;
  }

  /** The elements from a file beside the model, never from elsewhere. */
  private ByteBuffer external() {
    Map<String, String> where = entries(message.getExternalDataList());
    String location = where.getOrDefault("location", "");
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path path;
    long offset;
    long length;
    try {
      path = folder.resolve(location).normalize();
      offset = Long.parseLong(where.getOrDefault("offset", "0"));
      length = Long.parseLong(where.getOrDefault("length", Long.toString(bytes())));
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(
          "%s: tensor %s says wrongly where its elements are, %s; the file is damaged."
              .formatted(file, quoted(), FileFormatException.quote(where.toString())),
          e);
    }
    if (location.isEmpty() || !path.startsWith(folder) || path.equals(folder)) {
      throw wrong("has its elements outside the model's folder");
    }
    if (length != bytes()) {
      throw wrong("needs " + bytes() + " bytes of " + path + " but declares " + length);
    }
    try (FileChannel channel = FileChannel.open(path)) {
      if (!path.toRealPath().startsWith(folder.toRealPath())) {
        throw wrong("has its elements outside the model's folder");
      }
      if (offset < 0 || offset > channel.size() - length) {
        throw new FileFormatException(
            "%s: tensor %s needs bytes %s to %s of %s, which has %s; the file is incomplete."
                .formatted(file, quoted(), offset, offset + length, path, channel.size()));
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) length);
      while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) > 0) {
        // Until all is read.
      }
      return bytes.flip();
    } catch (IOException e) {
      throw new FileFormatException(
          "%s: cannot read %s, which holds tensor %s: %s."
              .formatted(file, path, quoted(), e.getMessage()),
          e);
    }
  }

  /** A text in a file. */
  static String text(ByteString bytes) {
    return bytes.toStringUtf8();
  }
}
