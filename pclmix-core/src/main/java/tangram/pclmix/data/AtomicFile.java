package tangram.pclmix.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writing a file whole or not at all: into a temporary neighbour, then renamed. */
final class AtomicFile {
  /** Writes to the path it is given. */
  interface Writer {
    void write(Path temporary) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file, replacing what was there.
   *
   * @throws DataException if it cannot be written; nothing is left behind then
   */
  static void write(Path file, Writer writer) {
    Path target = file.toAbsolutePath();
    try {
      Files.createDirectories(target.getParent());
      Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
      try {
        Files.deleteIfExists(temporary);
        writer.write(temporary);
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be written (" + e + "); choose a writable folder with free space.", e);
    }
  }
}
