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
    String line = text.lines().findFirst().orElse(cause.toString());
    return line.equals("null") ? cause.toString() : line;
  }
}
