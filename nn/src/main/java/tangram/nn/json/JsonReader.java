package tangram.nn.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import tangram.nn.FileFormatException;

/**
 * Pulls JSON (RFC 8259) apart, piece by piece, or a {@link #value} at once. Values nest at most
 * {@link #DEPTH} deep, so no input can exhaust the stack.
 */
public final class JsonReader {
  /** How deep values may nest. */
  static final int DEPTH = 100;

  private final char[] text;
  private final int length;
  private final BiFunction<String, Integer, FileFormatException> failure;
  private int at;

  /**
   * Creates a reader.
   *
   * @param failure makes the exception from what is wrong and the character it was found at
   */
  public JsonReader(
      char[] text, int length, BiFunction<String, Integer, FileFormatException> failure) {
    this.text = text;
    this.length = length;
    this.failure = failure;
  }

  /** An exception that says what is wrong at the current place. */
  public FileFormatException error(String what) {
    return failure.apply(what, at);
  }

  /** Skips white space and takes one mark of punctuation. */
  public void take(char mark) {
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
  public boolean tryTake(char mark) {
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
  public boolean hasNext(char close, boolean first) {
    if (tryTake(close)) {
      return false;
    }
    if (!first) {
      take(',');
    }
    return true;
  }

  /** Takes a member's name and the colon behind it. */
  public String key() {
    String key = string();
    take(':');
    return key;
  }

  /** Takes a string. */
  public String string() {
    skipSpace();
    if (at >= length || text[at] != '"') {
      throw error(
          "has " + (at < length ? "something else" : "its end") + " where text is expected");
    }
    at++;
    int start = at;
    while (at < length && text[at] != '"' && text[at] != '\\' && text[at] >= 0x20) {
      at++;
    }
    if (at < length && text[at] == '"') {
      at++;
      // Decoded from UTF-8, so without escapes there are whole characters only.
      return new String(text, start, at - 1 - start);
    }
    StringBuilder result = new StringBuilder(at - start + 16).append(text, start, at - start);
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
  public long wholeNumber() {
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

  /**
   * Takes any value.
   *
   * @return a {@code Map} with the members in their order, a {@code List}, a {@code String}, a
   *     {@code Boolean}, a {@code Long}, for numbers with a fraction, an exponent or more digits
   *     than fit a {@code Double}, or null
   */
  public Object value() {
    return value(DEPTH);
  }

  private Object value(int depth) {
    skipSpace();
    if (depth == 0) {
      throw error("nests deeper than " + DEPTH + " levels");
    }
    char c = at < length ? text[at] : 0;
    switch (c) {
      case '{':
        return object(depth);
      case '[':
        take('[');
        List<Object> list = new ArrayList<>(0);
        for (boolean first = true; hasNext(']', first); first = false) {
          list.add(value(depth - 1));
        }
        return list;
      case '"':
        return string();
      case 't':
        return word("true", Boolean.TRUE);
      case 'f':
        return word("false", Boolean.FALSE);
      case 'n':
        return word("null", null);
      default:
        return number();
    }
  }

  private Map<String, Object> object(int depth) {
    take('{');
    if (tryTake('}')) {
      return Collections.emptyMap();
    }
    Map<String, Object> map = new LinkedHashMap<>();
    boolean first = true;
    while (first || hasNext('}', false)) {
      String key = key();
      if (map.containsKey(key)) {
        throw error("has " + FileFormatException.quote(key) + " twice in one object");
      }
      map.put(key, value(depth - 1));
      first = false;
    }
    return map;
  }

  private Object word(String word, Object value) {
    if (!word.equals(new String(text, at, Math.min(word.length(), length - at)))) {
      throw error("has something else where a value is expected");
    }
    at += word.length();
    return value;
  }

  private Object number() {
    int start = at;
    boolean whole = true;
    if (at < length && text[at] == '-') {
      at++;
    }
    int leading = at;
    digits("a value");
    if (text[leading] == '0' && at > leading + 1) {
      throw error("has a number with a leading zero");
    }
    if (at < length && text[at] == '.') {
      at++;
      digits("a digit");
      whole = false;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      if (at < length && (text[at] == '+' || text[at] == '-')) {
        at++;
      }
      digits("a digit");
      whole = false;
    }
    // More digits add nothing to a double, and must not take time.
    if (at - start > 1000) {
      throw error("has a number of more than 1000 characters");
    }
    String number = new String(text, start, at - start);
    if (whole && number.length() < 19) {
      return Long.valueOf(number);
    }
    Double value = Double.valueOf(number);
    if (value.isInfinite()) {
      throw error("has a number that is too large");
    }
    return value;
  }

  private void digits(String expected) {
    int start = at;
    while (at < length && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    if (at == start) {
      throw error("has something else where " + expected + " is expected");
    }
  }

  /** Checks that only white space is left. */
  public void end() {
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
