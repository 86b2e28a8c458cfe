package tangram.pclmix.method;

import java.util.LinkedHashMap;
import java.util.Map;

/** Names that several methods report. */
final class Names {
  static final String SUP = "sup";
  static final String SUP_TITLE = "Supervised loss (sup)";
  static final String PSEUDO = "pseudo";
  static final String PSEUDO_TITLE = "Loss of pseudo labels (pseudo)";

  static final String DICE = "dice";

  private Names() {}

  /** Names and titles in turns, in order. */
  static Map<String, String> of(String... namesAndTitles) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTitles.length; i += 2) {
      all.put(namesAndTitles[i], namesAndTitles[i + 1]);
    }
    return all;
  }
}
