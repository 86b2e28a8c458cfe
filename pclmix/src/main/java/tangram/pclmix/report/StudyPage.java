package tangram.pclmix.report;

import static tangram.tensor.Xml.escape;

import java.util.ArrayList;
import java.util.List;

/**
 * The page of a study: its table, its plots and links to the pages of its runs. One HTML document
 * that needs nothing else; only the links lead to files beside it.
 */
public final class StudyPage {
  private record Row(List<String> cells, boolean reference) {}

  private record Link(String name, String target) {}

  private final String title;
  private final List<String> header;
  private final List<Row> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> plots = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();

  /**
   * Starts a page.
   *
   * @param header names of the table's columns
   */
  public StudyPage(String title, List<String> header) {
    this.title = title;
    this.header = List.copyOf(header);
  }

  /**
   * Adds a row of the table.
   *
   * @param reference whether it holds published numbers rather than measured ones
   */
  public StudyPage row(List<String> cells, boolean reference) {
    rows.add(new Row(List.copyOf(cells), reference));
    return this;
  }

  /** Adds a sentence below the table. */
  public StudyPage note(String text) {
    notes.add(text);
    return this;
  }

  /** Adds a plot, an SVG element. */
  public StudyPage plot(String svg) {
    plots.add(svg);
    return this;
  }

  /** Adds a run and where its page is, relative to this one. */
  public StudyPage run(String name, String target) {
    links.add(new Link(name, target));
    return this;
  }

  /** The page. */
  public String html() {
    StringBuilder table = new StringBuilder("<table class=\"figures study\">\n<thead><tr>");
    header.forEach(c -> table.append("<th scope=\"col\">").append(escape(c)).append("</th>"));
    table.append("</tr></thead>\n<tbody>\n");
    for (Row row : rows) {
      table.append(row.reference() ? "<tr class=\"reference\">" : "<tr>");
      table.append("<th scope=\"row\">").append(escape(row.cells().get(0))).append("</th>");
      row.cells()
          .subList(1, row.cells().size())
          .forEach(cell -> table.append("<td>").append(escape(cell)).append("</td>"));
      table.append("</tr>\n");
    }
    table.append("</tbody></table>");
    StringBuilder text = new StringBuilder();
    notes.forEach(note -> text.append(Html.paragraph(note)));
    StringBuilder runs = new StringBuilder("<ul>\n");
    links.forEach(
        link ->
            runs.append("<li><a href=\"")
                .append(escape(link.target()))
                .append("\">")
                .append(escape(link.name()))
                .append("</a></li>\n"));
    runs.append("</ul>\n");
    String body =
        "<header id=\"overview\"><h1>"
            + escape(title)
            + "</h1></header>\n"
            + Html.section("table", "Scores", Html.scrolling(table.toString()) + text)
            + (plots.isEmpty()
                ? ""
                : Html.section(
                    "plots",
                    "Plots",
                    plots.size() > 1
                        ? "<div class=\"charts two\">" + String.join("\n", plots) + "</div>\n"
                        : Html.scrolling("<div class=\"wide\">" + plots.get(0) + "</div>")))
            + Html.section("runs", "Runs", runs.toString());
    return Report.document(title, body, "");
  }
}
