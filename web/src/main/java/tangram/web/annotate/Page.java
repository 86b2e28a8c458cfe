package tangram.web.annotate;

import java.util.List;

/** What the page consists of. */
final class Page {
  /** The files that are served, and no others: resources beside this class. */
  static final List<String> ASSETS =
      List.of(
          "index.html",
          "style.css",
          "icon.svg",
          "actions.js",
          "api.js",
          "brush.js",
          "cursor.js",
          "dialogs.js",
          "dom.js",
          "draw.js",
          "drawings.js",
          "images.js",
          "keys.js",
          "layers.js",
          "link.js",
          "main.js",
          "messages.js",
          "predictions.js",
          "scans.js",
          "stage.js",
          "store.js",
          "strip.js",
          "strokes.js",
          "tools.js",
          "topbar.js",
          "train.js",
          "view.js");

  static final String CONTENT_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
          + " blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Page() {}
}
