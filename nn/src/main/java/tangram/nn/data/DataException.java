package tangram.nn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Data that cannot be used: a missing, malformed or inconsistent file, or a selection that matches
 * nothing. The message is one sentence for the user that names the file, what is wrong with it, and
 * what to do.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates an exception with a message for the user. */
  public DataException(String message) {
    super(message);
  }

  /** Creates an exception with a message for the user and the failure behind it. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says that a file cannot be read, because it is not there or for another reason. */
  public static DataException unreadable(Path file, IOException e) {
    return new DataException(
        file
            + (Files.isSymbolicLink(file) && !Files.exists(file)
                ? ": is a link to nothing; fetch the file that it names or remove the link."
                : e instanceof NoSuchFileException
                    ? ": there is no such file; check the path."
                    : ": cannot be read (" + e + "); check that it is a readable file."),
        e);
  }

  /**
   * Refuses what is there but no file, such as a folder or a device that would never end.
   *
   * @throws DataException if so; a path of nothing is left to whoever opens it
   */
  public static void requireRegular(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new DataException(
          file + ": cannot be read because it is not a regular file; check the path.");
    }
  }
}
