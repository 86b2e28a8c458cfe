package tangram.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Collects named tensors and writes them as a safetensors file: real numbers as F32, integers as
 * I32, in the order they were put, metadata in the order of their keys, and a checksum of the whole
 * file. Nothing is copied before {@link #write}, which holds one tensor at a time in host memory.
 */
public final class SafeTensorsWriter {
  private static final int CHUNK_BYTES = 1 << 20;

  private final Map<String, Item> items = new LinkedHashMap<>();

  /** Sorted, so that the bytes of a file do not depend on the order in which a caller's map is. */
  private final Map<String, String> metadata = new TreeMap<>();

  /** Values are a Tensor, a float[] or an int[]. */
  private record Item(SafeTensorsType type, Shape shape, Object values) {}

  SafeTensorsWriter() {}

  /**
   * Adds a tensor; its elements are read when the file is written.
   *
   * @throws IllegalArgumentException if there is one of that name already
   */
  public SafeTensorsWriter put(String name, Tensor tensor) {
    // Asking for the memory fails here rather than in the middle of writing.
    tensor.buffer();
    SafeTensorsType type = tensor.type() == DType.F32 ? SafeTensorsType.F32 : SafeTensorsType.I32;
    return put(name, new Item(type, tensor.shape(), tensor));
  }

  /**
   * Adds real numbers; the array must not change before the file is written.
   *
   * @param dims the shape, as many elements as the array has; none for a scalar
   * @throws IllegalArgumentException if there is a tensor of that name already or the shape does
   *     not fit
   */
  public SafeTensorsWriter put(String name, float[] values, int... dims) {
    return put(name, new Item(SafeTensorsType.F32, shape(name, values.length, dims), values));
  }

  /**
   * Adds integers; the array must not change before the file is written.
   *
   * @param dims the shape, as many elements as the array has; none for a scalar
   * @throws IllegalArgumentException if there is a tensor of that name already or the shape does
   *     not fit
   */
  public SafeTensorsWriter put(String name, int[] values, int... dims) {
    return put(name, new Item(SafeTensorsType.I32, shape(name, values.length, dims), values));
  }

  /**
   * Adds a string beside the tensors.
   *
   * @throws IllegalArgumentException if there is one of that key already, or the checksum is called
   *     so
   */
  public SafeTensorsWriter metadata(String key, String value) {
    checkText(key);
    checkText(value);
    if (SafeTensorsChecksum.KEYS.contains(key)) {
      throw new IllegalArgumentException("the metadata '" + key + "' is set by the writer");
    }
    if (metadata.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("there is metadata '" + key + "' already");
    }
    return this;
  }

  /**
   * Writes the file whole or not at all, replacing what was there.
   *
   * @throws FileWriteException if it cannot be written
   */
  public void write(Path file) {
    byte[] header = header().getBytes(StandardCharsets.UTF_8);
    int padding = -header.length & (Long.BYTES - 1);
    if (header.length + padding > SafeTensorsHeader.MAX_BYTES) {
      throw new IllegalArgumentException(
          "a header of " + header.length + " bytes: too many names or too much metadata");
    }
    AtomicFile.write(
        file,
        channel -> {
          Output out = new Output(channel);
          out.putLong(header.length + padding);
          for (byte b : header) {
            out.putByte(b);
          }
          for (int i = 0; i < padding; i++) {
            out.putByte((byte) ' ');
          }
          for (Item item : items.values()) {
            write(item, out);
          }
          out.flush();
          out.checksum.store(channel);
        });
  }

  private static void write(Item item, Output out) throws IOException {
    Object values = item.values;
    if (values instanceof Tensor) {
      Tensor tensor = (Tensor) values;
      values = item.type.isReal() ? tensor.toFloats() : tensor.toInts();
    }
    if (values instanceof float[]) {
      for (float value : (float[]) values) {
        out.putInt(Float.floatToRawIntBits(value));
      }
    } else {
      for (int value : (int[]) values) {
        out.putInt(value);
      }
    }
  }

  private String header() {
    StringBuilder json = new StringBuilder("{");
    quote(SafeTensorsHeader.METADATA, json);
    json.append(":{");
    // First, since its place in the file must be known.
    quote(SafeTensorsChecksum.KEY, SafeTensorsChecksum.UNKNOWN, json);
    quote(SafeTensorsChecksum.MARK, SafeTensorsChecksum.KEY, json);
    metadata.forEach((key, value) -> quote(key, value, json));
    json.setCharAt(json.length() - 1, '}');
    json.append(',');
    long offset = 0;
    for (Map.Entry<String, Item> named : items.entrySet()) {
      Item item = named.getValue();
      long end = offset + (long) item.shape.size() * item.type.bytes();
      quote(named.getKey(), json);
      json.append(":{\"dtype\":\"").append(item.type);
      json.append("\",\"shape\":").append(item.shape.toString().replace(" ", ""));
      json.append(",\"data_offsets\":[").append(offset).append(',').append(end).append("]},");
      offset = end;
    }
    json.setLength(json.length() - 1);
    return json.append('}').toString();
  }

  private static void quote(String key, String value, StringBuilder json) {
    quote(key, json);
    json.append(':');
    quote(value, json);
    json.append(',');
  }

  private static void quote(String s, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20) {
        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }

  private SafeTensorsWriter put(String name, Item item) {
    checkText(name);
    if (name.equals(SafeTensorsHeader.METADATA)) {
      throw new IllegalArgumentException("no tensor can be called '" + name + "'");
    }
    if (items.putIfAbsent(name, item) != null) {
      throw new IllegalArgumentException("there is a tensor '" + name + "' already");
    }
    return this;
  }

  private static Shape shape(String name, int length, int[] dims) {
    Shape shape = Shape.of(dims);
    if (shape.size() != length) {
      throw new IllegalArgumentException(length + " elements for '" + name + "' of shape " + shape);
    }
    return shape;
  }

  /** Half a surrogate pair has no UTF-8; encoding it leniently would change the text. */
  private static void checkText(String text) {
    try {
      StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("'" + text + "' is not valid Unicode", e);
    }
  }

  /** Little-endian output in chunks, summed as it goes. */
  private static final class Output {
    final SafeTensorsChecksum checksum = new SafeTensorsChecksum();
    private final FileChannel channel;
    private final ByteBuffer chunk =
        ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    Output(FileChannel channel) {
      this.channel = channel;
    }

    void putByte(byte value) throws IOException {
      reserve(Byte.BYTES);
      chunk.put(value);
    }

    void putInt(int value) throws IOException {
      reserve(Integer.BYTES);
      chunk.putInt(value);
    }

    void putLong(long value) throws IOException {
      reserve(Long.BYTES);
      chunk.putLong(value);
    }

    void flush() throws IOException {
      chunk.flip();
      checksum.update(chunk.duplicate());
      while (chunk.hasRemaining()) {
        channel.write(chunk);
      }
      chunk.clear();
    }

    private void reserve(int bytes) throws IOException {
      if (chunk.remaining() < bytes) {
        flush();
      }
    }
  }
}
