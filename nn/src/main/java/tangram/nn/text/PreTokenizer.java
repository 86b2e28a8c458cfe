package tangram.nn.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tangram.nn.json.Json;
import tangram.nn.text.TextPattern.Span;

/** Cuts a text into words, across which no tokens are merged. */
interface PreTokenizer {
  /**
   * A part of a text.
   *
   * @param first whether the whole text begins with it
   */
  record Word(String text, boolean first) {}

  void cut(Word word, List<Word> into);

  /** GPT-2's words: contractions, letters, numbers and other marks, each with a space before. */
  TextPattern GPT2 =
      TextPattern.regex(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

  /** Reads one of a tokenizer's file; null cuts nothing. */
  static PreTokenizer of(Json json) {
    if (json.isNull()) {
      return (word, into) -> into.add(word);
    }
    switch (json.get("type").text()) {
      case "Sequence":
        List<PreTokenizer> parts = new ArrayList<>();
        for (Json part : json.only("type", "pretokenizers").get("pretokenizers").list()) {
          parts.add(of(part));
        }
        return (word, into) -> {
          List<Word> words = List.of(word);
          for (PreTokenizer part : parts) {
            List<Word> next = new ArrayList<>();
            words.forEach(w -> part.cut(w, next));
            words = next;
          }
          into.addAll(words);
        };
      case "ByteLevel":
        return byteLevel(json);
      case "Split":
        return split(json);
      case "Digits":
        boolean single = json.only("type", "individual_digits").flag("individual_digits", false);
        TextPattern digits = TextPattern.regex(single ? "\\p{N}" : "\\p{N}+");
        return (word, into) -> add(word, digits.spans(word.text()), into);
      case "Metaspace":
        return metaspace(json);
      default:
        throw Tokenizer.unsupported(json, "Sequence, ByteLevel, Split, Digits, Metaspace");
    }
  }

  private static PreTokenizer byteLevel(Json json) {
    json.only("type", "add_prefix_space", "trim_offsets", "use_regex");
    boolean prefix = json.flag("add_prefix_space", true);
    boolean words = json.flag("use_regex", true);
    return (word, into) -> {
      Word spaced = prefix && !word.text().startsWith(" ") ? prepended(" ", word) : word;
      List<Word> cut = new ArrayList<>();
      if (words) {
        add(spaced, GPT2.spans(spaced.text()), cut);
      } else {
        cut.add(spaced);
      }
      cut.forEach(w -> into.add(new Word(ByteLevel.encode(w.text()), w.first())));
    };
  }

  private static PreTokenizer split(Json json) {
    json.only("type", "pattern", "behavior", "invert");
    TextPattern pattern = TextPattern.of(json.get("pattern"));
    boolean invert = json.flag("invert", false);
    Behavior behavior = Behavior.of(json.get("behavior"));
    return (word, into) -> {
      List<Span> spans = pattern.spans(word.text());
      if (invert) {
        spans.replaceAll(s -> new Span(s.start(), s.end(), !s.found()));
      }
      add(word, behavior.apply(spans), into);
    };
  }

  private static PreTokenizer metaspace(Json json) {
    json.only("type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep");
    String mark = json.get("replacement").text();
    String scheme = Tokenizer.prependScheme(json);
    boolean split = json.flag("split", true);
    TextPattern marks = TextPattern.literal(mark);
    return (word, into) -> {
      Word marked = new Word(word.text().replace(" ", mark), word.first());
      boolean wanted = scheme.equals("always") || scheme.equals("first") && word.first();
      if (wanted && !marked.text().startsWith(mark)) {
        marked = prepended(mark, marked);
      }
      List<Span> spans = split ? marks.spans(marked.text()) : List.of(whole(marked));
      add(marked, Behavior.MERGED_WITH_NEXT.apply(spans), into);
    };
  }

  private static Span whole(Word word) {
    return new Span(0, word.text().length(), false);
  }

  private static Word prepended(String prefix, Word word) {
    return new Word(prefix + word.text(), word.first());
  }

  private static void add(Word word, List<Span> spans, List<Word> into) {
    for (Span span : spans) {
      String text = word.text().substring(span.start(), span.end());
      into.add(new Word(text, word.first() && span.start() == 0));
    }
  }

  /** What becomes of what a Split finds. */
  enum Behavior {
    ISOLATED,
    REMOVED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS;

    static Behavior of(Json json) {
      String name = json.text();
      for (Behavior behavior : values()) {
        if (behavior.name().replace("_", "").equalsIgnoreCase(name)) {
          return behavior;
        }
      }
      throw json.error(
          "should be Isolated, Removed, MergedWithPrevious, MergedWithNext or Contiguous");
    }

    List<Span> apply(List<Span> spans) {
      switch (this) {
        case ISOLATED:
          return spans;
        case REMOVED:
          return spans.stream().filter(s -> !s.found()).toList();
        case MERGED_WITH_NEXT:
          List<Span> reversed = new ArrayList<>(spans);
          Collections.reverse(reversed);
          List<Span> joined = join(reversed);
          Collections.reverse(joined);
          return joined;
        default:
          return join(spans);
      }
    }

    /** Joins neighbours; in the order given, which may be the reverse. */
    private List<Span> join(List<Span> spans) {
      List<Span> joined = new ArrayList<>();
      boolean last = false;
      for (Span span : spans) {
        boolean joins = this == CONTIGUOUS ? span.found() == last : span.found() && !last;
        last = span.found();
        if (joins && !joined.isEmpty()) {
          Span before = joined.removeLast();
          int start = Math.min(before.start(), span.start());
          joined.add(new Span(start, Math.max(before.end(), span.end()), false));
        } else {
          joined.add(span);
        }
      }
      return joined;
    }
  }
}
