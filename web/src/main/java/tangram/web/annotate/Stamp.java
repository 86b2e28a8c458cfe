package tangram.web.annotate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tangram.nn.data.DataException;

/**
 * What tells at a glance whether a file is another than before.
 *
 * @param size bytes; -1 where there is no file
 * @param millis when it was written
 */
record Stamp(long size, long millis) {
  static final Stamp NONE = new Stamp(-1, 0);

  /** The stamp of a file. */
  static Stamp of(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(attributes.size(), attributes.lastModifiedTime().toMillis());
    } catch (IOException e) {
      // There is none, or it cannot be read, of which is told when it is.
      return NONE;
    }
  }

  /** SHA-256 of bytes. */
  static byte[] sha256(byte[] bytes) {
    return digest().digest(bytes);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** SHA-256 of a file, in 64 small hexadecimal digits. */
  static String sha256(Path file) {
    MessageDigest digest = digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
