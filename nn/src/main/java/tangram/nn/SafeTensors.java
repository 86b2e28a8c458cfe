package tangram.nn;

import static tangram.nn.FileFormatException.quote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tangram.tensor.Shape;

/**
 * A file of named tensors in the safetensors format.
 *
 * <p>The file is 8 bytes with the length of the header (little-endian), the header, a JSON object
 * {@code {name: {"dtype", "shape", "data_offsets"}, ..., "__metadata__": {string: string}}}, and
 * the elements of the tensors, little-endian and row-major. It can hold no code, unlike a pickle.
 * Source: <a href="https://github.com/huggingface/safetensors">huggingface/safetensors</a>.
 *
 * <p>{@link #read} checks the header completely before anything of the size that it announces is
 * allocated; the elements are read when asked for, one tensor at a time, so files may be larger
 * than memory. The file stays open until then: one that replaces it meanwhile, as a training run
 * does, is not mixed with it. Types that are read: F64, F32, F16, BF16 as float and I64, I32, U8 as
 * int.
 */
public final class SafeTensors implements TensorSource {
  /** A multiple of every element's size. */
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final long fileSize;
  private final SafeTensorsHeader header;

  private SafeTensors(Path file, FileChannel channel, long fileSize, SafeTensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.fileSize = fileSize;
    this.header = header;
  }

