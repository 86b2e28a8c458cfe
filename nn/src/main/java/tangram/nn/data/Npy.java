package tangram.nn.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.AtomicFile;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Files of one array in NumPy's format: {@code numpy.save} and {@code numpy.load}. Source: <a
 * href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final Pattern HEADER =
      Pattern.compile(
          "\\s*\\{\\s*'descr':\\s*'([<>|=])([a-z]\\d+)',\\s*'fortran_order':\\s*(True|False),"
              + "\\s*'shape':\\s*\\(([0-9, ]*)\\),?\\s*\\}\\s*");

  private static final Set<String> TYPES =
      Set.of("f2", "f4", "f8", "b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8");

  private static final int MAX_HEADER = 1 << 16;

  /** The data begin at a multiple of it. */
  private static final int ALIGNMENT = 64;

  private Npy() {}

  /**
   * Reads an array. Integers shorter than 32 bits become {@code I32}; {@code uint32} becomes {@code
   * I64}.
   *
   * @throws DataException if the file is missing, damaged, or holds another kind of array
   */
  public static Tensor read(Path file, Device device) {
    return Bytes.read(file, in -> read(file, in, device));
  }

  private static Tensor read(Path file, InputStream in, Device device) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw new DataException(file + ": is no array of NumPy; name a file that numpy.save wrote.");
    }
    boolean old = start[6] == 1;
    ByteBuffer size =
        ByteBuffer.wrap(Bytes.exactly(file, in, old ? 2 : 4)).order(ByteOrder.LITTLE_ENDIAN);
    int length = old ? size.getShort() & 0xffff : size.getInt();
    if (start[6] < 1 || start[6] > 3 || length < 0 || length > MAX_HEADER) {
      throw Bytes.damaged(file, "its header has an impossible version or length", null);
    }
    String text = new String(Bytes.exactly(file, in, length), StandardCharsets.UTF_8);
    Matcher header = HEADER.matcher(text);
    if (!header.matches()) {
      throw new DataException(
          "%s: holds no plain array of numbers (%s); save one with numpy.save."
              .formatted(file, text.strip()));
    }
    int[] dims = dims(file, header.group(4));
    String type = header.group(2);
    if (!TYPES.contains(type)) {
      throw new DataException(
          "%s: holds elements of NumPy's type '%s', which is not supported; convert it."
              .formatted(file, type));
    }
    int width = Integer.parseInt(type.substring(1));
    long bytes = width;
    for (int dim : dims) {
      bytes *= dim;
      if (bytes > Integer.MAX_VALUE - 8) {
        throw Bytes.damaged(file, "it declares more than 2 GiB", null);
      }
    }
    ByteBuffer data = ByteBuffer.wrap(Bytes.exactly(file, in, (int) bytes));
    if (in.read() >= 0) {
      throw Bytes.damaged(file, "bytes follow its array", null);
    }
    data.order(header.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    boolean columns = header.group(3).equals("True") && dims.length > 1;
    int[] stored = columns ? reversed(dims) : dims;
    Tensor array = tensor(type, data, Shape.of(stored), device);
    return columns ? array.permute(reversed(axes(dims.length))).contiguous() : array;
  }

  private static int[] dims(Path file, String text) {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(dim -> !dim.isEmpty())
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw Bytes.damaged(file, "its shape is (" + text + ")", e);
    }
  }

  private static int[] axes(int rank) {
    int[] axes = new int[rank];
    Arrays.setAll(axes, i -> i);
    return axes;
  }

  private static int[] reversed(int[] numbers) {
    int[] result = new int[numbers.length];
    Arrays.setAll(result, i -> numbers[numbers.length - 1 - i]);
    return result;
  }

  private static Tensor tensor(String type, ByteBuffer data, Shape shape, Device device) {
    int n = shape.size();
    switch (type) {
      case "f2", "f4" -> {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
          values[i] = type.equals("f4") ? data.getFloat() : Float.float16ToFloat(data.getShort());
        }
        DType kept = type.equals("f4") ? DType.F32 : DType.F16;
        return device.uninitialized(kept, shape).copyFrom(values, 0);
      }
      case "f8" -> {
        double[] values = new double[n];
        data.asDoubleBuffer().get(values);
        return device.uninitialized(DType.F64, shape).copyFrom(values, 0);
      }
      case "b1" -> {
        boolean[] values = new boolean[n];
        for (int i = 0; i < n; i++) {
          values[i] = data.get() != 0;
        }
        return device.tensor(values, shape.dims());
      }
      case "i8", "u4" -> {
        long[] values = new long[n];
        for (int i = 0; i < n; i++) {
          values[i] = type.equals("i8") ? data.getLong() : data.getInt() & 0xffffffffL;
        }
        return device.tensor(values, shape.dims());
      }
      default -> {
        int[] values = new int[n];
        for (int i = 0; i < n; i++) {
          values[i] = shortInteger(type, data);
        }
        return device.tensor(values, shape.dims());
      }
    }
  }

  private static int shortInteger(String type, ByteBuffer data) {
    return switch (type) {
      case "i1" -> data.get();
      case "u1" -> data.get() & 0xff;
      case "i2" -> data.getShort();
      case "u2" -> data.getShort() & 0xffff;
      default -> data.getInt();
    };
  }

  /**
   * Writes an array; {@code BF16}, which NumPy lacks, as {@code float32}.
   *
   * @throws tangram.nn.FileWriteException if the file cannot be written
   */
  public static void write(Tensor array, Path file) {
    List<String> dims = Arrays.stream(array.shape().dims()).mapToObj(Integer::toString).toList();
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(
                descr(array.type()), String.join(", ", dims) + (dims.size() == 1 ? "," : ""));
    int before = MAGIC.length + 4;
    int padded = (before + header.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT - before;
    ByteBuffer data = elements(array);
    ByteBuffer all =
        ByteBuffer.allocate(before + padded + data.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    all.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) padded);
    all.put(
        (header + " ".repeat(padded - header.length() - 1) + "\n")
            .getBytes(StandardCharsets.US_ASCII));
    all.put(data);
    AtomicFile.write(file, all.array());
  }

  private static String descr(DType type) {
    return switch (type) {
      case F32, BF16 -> "<f4";
      case F16 -> "<f2";
      case F64 -> "<f8";
      case I32 -> "<i4";
      case I64 -> "<i8";
      case BOOL -> "|b1";
    };
  }

  private static ByteBuffer elements(Tensor array) {
    int width = Integer.parseInt(descr(array.type()).substring(2));
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(array.size(), width)).order(ByteOrder.LITTLE_ENDIAN);
    switch (array.type()) {
      case F32, BF16 -> data.asFloatBuffer().put(array.toFloats());
      case F16 -> {
        for (float value : array.toFloats()) {
          data.putShort(Float.floatToFloat16(value));
        }
        data.flip();
      }
      case F64 -> data.asDoubleBuffer().put(array.toDoubles());
      case I32 -> data.asIntBuffer().put(array.toInts());
      case I64 -> data.asLongBuffer().put(array.toLongs());
      case BOOL -> {
        for (boolean value : array.toBooleans()) {
          data.put((byte) (value ? 1 : 0));
        }
        data.flip();
      }
    }
    return data;
  }
}
