package tangram.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A checksum in the metadata of a safetensors file. The format itself notices a missing end, but
 * not numbers that a failing disk or a power cut turned into others.
 *
 * <p>It is the CRC-32C of the whole file with the eight digits of the checksum read as zeros, and
 * comes first in the header, so that it can be filled in after everything else was written.
 */
final class SafeTensorsChecksum {
  static final String KEY = "crc32c";

  /** The placeholder while it is computed. */
  static final String UNKNOWN = "00000000";

  private static final byte[] LEAD =
      ("{\"" + SafeTensorsHeader.METADATA + "\":{\"" + KEY + "\":\"")
          .getBytes(StandardCharsets.US_ASCII);

  private static final long POSITION = SafeTensorsHeader.LENGTH_BYTES + LEAD.length;
  private static final int CHUNK_BYTES = 1 << 20;

  private final CRC32C crc = new CRC32C();

  /** Takes the next bytes of the file into account. */
  void update(ByteBuffer bytes) {
    crc.update(bytes);
  }

  /** Writes the checksum to its place in the header. */
  void store(FileChannel channel) throws IOException {
    ByteBuffer digits = ascii(text());
    while (digits.hasRemaining()) {
      channel.write(digits, POSITION + digits.position());
    }
  }

  /**
   * Reads the whole file and compares.
   *
   * @throws FileFormatException if the file has no checksum or another content than was written
   */
  static void verify(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, channel.size()));
      int start = (int) POSITION;
      int end = start + UNKNOWN.length();
      fill(channel, chunk);
      if (chunk.limit() < end
          || !slice(chunk, SafeTensorsHeader.LENGTH_BYTES, start).equals(ByteBuffer.wrap(LEAD))) {
        throw new FileFormatException(
            file + ": has no checksum, so it is not a checkpoint; choose another file.");
      }
      String stored = StandardCharsets.US_ASCII.decode(slice(chunk, start, end)).toString();
      slice(chunk, start, end).put(ascii(UNKNOWN));
      SafeTensorsChecksum actual = new SafeTensorsChecksum();
      while (chunk.hasRemaining()) {
        actual.update(chunk);
        fill(channel, chunk);
      }
      if (!stored.equals(actual.text())) {
        throw new FileFormatException(
            file
                + ": is damaged, its content does not match its checksum; copy it again or use an"
                + " older one.");
      }
    } catch (IOException e) {
      throw SafeTensors.unreadable(file, e);
    }
  }

  /** Fills a chunk from the channel's position; empty at the end of the file. */
  private static void fill(FileChannel channel, ByteBuffer chunk) throws IOException {
    chunk.clear();
    while (chunk.hasRemaining() && channel.read(chunk) >= 0) {
      // Reads may return less than asked for.
    }
    chunk.flip();
  }

  private static ByteBuffer slice(ByteBuffer bytes, int from, int to) {
    return bytes.slice(from, to - from);
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String text() {
    return String.format("%08x", crc.getValue());
  }
}
