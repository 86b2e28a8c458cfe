package tangram.nn;

import static tangram.nn.FileFormatException.quote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.json.JsonReader;
import tangram.tensor.Shape;

/**
 * The header of a safetensors file: which tensors of which type and shape lie where. Nothing in it
 * is believed before it was checked against the size of the file.
 */
final class SafeTensorsHeader {
  /** The key of the object of strings among the tensors. */
  static final String METADATA = "__metadata__";

  /** Longest header that is read or written, in bytes: the limit of the reference library. */
  static final int MAX_BYTES = 100_000_000;

  /** Bytes of the number in front of the header. */
  static final int LENGTH_BYTES = Long.BYTES;

  /** The most elements a {@link Shape} can have. */
  private static final long MAX_ELEMENTS = Integer.MAX_VALUE - 64;

  /** The most dimensions; no tensor has more, and a list of millions must not take memory. */
  private static final int MAX_RANK = 32;

  private static final String MEND =
      "; it is damaged or not a safetensors file: copy or download it again.";

  /**
   * One tensor.
   *
   * @param begin first byte, counted from the end of the header
   * @param end byte after the last one
   */
  record Entry(String name, SafeTensorsType type, Shape shape, long begin, long end) {}

  private final Path file;
  private final long dataStart;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private Map<String, String> metadata;

  private SafeTensorsHeader(Path file, long dataStart) {
    this.file = file;
    this.dataStart = dataStart;
  }

  /** The tensors by name, in the order of the header. */
  Map<String, Entry> entries() {
    return entries;
  }

  /** The strings stored beside the tensors. */
  Map<String, String> metadata() {
    return metadata == null ? Map.of() : metadata;
  }

  /** Position of the first byte of data in the file. */
  long dataStart() {
    return dataStart;
  }

