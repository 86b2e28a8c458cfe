package tangram.cli;

/** A cluster cannot do what it is asked to. The message is meant for the user. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence that says what is wrong and what to do. */
  public ClusterException(String message) {
    super(message);
  }

  /** Creates an exception with a sentence that says what is wrong and what to do, and a cause. */
  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
