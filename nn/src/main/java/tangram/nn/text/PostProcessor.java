package tangram.nn.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tangram.nn.json.Json;

/** Adds what begins and ends a text. */
interface PostProcessor {
  int[] apply(int[] ids);

  /** Reads one of a tokenizer's file; null adds nothing. */
  static PostProcessor of(Json json) {
    if (json.isNull()) {
      return ids -> ids;
    }
    switch (json.get("type").text()) {
      case "ByteLevel":
        // Moves the limits of tokens in the text, which are not kept.
        json.only("type", "add_prefix_space", "trim_offsets", "use_regex");
        return ids -> ids;
      case "Sequence":
        PostProcessor all = ids -> ids;
        for (Json part : json.only("type", "processors").get("processors").list()) {
          PostProcessor before = all;
          PostProcessor next = of(part);
          all = ids -> next.apply(before.apply(ids));
        }
        return all;
      case "TemplateProcessing":
        return template(json);
      case "RobertaProcessing":
        json.only("type", "sep", "cls", "trim_offsets", "add_prefix_space");
        int[] first = {second(json.get("cls"))};
        int[] last = {second(json.get("sep"))};
        return ids -> join(List.of(first, ids, last));
      default:
        throw Tokenizer.unsupported(
            json, "ByteLevel, Sequence, TemplateProcessing, RobertaProcessing");
    }
  }

  private static int second(Json pair) {
    List<Json> parts = pair.list();
    if (parts.size() != 2) {
      throw pair.error("should be a token and its identifier");
    }
    return parts.get(1).integer(0);
  }

  private static PostProcessor template(Json json) {
    // The template of pairs is for two texts, which are not encoded together.
    json.only("type", "single", "pair", "special_tokens");
    List<int[]> pieces = new ArrayList<>();
    int text = -1;
    for (Json piece : json.get("single").list()) {
      piece.only("Sequence", "SpecialToken");
      if (piece.has("Sequence")) {
        if (text >= 0 || !piece.get("Sequence").get("id").text().equals("A")) {
          throw piece.error("should be the only sequence, 'A'");
        }
        text = pieces.size();
        pieces.add(new int[0]);
      } else {
        Json name = piece.get("SpecialToken").get("id");
        pieces.add(
            json.get("special_tokens").get(name.text()).get("ids").list().stream()
                .mapToInt(id -> id.integer(0))
                .toArray());
      }
    }
    if (text < 0) {
      throw json.get("single").error("has no place for the text");
    }
    int place = text;
    return ids -> {
      List<int[]> filled = new ArrayList<>(pieces);
      filled.set(place, ids);
      return join(filled);
    };
  }

  private static int[] join(List<int[]> parts) {
    return parts.stream().flatMapToInt(IntStream::of).toArray();
  }
}
