package tangram.pclmix.report;

import static tangram.tensor.Xml.escape;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.picture.MontageParts.Part;

/** Pieces of the page, well-formed XML as well as HTML. */
final class Html {
  private Html() {}

  /** A part of the page with a heading; the id is what the live page compares it by. */
  static String section(String id, String title, String body) {
    return "<section id=\"" + id + "\">\n<h2>" + escape(title) + "</h2>\n" + body + "</section>\n";
  }

  /** Text for the reader. */
  static String paragraph(String text) {
    return "<p>" + escape(text) + "</p>\n";
  }

  /** Something that is not as it should be, or not there. */
  static String note(String text) {
    return "<p class=\"note\">" + escape(text) + "</p>\n";
  }

  /** Content that scrolls by itself where the screen is narrower. */
  static String scrolling(String content) {
    return "<div class=\"scroll\" tabindex=\"0\">" + content + "</div>\n";
  }

  /** A table of texts; the first cell of a row is its heading. */
  static String table(String kind, List<String> head, List<List<String>> rows) {
    StringBuilder html = new StringBuilder("<table class=\"" + kind + "\">\n");
    if (!head.isEmpty()) {
      html.append("<thead><tr>");
      head.forEach(cell -> html.append("<th scope=\"col\">").append(escape(cell)).append("</th>"));
      html.append("</tr></thead>\n");
    }
    html.append("<tbody>\n");
    for (List<String> row : rows) {
      html.append("<tr><th scope=\"row\">").append(escape(row.get(0))).append("</th>");
      for (String cell : row.subList(1, row.size())) {
        html.append("<td>").append(escape(cell)).append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table>").toString();
  }

  /** A picture within the page. */
  static String image(Part part, String alternative) {
    return "<img alt=\""
        + escape(alternative)
        + "\" src=\"data:image/png;base64,"
        + Base64.getEncoder().encodeToString(part.png())
        + "\"/>";
  }

  /** A picture with its caption below. */
  static String figure(Part part) {
    return "<figure>"
        + image(part, part.column() + ", " + part.row())
        + "<figcaption>"
        + escape(part.column())
        + "</figcaption></figure>\n";
  }

  /** A number with a given number of decimals, or a dash where there is none. */
  static String number(double value, int decimals) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + decimals + "f", value) : "–";
  }

  /** A count with thousands apart. */
  static String count(double value) {
    return String.format(Locale.ROOT, "%,d", Math.round(value));
  }

  /** A duration: 0.12 s, 48 s, 3:05 min, 2:05 h. */
  static String duration(double seconds) {
    if (!(seconds >= 0)) {
      return "–";
    }
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.2f s", seconds);
    }
    long s = Math.round(seconds);
    if (s < 60) {
      return s + " s";
    }
    return s < 3600
        ? String.format(Locale.ROOT, "%d:%02d min", s / 60, s % 60)
        : String.format(Locale.ROOT, "%,d:%02d h", s / 3600, s % 3600 / 60);
  }

  /** A file that belongs to the program. */
  static String resource(String name) {
    try (InputStream in = Html.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
