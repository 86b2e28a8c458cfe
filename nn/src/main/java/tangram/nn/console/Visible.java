package tangram.nn.console;

/**
 * Text from files, folders and users as a terminal may show it: what would move the cursor, change
 * colours or titles, or reverse the order of letters is spelled out instead.
 */
public final class Visible {
  private static final char ZERO_WIDTH_NON_JOINER = '\u200c';
  private static final char ZERO_WIDTH_JOINER = '\u200d';

  private Visible() {}

  /** A name or a message, on one line. */
  public static String of(Object text) {
    return spell(String.valueOf(text), "");
  }

  /** Text of many lines. */
  public static String lines(String text) {
    return spell(text, "\n\t" + System.lineSeparator());
  }

  private static String spell(String text, String allowed) {
    StringBuilder result = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean spelled = isControl(c) && allowed.indexOf(c) < 0;
      if (spelled && result == null) {
        result = new StringBuilder(text.substring(0, i));
      }
      if (spelled) {
        result.append(String.format("\\u%04x", (int) c));
      } else if (result != null) {
        result.append(c);
      }
    }
    return result == null ? text : result.toString();
  }

  private static boolean isControl(char c) {
    switch (Character.getType(c)) {
      case Character.CONTROL:
      case Character.LINE_SEPARATOR:
      case Character.PARAGRAPH_SEPARATOR:
        return true;
      case Character.FORMAT:
        // These two are part of words in some scripts.
        return c != ZERO_WIDTH_NON_JOINER && c != ZERO_WIDTH_JOINER;
      default:
        return false;
    }
  }
}
