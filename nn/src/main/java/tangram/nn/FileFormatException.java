package tangram.nn;

/**
 * A file cannot be read as what it should be: it is missing, damaged, of another format, or holds
 * something else than what is asked of it. The message is one sentence for the user that names the
 * file, what is wrong and what to do.
 */
public final class FileFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The most characters of a file's text that a message shows. */
  private static final int MAX_QUOTED = 100;

  /** Creates an exception with a sentence that names the file, what is wrong and what to do. */
  public FileFormatException(String message) {
    super(message);
  }

  /** Creates an exception with such a sentence and what led to it. */
  public FileFormatException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A text from a file, fit for a message: in quotes, short, and with a question mark for what
   * cannot be printed or would change how the rest is shown, such as line breaks and changes of
   * direction.
   */
  public static String quote(String text) {
    String shown = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
    return "'" + shown.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?") + "'";
  }
}
