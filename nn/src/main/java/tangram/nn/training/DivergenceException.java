package tangram.nn.training;

/** The training diverged: the loss is no longer a number. The message is meant for the user. */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence that says when and what to do. */
  public DivergenceException(String message) {
    super(message);
  }
}
