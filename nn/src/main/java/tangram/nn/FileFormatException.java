package tangram.nn;

/**
 * A file cannot be read as what it should be: it is missing, damaged, of another format, or holds
 * something else than what is asked of it. The message is one sentence for the user that names the
 * file, what is wrong and how to mend it.
 */
public final class FileFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence that names the file, what is wrong and the mend. */
  public FileFormatException(String message) {
    super(message);
  }

  /** Creates an exception with such a sentence and what led to it. */
  public FileFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
