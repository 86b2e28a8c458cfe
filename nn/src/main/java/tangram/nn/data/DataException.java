package tangram.nn.data;

/** Data that are missing, damaged or of another kind; the message names the file. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Creates it from a sentence. */
  public DataException(String message) {
    super(message);
  }

  /** Creates it from a sentence and what caused it. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
