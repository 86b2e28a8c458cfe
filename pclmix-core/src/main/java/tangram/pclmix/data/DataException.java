package tangram.pclmix.data;

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
}
