package tangram.compare;

/** The two sides computed different numbers, so their times cannot be compared. */
final class DisagreementException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DisagreementException(String message) {
    super(message);
  }
}
