package tangram.web.http;

/** A port cannot be served. The message is one sentence for the user. */
public final class PortException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PortException(String message, Throwable cause) {
    super(message, cause);
  }
}