  /**
   * Opens a file, checks its header, and compares its whole content with its checksum, which files
   * have that {@link #writer} wrote.
   *
   * @throws FileFormatException if it cannot be read, breaks any rule of the format or is damaged
   */
  public static SafeTensors read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(
          file
              + (Files.exists(file) ? ": is not a regular file" : ": there is no such file")
              + "; check the path.");
    }
    FileChannel channel = null;
    SafeTensors opened = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      SafeTensorsHeader header = SafeTensorsHeader.read(file, channel);
      if (SafeTensorsChecksum.isAnnounced(header.metadata())) {
        SafeTensorsChecksum.verify(file, channel);
      }
      opened = new SafeTensors(file, channel, channel.size(), header);
      return opened;
    } catch (IOException e) {
      throw unreadable(file, e);
    } finally {
      if (channel != null && opened == null) {
        close(file, channel);
      }
    }
  }

  /** Closes the file; what was read stays. */
  @Override
  public void close() {
    close(file, channel);
  }

  private static void close(Path file, FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Starts a file. */
  public static SafeTensorsWriter writer() {
    return new SafeTensorsWriter();
  }

  /** Where this was read from. */
  @Override
  public Path file() {
    return file;
  }

  /** The names of the tensors, in the order of the header. */
  @Override
  public List<String> names() {
    return List.copyOf(header.entries().keySet());
  }

  /** Whether there is a tensor of that name. */
  @Override
  public boolean contains(String name) {
    return header.entries().containsKey(name);
  }

  /** The strings stored beside the tensors, but for the checksum; empty where there are none. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
    metadata.keySet().removeAll(SafeTensorsChecksum.KEYS);
    return Collections.unmodifiableMap(metadata);
  }

  /** Whether the content was compared with a checksum. */
  boolean isChecked() {
    return SafeTensorsChecksum.isAnnounced(header.metadata());
  }

  /**
   * The dimensions of a tensor.
   *
   * @throws FileFormatException if there is none of that name
   */
  @Override
  public Shape shape(String name) {
    return entry(name).shape();
  }

  /** The format's name of a tensor's element type, such as F32. */
  @Override
  public String dtype(String name) {
    return entry(name).type().name();
  }

  /** Whether a tensor's elements are real numbers, for {@link #floats}, or integers. */
  @Override
  public boolean isReal(String name) {
    return entry(name).type().isReal();
  }

  /**
   * Reads a tensor of real numbers. F32, F16 and BF16 are exact; F64 is rounded.
   *
   * @throws FileFormatException if there is none of that name, it holds integers, or a finite F64
   *     does not fit a float
   */
  public float[] floats(String name) {
    SafeTensorsHeader.Entry entry = entry(name);
    if (!entry.type().isReal()) {
      throw wrongKind(entry, "real numbers");
    }
    float[] values = new float[entry.shape().size()];
    int[] at = {0};
    readData(
        entry,
        chunk -> {
          int count = chunk.remaining() / entry.type().bytes();
          decode(entry, chunk, values, at[0], count);
          at[0] += count;
        });
    return values;
  }

  /**
   * Reads a tensor of real numbers for a network.
   *
   * @throws FileFormatException as {@link #floats}, or if one is not finite
   */
  @Override
  public float[] finiteFloats(String name) {
    float[] values = floats(name);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new FileFormatException(
            file
                + ": "
                + quote(name)
                + " holds "
                + value
                + "; use weights that are finite numbers.");
      }
    }
    return values;
  }

  /**
   * Reads a tensor of integers.
   *
   * @throws FileFormatException if there is none of that name, it holds real numbers, or an I64
   *     does not fit an int
   */
  @Override
  public int[] ints(String name) {
    SafeTensorsHeader.Entry entry = entry(name);
    if (entry.type().isReal()) {
      throw wrongKind(entry, "integers");
    }
    int[] values = new int[entry.shape().size()];
    int[] at = {0};
    readData(
        entry,
        chunk -> {
          int count = chunk.remaining() / entry.type().bytes();
          decode(entry, chunk, values, at[0], count);
          at[0] += count;
        });
    return values;
  }

  private void decode(
      SafeTensorsHeader.Entry entry, ByteBuffer chunk, float[] values, int from, int count) {
    switch (entry.type()) {
      case F32:
        chunk.asFloatBuffer().get(values, from, count);
        break;
      case F64:
        for (int i = from; i < from + count; i++) {
          double value = chunk.getDouble();
          values[i] = (float) value;
          if (Float.isInfinite(values[i]) && !Double.isInfinite(value)) {
            throw outOfRange(entry, i, Double.toString(value), "single precision");
          }
        }
        break;
      case F16:
        for (int i = from; i < from + count; i++) {
          values[i] = Float.float16ToFloat(chunk.getShort());
        }
        break;
      case BF16:
        for (int i = from; i < from + count; i++) {
          values[i] = Float.intBitsToFloat(chunk.getShort() << 16);
        }
        break;
      default:
        throw new AssertionError(entry.type());
    }
  }

  private void decode(
      SafeTensorsHeader.Entry entry, ByteBuffer chunk, int[] values, int from, int count) {
    switch (entry.type()) {
      case I32:
        chunk.asIntBuffer().get(values, from, count);
        break;
      case I64:
        for (int i = from; i < from + count; i++) {
          long value = chunk.getLong();
          values[i] = (int) value;
          if (values[i] != value) {
            throw outOfRange(entry, i, Long.toString(value), "32 bits");
          }
        }
        break;
      case U8:
        for (int i = from; i < from + count; i++) {
          values[i] = chunk.get() & 0xFF;
        }
        break;
      default:
        throw new AssertionError(entry.type());
    }
  }

  private SafeTensorsHeader.Entry entry(String name) {
    SafeTensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new FileFormatException(
          file
              + ": holds no tensor "
              + quote(name)
              + "; use the file that was saved for this purpose.");
    }
    return entry;
  }

  /** Hands the bytes of a tensor over in chunks of whole elements. */
  private void readData(SafeTensorsHeader.Entry entry, Consumer<ByteBuffer> sink) {
    try {
      if (channel.size() != fileSize) {
        throw changed();
      }
      long position = header.dataStart() + entry.begin();
      long end = header.dataStart() + entry.end();
      ByteBuffer chunk =
          ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, end - position))
              .order(ByteOrder.LITTLE_ENDIAN);
      while (position < end) {
        chunk.clear().limit((int) Math.min(chunk.capacity(), end - position));
        while (chunk.hasRemaining()) {
          int count = channel.read(chunk, position);
          if (count < 0) {
            throw changed();
          }
          position += count;
        }
        sink.accept(chunk.flip());
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private FileFormatException changed() {
    return new FileFormatException(
        file + ": changed while it was being read; do not write to it and try again.");
  }

  static FileFormatException unreadable(Path file, IOException e) {
    return new FileFormatException(
        file
            + ": cannot be read because "
            + AtomicFile.reason(e)
            + "; check the permissions and the disk.",
        e);
  }

  private FileFormatException wrongKind(SafeTensorsHeader.Entry entry, String wanted) {
    return new FileFormatException(
        file
            + ": "
            + quote(entry.name())
            + " is of type "
            + entry.type()
            + " where "
            + wanted
            + " are needed; convert it or use the file that was saved for this purpose.");
  }

  private FileFormatException outOfRange(
      SafeTensorsHeader.Entry entry, int index, String value, String range) {
    return new FileFormatException(
        file
            + ": element "
            + index
            + " of "
            + quote(entry.name())
            + " is "
            + value
            + ", which does not fit "
            + range
            + "; save the tensor in that range.");
  }
}
