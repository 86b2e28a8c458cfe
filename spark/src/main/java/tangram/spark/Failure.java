package tangram.spark;

/** Failures of Spark in a sentence. */
final class Failure {
  private Failure() {}

  /** The cause that says most, on one line and without its stack. */
  static String sentence(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = String.valueOf(cause.getMessage()).strip();
    // Some have the name of a class or a key for a message, or none.
    return text.contains(" ") ? text.lines().findFirst().orElseThrow() : cause.toString();
  }
}
