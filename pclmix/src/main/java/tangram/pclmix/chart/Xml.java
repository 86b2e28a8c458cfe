package tangram.pclmix.chart;

/** Text as XML and HTML take it. */
public final class Xml {
  private Xml() {}

  /**
   * Replaces what has a meaning in XML, so that any text can be put between tags and in quoted
   * attributes; what XML cannot hold at all, such as control characters and halves of surrogate
   * pairs, becomes U+FFFD.
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
                default -> escaped.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  private static boolean isAllowed(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c < 0x7F)
        || (c >= 0xA0 && c < 0xD800)
        || (c >= 0xE000 && c < 0xFFFE)
        || (c >= 0x10000 && (c & 0xFFFE) != 0xFFFE);
  }
}
