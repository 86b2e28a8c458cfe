package tangram.web.annotate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The key of a session's page. It stays the same from start to start, so that a page that is open
 * when the program ends goes on when it is started again. It is in a file that its owner alone can
 * read; where such a file cannot be had, it is a new one at every start.
 */
final class Token {
  private static final String NAME = "token";

  private static final int BYTES = 32;
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final Set<PosixFilePermission> OWNERS_ALONE =
      PosixFilePermissions.fromString("rw-------");

  private Token() {}

  /**
   * The key of a session.
   *
   * @param folder of the scans
   */
  static String of(Path folder) {
    String made = random();
    if (!Files.isDirectory(folder)) {
      return made;
    }
    Path file = folder.resolve(Session.OWN).resolve(NAME);
    try {
      Files.createDirectories(file.getParent());
      Optional<String> kept = read(file);
      if (kept.isPresent()) {
        return kept.get();
      }
      Files.deleteIfExists(file);
      return write(file, made);
    } catch (IOException | UnsupportedOperationException e) {
      // Read-only, or a file system that knows no owners: the key lives as long as the program.
      return made;
    }
  }

  /** What a file holds that nobody else can have read or written. */
  private static Optional<String> read(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    PosixFileAttributes attributes =
        Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    PosixFileAttributes around =
        Files.readAttributes(
            file.getParent(), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()
        || !attributes.permissions().equals(OWNERS_ALONE)
        || !attributes.owner().equals(around.owner())) {
      return Optional.empty();
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    return FORM.matcher(text).matches() ? Optional.of(text) : Optional.empty();
  }

  /** The key of the file afterwards: another start may have been faster. */
  private static String write(Path file, String token) throws IOException {
    try (SeekableByteChannel out =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNERS_ALONE))) {
      out.write(ByteBuffer.wrap(token.getBytes(StandardCharsets.ISO_8859_1)));
      return token;
    } catch (FileAlreadyExistsException e) {
      return read(file).orElse(token);
    }
  }

  private static String random() {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }
}
