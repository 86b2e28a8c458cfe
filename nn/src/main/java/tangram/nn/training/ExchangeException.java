package tangram.nn.training;

/** The exchange with the other workers of a training failed. The message is meant for the user. */
public final class ExchangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence that says which worker, and what it did. */
  public ExchangeException(String message) {
    super(message);
  }

  /** Creates an exception with a sentence that says which worker, what it did and why. */
  public ExchangeException(String message, Throwable cause) {
    super(message, cause);
  }
}
