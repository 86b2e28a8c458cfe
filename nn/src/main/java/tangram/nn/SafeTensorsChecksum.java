package tangram.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  /**
   * Says that the file has a checksum. Damage to the key of the checksum would otherwise make a
   * file without one, which is read unchecked.
   */
  static final String MARK = "checksum";

  /** All that tells of the checksum among the metadata. */
  static final List<String> KEYS = List.of(KEY, MARK);

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

  /** Whether a file's metadata say that it has a checksum. */
  static boolean isAnnounced(Map<String, String> metadata) {
    return KEYS.stream().anyMatch(metadata::containsKey);
  }

  /**
   * Reads the whole file and compares.
   *
   * @param file for messages
   * @throws FileFormatException if the file has no checksum or another content than was written
   */
  static void verify(Path file, FileChannel channel) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, channel.size()));
    int start = (int) POSITION;
    int end = start + UNKNOWN.length();
    long position = fill(channel, chunk, 0);
    if (chunk.limit() < end
        || !slice(chunk, SafeTensorsHeader.LENGTH_BYTES, start).equals(ByteBuffer.wrap(LEAD))) {
      throw damaged(file);
    }
    // Latin 1 takes every byte for a character: damaged digits equal no checksum.
    String stored = StandardCharsets.ISO_8859_1.decode(slice(chunk, start, end)).toString();
    slice(chunk, start, end).put(ascii(UNKNOWN));
    SafeTensorsChecksum actual = new SafeTensorsChecksum();
    while (chunk.hasRemaining()) {
      actual.update(chunk);
      position = fill(channel, chunk, position);
    }
    if (!stored.equals(actual.text())) {
      throw damaged(file);
    }
  }

  private static FileFormatException damaged(Path file) {
    return new FileFormatException(
        file
            + ": is damaged, its content does not match its checksum; copy it again or use an"
            + " older one.");
  }

  /** Fills a chunk from a position on and returns the next; the chunk is empty at the end. */
  private static long fill(FileChannel channel, ByteBuffer chunk, long position)
      throws IOException {
    chunk.clear();
    long next = position;
    while (chunk.hasRemaining()) {
      int count = channel.read(chunk, next);
      if (count < 0) {
        break;
      }
      next += count;
    }
    chunk.flip();
    return next;
  }

  private static ByteBuffer slice(ByteBuffer bytes, int from, int to) {
    return bytes.slice(from, to - from);
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String text() {
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
