package tangram.nn.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;

/**
 * A message of Protocol Buffers: numbered fields in the order they are put; a number that occurs
 * several times is a list. Source: <a
 * href="https://protobuf.dev/programming-guides/encoding/">protobuf.dev, Encoding</a>.
 */
final class ProtoMessage {
  private static final int BUFFER_BYTES = 1 << 16;

  private final List<Field> fields = new ArrayList<>();

  /**
   * Lengths stand before contents, so the size with the tag is known before anything is written.
   */
  private record Field(long size, Body body) {}

  private interface Body {
    void write(CodedOutputStream out) throws IOException;
  }

  ProtoMessage integer(int number, long value) {
    fields.add(
        new Field(
            CodedOutputStream.computeInt64Size(number, value),
            out -> out.writeInt64(number, value)));
    return this;
  }

  ProtoMessage real(int number, float value) {
    fields.add(
        new Field(
            CodedOutputStream.computeFloatSize(number, value),
            out -> out.writeFloat(number, value)));
    return this;
  }

  ProtoMessage text(int number, String value) {
    fields.add(
        new Field(
            CodedOutputStream.computeStringSize(number, value),
            out -> out.writeString(number, value)));
    return this;
  }

  /** The message must be complete. */
  ProtoMessage message(int number, ProtoMessage message) {
    long content = message.size();
    fields.add(
        new Field(
            sizeWithHead(number, content),
            out -> {
              writeHead(out, number, content);
              message.write(out);
            }));
    return this;
  }

  /**
   * Puts single-precision numbers as little-endian bytes.
   *
   * @param count how many
   * @param values gives them when the message is written, so that a large network is not in memory
   *     twice
   */
  ProtoMessage floats(int number, int count, Supplier<float[]> values) {
    long content = (long) count * Float.BYTES;
    fields.add(
        new Field(
            sizeWithHead(number, content),
            out -> {
              writeHead(out, number, content);
              for (float value : values.get()) {
                out.writeFloatNoTag(value);
              }
            }));
    return this;
  }

  /** Bytes of the fields. */
  long size() {
    return fields.stream().mapToLong(Field::size).sum();
  }

  /**
   * Writes a file of this message, whole or not at all.
   *
   * @throws FileWriteException if it cannot be written or is larger than the format allows
   */
  void write(Path file) {
    if (size() > Integer.MAX_VALUE) {
      throw new FileWriteException(
          file
              + ": would take "
              + size()
              + " bytes, but an ONNX file holds 2 GiB at most; choose another format.");
    }
    AtomicFile.write(
        file,
        channel -> {
          CodedOutputStream out =
              CodedOutputStream.newInstance(Channels.newOutputStream(channel), BUFFER_BYTES);
          write(out);
          out.flush();
        });
  }

  private void write(CodedOutputStream out) throws IOException {
    for (Field field : fields) {
      field.body.write(out);
    }
  }

  private static long sizeWithHead(int number, long content) {
    return CodedOutputStream.computeTagSize(number)
        + CodedOutputStream.computeUInt64SizeNoTag(content)
        + content;
  }

  private static void writeHead(CodedOutputStream out, int number, long content)
      throws IOException {
    out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt64NoTag(content);
  }
}
