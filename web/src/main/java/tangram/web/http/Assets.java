package tangram.web.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of a page, read once: a fixed map, in which nothing is looked for by a path. */
final class Assets {
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png");

  private Assets() {}

  /**
   * Reads resources beside a class; {@code index.html} is that of the address {@code /}.
   *
   * @return by address
   */
  static Map<String, Reply> read(Class<?> beside, List<String> names) {
    Map<String, Reply> assets = new LinkedHashMap<>();
    for (String name : names) {
      String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      try (InputStream in = beside.getResourceAsStream(name)) {
        if (in == null || type == null) {
          throw new IllegalStateException("there is no asset " + name);
        }
        Reply reply = Reply.of(200, type, in.readAllBytes());
        assets.put(name.equals("index.html") ? "/" : "/" + name, reply);
      } catch (IOException e) {
        throw new IllegalStateException("the asset " + name + " cannot be read", e);
      }
    }
    return assets;
  }
}
