package tangram.nn.text;

import java.text.Normalizer.Form;
import java.util.Locale;
import tangram.nn.json.Json;

/** Changes a text before it is cut. */
interface Normalizer {
  String apply(String text);

  /** Reads one of a tokenizer's file; null changes nothing. */
  static Normalizer of(Json json) {
    if (json.isNull()) {
      return text -> text;
    }
    String type = json.get("type").text();
    switch (type) {
      case "Sequence":
        Normalizer all = text -> text;
        for (Json part : json.only("type", "normalizers").get("normalizers").list()) {
          Normalizer before = all;
          Normalizer next = of(part);
          all = text -> next.apply(before.apply(text));
        }
        return all;
      case "Prepend":
        String prefix = json.only("type", "prepend").get("prepend").text();
        return text -> text.isEmpty() ? text : prefix + text;
      case "Replace":
        TextPattern pattern =
            TextPattern.of(json.only("type", "pattern", "content").get("pattern"));
        String content = json.get("content").text();
        return text -> pattern.replace(text, content);
      case "NFC":
      case "NFD":
      case "NFKC":
      case "NFKD":
        Form form = Form.valueOf(json.only("type").get("type").text());
        return text -> java.text.Normalizer.normalize(text, form);
      case "Lowercase":
        json.only("type");
        return text -> text.toLowerCase(Locale.ROOT);
      default:
        throw Tokenizer.unsupported(
            json, "Sequence, Prepend, Replace, NFC, NFD, NFKC, NFKD, Lowercase");
    }
  }
}
