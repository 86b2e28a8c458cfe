package tangram.nn.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Files of bytes, packed by gzip or not. */
final class Bytes {
  private static final int GZIP = 0x1f8b;

  private Bytes() {}

  /** What reads from a stream. */
  interface Reader<T> {
    T read(InputStream in) throws IOException;
  }

  /** Reads a file from its beginning, unpacked if it begins like gzip. */
  static <T> T read(Path file, Reader<T> reader) {
    try (PushbackInputStream in =
        new PushbackInputStream(new BufferedInputStream(Files.newInputStream(file)), 2)) {
      byte[] first = in.readNBytes(2);
      in.unread(first);
      boolean packed = first.length == 2 && ((first[0] & 0xff) << 8 | first[1] & 0xff) == GZIP;
      return reader.read(packed ? new GZIPInputStream(in) : in);
    } catch (ZipException e) {
      throw damaged(file, "its gzip data are broken", e);
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }

  /**
   * Reads exactly a number of bytes; memory is taken as they come, since the number may be wrong.
   *
   * @throws DataException if there are fewer
   */
  static byte[] exactly(Path file, InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw damaged(file, "it ends after %d of %d bytes".formatted(bytes.length, count), null);
    }
    return bytes;
  }

  static DataException damaged(Path file, String what, Throwable cause) {
    return new DataException(file + ": is damaged: " + what + "; get it again.", cause);
  }
}
