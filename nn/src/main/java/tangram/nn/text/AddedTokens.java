package tangram.nn.text;

import static tangram.nn.FileFormatException.quote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.nn.json.Json;

/**
 * Tokens that are found in a text before anything is cut or merged, such as those that begin and
 * end one.
 */
final class AddedTokens {
  /**
   * One of them.
   *
   * @param content what stands for it in a text
   * @param singleWord whether letters and digits beside it hide it
   * @param left whether it takes up white space before it
   * @param right whether it takes up white space behind it
   * @param normalized whether it is looked for in the normalised text instead of the original
   */
  record Token(
      int id,
      String content,
      boolean special,
      boolean singleWord,
      boolean left,
      boolean right,
      boolean normalized) {}

  /** A part of a text: a token, or what is still to be encoded, without one. */
  record Part(String text, Token token, boolean first) {}

  private final Map<Integer, Token> byId = new HashMap<>();
  private final Map<String, Token> byContent = new HashMap<>();
  private final Search original;
  private final Search normalized;
  private final Normalizer normalizer;

  AddedTokens(Json json, Bpe model, Normalizer normalizer) {
    this.normalizer = normalizer;
    Set<String> found = new HashSet<>();
    for (Json t : json.isNull() ? List.<Json>of() : json.list()) {
      t.only("id", "content", "special", "single_word", "lstrip", "rstrip", "normalized");
      Token token =
          new Token(
              t.get("id").integer(0),
              t.get("content").text(),
              t.flag("special", false),
              t.flag("single_word", false),
              t.flag("lstrip", false),
              t.flag("rstrip", false),
              t.flag("normalized", !t.flag("special", false)));
      Integer known = model.id(token.content);
      String other = model.tokens().get(token.id);
      if (known != null && known != token.id || other != null && !other.equals(token.content)) {
        throw t.error("has another identifier than the vocabulary gives " + quote(token.content));
      }
      if (byId.put(token.id, token) != null || !found.add(token.content)) {
        throw t.error("is there twice");
      }
      byContent.put(token.content, token);
    }
    original = new Search();
    normalized = new Search();
    for (Token token : byId.values()) {
      String text = token.normalized ? normalizer.apply(token.content) : token.content;
      (token.normalized ? normalized : original).add(text, token);
    }
  }

  Token byId(int id) {
    return byId.get(id);
  }

  Token byContent(String content) {
    return byContent.get(content);
  }

  Iterable<Integer> ids() {
    return byId.keySet();
  }

  /** Finds tokens; what lies between is normalised. */
  List<Part> find(String text) {
    List<Part> parts = new ArrayList<>();
    for (Part part : original.find(text, true)) {
      if (part.token != null) {
        parts.add(part);
      } else {
        parts.addAll(normalized.find(normalizer.apply(part.text), part.first));
      }
    }
    return parts;
  }

  /** Contents by their first characters, the longest first. */
  private static final class Search {
    private record Entry(String text, Token token) {}

    private final Map<Character, List<Entry>> entries = new HashMap<>();

    void add(String text, Token token) {
      if (!text.isEmpty()) {
        List<Entry> same = entries.computeIfAbsent(text.charAt(0), c -> new ArrayList<>());
        same.add(new Entry(text, token));
        same.sort(
            Comparator.<Entry>comparingInt(e -> -e.text.length()).thenComparing(e -> e.token.id));
      }
    }

    private Entry at(String text, int at) {
      for (Entry entry : entries.getOrDefault(text.charAt(at), List.of())) {
        if (text.startsWith(entry.text, at)) {
          return entry;
        }
      }
      return null;
    }

    List<Part> find(String text, boolean first) {
      List<Part> parts = new ArrayList<>();
      int done = 0;
      int at = 0;
      while (at < text.length()) {
        Entry entry = entries.isEmpty() ? null : at(text, at);
        if (entry == null) {
          at++;
          continue;
        }
        int start = at;
        int end = at + entry.text.length();
        at = end;
        if (entry.token.singleWord && (isWord(text, start, true) || isWord(text, end, false))) {
          continue;
        }
        while (entry.token.left && start > done && isSpace(text.charAt(start - 1))) {
          start--;
        }
        while (entry.token.right && end < text.length() && isSpace(text.charAt(end))) {
          end++;
        }
        if (start > done) {
          parts.add(new Part(text.substring(done, start), null, first && done == 0));
        }
        parts.add(new Part(text.substring(start, end), entry.token, false));
        done = end;
        at = end;
      }
      if (done < text.length()) {
        parts.add(new Part(text.substring(done), null, first && done == 0));
      }
      return parts;
    }

    /** White space is in the Basic Multilingual Plane. */
    private static boolean isSpace(char c) {
      return c >= '\t' && c <= '\r' || c == '\u0085' || Character.isSpaceChar(c);
    }

    private static boolean isWord(String text, int at, boolean before) {
      if (before ? at == 0 : at == text.length()) {
        return false;
      }
      int c = before ? text.codePointBefore(at) : text.codePointAt(at);
      int type = Character.getType(c);
      return Character.isAlphabetic(c)
          || type == Character.DECIMAL_DIGIT_NUMBER
          || type == Character.CONNECTOR_PUNCTUATION
          || type == Character.NON_SPACING_MARK
          || type == Character.ENCLOSING_MARK
          || type == Character.COMBINING_SPACING_MARK
          // Joiners.
          || c == 0x200c
          || c == 0x200d;
    }
  }
}
