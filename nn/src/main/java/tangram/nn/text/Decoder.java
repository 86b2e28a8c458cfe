package tangram.nn.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tangram.nn.json.Json;

/** Turns tokens into texts, which joined are the decoded one. */
interface Decoder {
  List<String> apply(List<String> tokens);

  /** Reads one of a tokenizer's file; null puts spaces between tokens. */
  static Decoder of(Json json) {
    if (json.isNull()) {
      return tokens -> List.of(String.join(" ", tokens));
    }
    switch (json.get("type").text()) {
      case "Sequence":
        Decoder all = tokens -> tokens;
        for (Json part : json.only("type", "decoders").get("decoders").list()) {
          Decoder before = all;
          Decoder next = of(part);
          all = tokens -> next.apply(before.apply(tokens));
        }
        return all;
      case "ByteLevel":
        json.only("type", "add_prefix_space", "trim_offsets", "use_regex");
        return Decoder::bytes;
      case "ByteFallback":
        json.only("type");
        return Decoder::byteFallback;
      case "Fuse":
        json.only("type");
        return tokens -> List.of(String.join("", tokens));
      case "Replace":
        TextPattern pattern =
            TextPattern.of(json.only("type", "pattern", "content").get("pattern"));
        String content = json.get("content").text();
        return tokens -> tokens.stream().map(t -> pattern.replace(t, content)).toList();
      case "Strip":
        return strip(json);
      case "Metaspace":
        json.only("type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep");
        String mark = json.get("replacement").text();
        boolean drop = !Tokenizer.prependScheme(json).equals("never");
        return tokens -> {
          List<String> texts = new ArrayList<>();
          for (String token : tokens) {
            texts.add(token.replace(mark, drop && texts.isEmpty() ? "" : " "));
          }
          return texts;
        };
      default:
        throw Tokenizer.unsupported(
            json, "Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace");
    }
  }

  private static List<String> bytes(List<String> tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    tokens.forEach(token -> bytes.writeBytes(ByteLevel.decode(token)));
    return List.of(bytes.toString(StandardCharsets.UTF_8));
  }

  /** The byte that a token such as {@code <0x0A>} stands for, or -1. */
  static int byteOf(String token) {
    return token.matches("<0x[0-9a-fA-F]{2}>") ? Integer.parseInt(token.substring(3, 5), 16) : -1;
  }

  private static List<String> byteFallback(List<String> tokens) {
    List<String> texts = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String token : tokens) {
      int value = byteOf(token);
      if (value >= 0) {
        bytes.write(value);
      } else {
        flush(bytes, texts);
        texts.add(token);
      }
    }
    flush(bytes, texts);
    return texts;
  }

  /** A run of bytes is a text if all of it is one. */
  private static void flush(ByteArrayOutputStream bytes, List<String> texts) {
    if (bytes.size() == 0) {
      return;
    }
    try {
      ByteBuffer run = ByteBuffer.wrap(bytes.toByteArray());
      texts.add(StandardCharsets.UTF_8.newDecoder().decode(run).toString());
    } catch (CharacterCodingException e) {
      texts.add("\ufffd".repeat(bytes.size()));
    }
    bytes.reset();
  }

  private static Decoder strip(Json json) {
    json.only("type", "content", "start", "stop");
    String content = json.get("content").text();
    int start = json.get("start").integer(0);
    int stop = json.get("stop").integer(0);
    if (content.length() != 1) {
      throw json.get("content").error("should be one character");
    }
    return tokens -> tokens.stream().map(t -> stripped(t, content.charAt(0), start, stop)).toList();
  }

  private static String stripped(String text, char content, int start, int stop) {
    int from = 0;
    while (from < Math.min(start, text.length()) && text.charAt(from) == content) {
      from++;
    }
    int to = text.length();
    while (text.length() - to < stop && to > from && text.charAt(to - 1) == content) {
      to--;
    }
    return text.substring(from, to);
  }
}