  /**
   * Reads and checks the header.
   *
   * @throws FileFormatException if anything is wrong with it
   */
  static SafeTensorsHeader read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw new FileFormatException(file + ": has only " + size + " bytes" + MEND);
    }
    long length = readFully(file, channel, 0, LENGTH_BYTES).getLong();
    if (length < 0 || length > size - LENGTH_BYTES) {
      throw new FileFormatException(
          file
              + ": announces a header of "
              + Long.toUnsignedString(length)
              + " bytes in a file of "
              + size
              + MEND);
    }
    if (length > MAX_BYTES) {
      throw new FileFormatException(
          file
              + ": announces a header of "
              + length
              + " bytes where "
              + MAX_BYTES
              + " are the limit"
              + MEND);
    }
    SafeTensorsHeader header = new SafeTensorsHeader(file, LENGTH_BYTES + length);
    header.parse(readFully(file, channel, LENGTH_BYTES, (int) length));
    header.checkLayout(size - header.dataStart);
    return header;
  }

  private static ByteBuffer readFully(Path file, FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new FileFormatException(file + ": ends within its header" + MEND);
      }
    }
    return bytes.flip();
  }

  private void parse(ByteBuffer bytes) {
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(bytes);
    } catch (CharacterCodingException e) {
      throw new FileFormatException(file + ": the header is not UTF-8 text" + MEND, e);
    }
    if (!text.hasRemaining() || text.get(0) != '{') {
      throw new FileFormatException(file + ": the header does not begin with '{'" + MEND);
    }
    JsonReader json =
        new JsonReader(
            text.array(),
            text.remaining(),
            (what, at) ->
                new FileFormatException(
                    file + ": the header " + what + " (character " + at + ")" + MEND));
    json.take('{');
    for (boolean first = true; json.hasNext('}', first); first = false) {
      String name = json.key();
      if (name.equals(METADATA)) {
        if (metadata != null) {
          throw json.error("has " + METADATA + " twice");
        }
        metadata = parseMetadata(json);
      } else {
        if (entries.containsKey(name)) {
          throw json.error("names the tensor " + quote(name) + " twice");
        }
        entries.put(name, parseEntry(json, name));
      }
    }
    json.end();
  }

  private static Map<String, String> parseMetadata(JsonReader json) {
    Map<String, String> result = new LinkedHashMap<>();
    json.take('{');
    for (boolean first = true; json.hasNext('}', first); first = false) {
      String key = json.key();
      if (result.putIfAbsent(key, json.string()) != null) {
        throw json.error("has the metadata " + quote(key) + " twice");
      }
    }
    return result;
  }

  private Entry parseEntry(JsonReader json, String name) {
    String type = null;
    long[] dims = null;
    long[] offsets = null;
    json.take('{');
    for (boolean first = true; json.hasNext('}', first); first = false) {
      String key = json.key();
      if (key.equals("dtype") && type == null) {
        type = json.string();
      } else if (key.equals("shape") && dims == null) {
        dims = parseNumbers(json);
      } else if (key.equals("data_offsets") && offsets == null) {
        offsets = parseNumbers(json);
      } else {
        throw json.error("has an unknown or repeated " + quote(key) + " for " + quote(name));
      }
    }
    if (type == null || dims == null || offsets == null || offsets.length != 2) {
      throw json.error("lacks dtype, shape or two data_offsets for " + quote(name));
    }
    SafeTensorsType known = SafeTensorsType.of(type);
    if (known == null) {
      throw new FileFormatException(
          file
              + ": "
              + quote(name)
              + " has elements of type "
              + quote(type)
              + ", which cannot be read; convert it to one of "
              + Arrays.toString(SafeTensorsType.values())
              + ".");
    }
    return checkEntry(name, known, dims, offsets[0], offsets[1]);
  }

  private static long[] parseNumbers(JsonReader json) {
    long[] numbers = new long[MAX_RANK];
    int count = 0;
    json.take('[');
    while (json.hasNext(']', count == 0)) {
      if (count == MAX_RANK) {
        throw json.error("has a list of more than " + MAX_RANK + " numbers");
      }
      numbers[count++] = json.wholeNumber();
    }
    return Arrays.copyOf(numbers, count);
  }

  private Entry checkEntry(String name, SafeTensorsType type, long[] dims, long begin, long end) {
    long elements = 1;
    for (long dim : dims) {
      // Both factors stay below 2^31, so the product cannot overflow a long.
      if (dim > MAX_ELEMENTS || elements * dim > MAX_ELEMENTS) {
        throw new FileFormatException(
            file
                + ": "
                + quote(name)
                + " has more than "
                + MAX_ELEMENTS
                + " elements; split it into smaller tensors, or copy the file again if it should"
                + " not be that large.");
      }
      elements *= dim;
    }
    if (begin > end || end - begin != elements * type.bytes()) {
      throw new FileFormatException(
          file
              + ": "
              + quote(name)
              + " has the bytes from "
              + begin
              + " to "
              + end
              + " where its type and shape need "
              + elements * type.bytes()
              + MEND);
    }
    int[] shape = Arrays.stream(dims).mapToInt(Math::toIntExact).toArray();
    return new Entry(name, type, Shape.of(shape), begin, end);
  }

  /** Checks that the tensors tile the data: no overlap, no hole, nothing before or behind. */
  private void checkLayout(long dataBytes) {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (Entry entry : sorted) {
      if (entry.end > dataBytes) {
        throw new FileFormatException(
            file
                + ": "
                + quote(entry.name)
                + " ends at byte "
                + entry.end
                + " of the data, which has only "
                + dataBytes
                + MEND);
      }
      if (entry.begin != covered) {
        throw new FileFormatException(
            file
                + ": "
                + quote(entry.name)
                + " begins at byte "
                + entry.begin
                + " of the data, "
                + (entry.begin < covered ? "within" : "with a gap after")
                + " what ends at "
                + covered
                + MEND);
      }
      covered = entry.end;
    }
    if (covered != dataBytes) {
      throw new FileFormatException(
          file + ": has " + (dataBytes - covered) + " bytes after the last tensor" + MEND);
    }
  }
}
