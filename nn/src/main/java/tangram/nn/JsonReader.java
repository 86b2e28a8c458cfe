package tangram.nn;

import java.util.function.BiFunction;

/**
 * Pulls JSON (RFC 8259) apart piece by piece, as far as safetensors headers need it: objects,
 * arrays, strings and whole numbers from 0. It never recurses, so no input can exhaust the stack.
 */
final class JsonReader {
  private final char[] text;
  private final int length;
  private final BiFunction<String, Integer, FileFormatException> failure;
  private int at;

  /**
   * Creates a reader.
   *
   * @param failure makes the exception from what is wrong and the character it was found at
   */
  JsonReader(char[] text, int length, BiFunction<String, Integer, FileFormatException> failure) {
    this.text = text;
    this.length = length;
    this.failure = failure;
  }

  /** An exception that says what is wrong at the current place. */
  FileFormatException error(String what) {
    return failure.apply(what, at);
  }

  /** Skips white space and takes one mark of punctuation. */
  void take(char mark) {
    if (!tryTake(mark)) {
      throw error(
          "has "
              + (at < length ? "something else" : "its end")
              + " where '"
              + mark
              + "' is expected");
    }
  }

  /** Skips white space and takes the mark if it comes next. */
  boolean tryTake(char mark) {
    skipSpace();
    if (at < length && text[at] == mark) {
      at++;
      return true;
    }
    return false;
  }

  /**
   * Whether an object or array continues: takes the comma between members, or the closing mark.
   *
   * @param first whether no member was read yet
   */
  boolean hasNext(char close, boolean first) {
    if (tryTake(close)) {
      return false;
    }
    if (!first) {
      take(',');
    }
    return true;
  }

  /** Takes a member's name and the colon behind it. */
  String key() {
    String key = string();
    take(':');
    return key;
  }

  /** Takes a string. */
  String string() {
    skipSpace();
    if (at >= length || text[at] != '"') {
      throw error(
          "has " + (at < length ? "something else" : "its end") + " where text is expected");
    }
    at++;
    StringBuilder result = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        break;
      }
      if (c < 0x20) {
        throw error("has an unescaped control character in a text");
      }
      result.append(c == '\\' ? escape() : c);
    }
    checkSurrogates(result);
    return result.toString();
  }

  /** Takes a whole number from 0 to 2^63 - 1. */
  long wholeNumber() {
    skipSpace();
    if (at < length && text[at] == '-') {
      throw error("has a negative number");
    }
    int start = at;
    long value = 0;
    while (at < length && text[at] >= '0' && text[at] <= '9') {
      int digit = text[at] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw error("has a number that is too large");
      }
      value = value * 10 + digit;
      at++;
    }
    if (at == start) {
      throw error("has something else where a whole number is expected");
    }
    if (text[start] == '0' && at > start + 1) {
      throw error("has a number with a leading zero");
    }
    if (at < length && (text[at] == '.' || text[at] == 'e' || text[at] == 'E')) {
      throw error("has a number that is not whole");
    }
    return value;
  }

  /** Checks that only white space is left. */
  void end() {
    skipSpace();
    if (at < length) {
      throw error("continues after its closing brace");
    }
  }

  private char next() {
    if (at >= length) {
      throw error("ends within a text");
    }
    return text[at++];
  }

  private char escape() {
    char c = next();
    switch (c) {
      case '"':
      case '\\':
      case '/':
        return c;
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        int code = 0;
        for (int i = 0; i < 4; i++) {
          char h = next();
          // Character.digit would also take digits of other scripts.
          int digit = h < 0x80 ? Character.digit(h, 16) : -1;
          if (digit < 0) {
            throw error("has a \\u without four hexadecimal digits");
          }
          code = code * 16 + digit;
        }
        return (char) code;
      default:
        throw error("has an unknown escape in a text");
    }
  }

  /** Halves of surrogate pairs are no characters; only escapes can smuggle them in. */
  private void checkSurrogates(CharSequence s) {
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < s.length()
          && Character.isLowSurrogate(s.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw error("has half of a surrogate pair in a text");
      }
    }
  }

  private void skipSpace() {
    while (at < length
        && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
      at++;
    }
  }
}
