package tangram.pclmix.preparation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tangram.nn.data.DataException;

/** SHA-256 of files, in 64 small hexadecimal digits. */
final class Checksum {
  private Checksum() {}

  /**
   * The checksum of a file.
   *
   * @throws DataException if it cannot be read
   */
  static String of(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = Files.newInputStream(file)) {
        byte[] part = new byte[1 << 16];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
          digest.update(part, 0, n);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Whether a text has the form of a checksum. */
  static boolean isOne(String text) {
    return text.matches("[0-9a-f]{64}");
  }
}
