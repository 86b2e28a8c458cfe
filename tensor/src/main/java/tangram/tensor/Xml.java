package tangram.tensor;

import java.util.Locale;

/** Text as XML and HTML take it. */
public final class Xml {
  private Xml() {}

  /**
   * Replaces what has a meaning in XML, so that any text can be put between tags and in quoted
   * attributes. Control characters, line breaks among them, and those that change the direction of
   * text are spelled, such as {@code \\u000a}: they would be invisible or reorder what is around
   * them. What XML cannot hold at all, such as halves of surrogate pairs, becomes U+FFFD.
   */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                  if (isInvisible(c)) {
                    escaped.append(String.format(Locale.ROOT, "\\u%04x", c));
                  } else {
                    escaped.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
                  }
                }
              }
            });
    return escaped.toString();
  }

  private static boolean isInvisible(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || c == 0x200E
        || c == 0x200F
        || (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069);
  }

  private static boolean isAllowed(int c) {
    return c < 0xD800 || (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && (c & 0xFFFE) != 0xFFFE);
  }
}
