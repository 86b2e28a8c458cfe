package tangram.nn.text;

import static tangram.nn.FileFormatException.quote;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tangram.nn.json.Json;

/**
 * What a tokenizer searches for: a text, or a regular expression of Oniguruma, whose syntax Java's
 * shares but for details that are translated or refused here.
 */
final class TextPattern {
  /** Longest expression; those of known models have some 500 characters. */
  private static final int MAX_LENGTH = 4000;

  /** Deepest nesting of brackets. */
  private static final int MAX_DEPTH = 20;

  /** What words are made of; Java's have joiners, too. */
  private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";

  /** What Oniguruma takes for a word besides, but not between square brackets. */
  private static final String OUTSIDE = "\u00b2\u00b3\u00b9\u00bc-\u00be";

  private static final Pattern CATEGORY =
      Pattern.compile("\\{(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfosn]?)\\}");

  /** Possessive ranges, POSIX brackets, flags but for case. */
  private static final Pattern UNLIKE = Pattern.compile("\\}\\+|\\[:|\\(\\?(?!-?i[:)])[-a-zA-Z]");

  private static final int FLAGS =
      Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;

  private final Pattern pattern;

  private TextPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /** Reads {@code {"String": ...}}, {@code {"Regex": ...}}, or a text. */
  static TextPattern of(Json json) {
    if (json.isText()) {
      return literal(json.text());
    }
    json.only("String", "Regex");
    if (json.has("String") == json.has("Regex")) {
      throw json.error("needs either 'String' or 'Regex'");
    }
    if (json.has("String")) {
      return literal(json.get("String").text());
    }
    Json regex = json.get("Regex");
    try {
      return regex(translate(regex));
    } catch (PatternSyntaxException e) {
      throw regex.error("is no regular expression that can be read (" + e.getDescription() + ")");
    }
  }

  static TextPattern literal(String text) {
    // An empty text is found nowhere.
    return new TextPattern(Pattern.compile(text.isEmpty() ? "(?!)" : Pattern.quote(text)));
  }

  /** An expression of Java, whose classes know all of Unicode. */
  static TextPattern regex(String regex) {
    return new TextPattern(Pattern.compile(regex, FLAGS));
  }

  private static String translate(Json json) {
    String regex = json.text();
    if (regex.length() > MAX_LENGTH) {
      throw json.error("has " + regex.length() + " characters where " + MAX_LENGTH + " may be");
    }
    StringBuilder java = new StringBuilder();
    int depth = 0;
    int classes = 0;
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
      }
      classes += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (UNLIKE.matcher(regex).region(i, regex.length()).lookingAt()) {
        throw json.error(
            "has what the two dialects read differently after " + quote(java.toString()));
      }
      if (depth > MAX_DEPTH) {
        throw json.error("nests brackets deeper than " + MAX_DEPTH + " levels");
      }
      if (c != '\\') {
        java.append(c);
        continue;
      }
      i++;
      char escaped = i < regex.length() ? regex.charAt(i) : 0;
      if (escaped == 'w' || escaped == 'W') {
        java.append(escaped == 'w' ? "[" : "[^").append(WORD);
        java.append(classes > 0 ? "" : OUTSIDE).append(']');
      } else if ("sSdDrntfuxpP".indexOf(escaped) >= 0
          || escaped > ' ' && escaped < 0x7f && !Character.isLetterOrDigit(escaped)) {
        java.append(c).append(escaped);
        if (escaped == 'p' || escaped == 'P') {
          Matcher category = CATEGORY.matcher(regex).region(i + 1, regex.length());
          if (!category.lookingAt()) {
            throw json.error(
                "has a \\"
                    + escaped
                    + " of something else than a Unicode category, such as \\p{L}");
          }
          java.append(category.group());
          i = category.end() - 1;
        }
      } else {
        throw json.error("has an escape that is not supported after " + quote(java.toString()));
      }
    }
    return java.toString();
  }

  /** The text with other text in place of what is found. */
  String replace(String text, String replacement) {
    return pattern.matcher(text).replaceAll(Matcher.quoteReplacement(replacement));
  }

  /** A part of a text. */
  record Span(int start, int end, boolean found) {}

  /** What is found and what lies between, which together are the text. */
  List<Span> spans(String text) {
    List<Span> spans = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    int end = 0;
    while (matcher.find()) {
      if (matcher.start() > end) {
        spans.add(new Span(end, matcher.start(), false));
      }
      if (matcher.end() > matcher.start()) {
        spans.add(new Span(matcher.start(), matcher.end(), true));
      }
      end = matcher.end();
    }
    if (end < text.length()) {
      spans.add(new Span(end, text.length(), false));
    }
    return spans;
  }
}
