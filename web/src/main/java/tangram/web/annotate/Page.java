package tangram.web.annotate;

import java.util.List;

/** What the page consists of. */
final class Page {
  /** The files that are served, and no others: resources beside this class. */
  static final List<String> ASSETS = List.of("index.html");

  static final String CONTENT_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
          + " blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Page() {}
}
