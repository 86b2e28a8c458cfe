package tangram.cli;

/** A live page cannot be served. The message is one sentence for the user. */
final class LiveServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LiveServerException(String message, Throwable cause) {
    super(message, cause);
  }
}
