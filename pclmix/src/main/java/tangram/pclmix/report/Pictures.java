package tangram.pclmix.report;

import static tangram.tensor.Xml.escape;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tangram.pclmix.data.Labels;
import tangram.pclmix.picture.MontageParts.Part;

/** Slices with what the network makes of them: at the end, and in the course of the training. */
final class Pictures {
  /** Snapshots shown. */
  private static final int MOMENTS = 8;

  /** What changes in the course of the training. */
  private static final List<String> CHANGING = List.of("prediction", "uncertainty", "confirmed");

  private Pictures() {}

  /** The worst slice, the median and the best. */
  static String cases(RunFiles files) {
    StringBuilder html = new StringBuilder(files.notes("cases"));
    List<List<Part>> rows = rows(files.cases());
    if (rows.isEmpty()) {
      if (html.isEmpty()) {
        html.append(Html.note("There are no pictures yet: they are drawn at the end."));
      }
      return Html.section("cases", "Worst, median and best slice", html.toString());
    }
    TreeSet<Integer> shown = new TreeSet<>(List.of(0, rows.size() / 2, rows.size() - 1));
    for (int row : shown) {
      html.append("<h3>").append(escape(rows.get(row).get(0).row())).append("</h3>\n");
      html.append("<div class=\"panels\">\n");
      rows.get(row).forEach(part -> html.append(Html.figure(part)));
      html.append("</div>\n");
    }
    html.append(legend(files.config().labels()));
    return Html.section("cases", "Worst, median and best slice", html.toString());
  }

  /** The panels of every row; a row ends where a column comes again or the caption changes. */
  private static List<List<Part>> rows(List<Part> parts) {
    Map<String, List<Part>> rows = new LinkedHashMap<>();
    parts.forEach(p -> rows.computeIfAbsent(p.row(), caption -> new ArrayList<>()).add(p));
    return List.copyOf(rows.values());
  }

  private static String legend(Labels labels) {
    StringBuilder html = new StringBuilder("<p class=\"legend\">");
    for (int label = 1; label <= labels.count(); label++) {
      int kind = label % labels.count();
      html.append(String.format("<span><i style=\"background:#%06x\"></i>", labels.colour(kind)));
      html.append(escape(labels.name(kind))).append(kind == 0 ? " (scribbles)" : "");
      html.append("</span> ");
    }
    return html.append("</p>\n").toString();
  }

  /** The snapshots, at most {@value #MOMENTS} of them, the last included. */
  static String snapshots(RunFiles files) {
    List<Long> steps = new ArrayList<>(files.snapshots().keySet());
    Map<Long, List<List<Part>>> moments = new LinkedHashMap<>();
    for (int i : spread(steps.size(), MOMENTS)) {
      Path file = files.snapshots().get(steps.get(i));
      List<List<Part>> rows = rows(files.snapshot(file));
      if (!rows.isEmpty()) {
        moments.put(steps.get(i), rows);
      }
    }
    StringBuilder html = new StringBuilder(files.notes("snapshots"));
    if (moments.isEmpty()) {
      html.append(Html.note("There is no snapshot yet: one is drawn at every validation."));
      return Html.section("snapshots", "The training under way", html.toString());
    }
    boolean ensemble =
        moments.values().stream()
            .flatMap(rows -> rows.stream().flatMap(List::stream))
            .anyMatch(part -> part.column().equals("uncertainty"));
    html.append(
        Html.paragraph(
            "What the network makes of three training slices."
                + (ensemble
                    ? " Uncertainty is the entropy of the ensemble of both decoders, from dark (0)"
                        + " to light yellow (ln "
                        + files.config().labels().count()
                        + "); confirmed are the pseudo labels below the"
                        + " threshold of that step, with white fog where there is none."
                    : "")));
    int slices = moments.values().stream().mapToInt(List::size).min().orElse(0);
    for (int slice = 0; slice < slices; slice++) {
      slice(html, moments, slice);
    }
    html.append(legend(files.config().labels()));
    return Html.section("snapshots", "The training under way", html.toString());
  }

  private static void slice(StringBuilder html, Map<Long, List<List<Part>>> moments, int slice) {
    List<Part> any = moments.values().iterator().next().get(slice);
    String caption = any.get(0).row();
    int comma = caption.lastIndexOf(',');
    html.append("<h3>").append(escape(comma < 0 ? caption : caption.substring(0, comma)));
    html.append("</h3>\n<div class=\"stills\">\n");
    any.stream()
        .filter(part -> !CHANGING.contains(part.column()))
        .forEach(part -> html.append(Html.figure(part)));
    html.append("</div>\n");
    StringBuilder film = new StringBuilder("<table class=\"film\">\n<thead><tr><th></th>");
    moments.keySet().forEach(s -> film.append("<th>step ").append(Html.count(s)).append("</th>"));
    film.append("</tr></thead>\n<tbody>\n");
    for (String column : CHANGING) {
      if (any.stream().anyMatch(part -> part.column().equals(column))) {
        film.append("<tr><th scope=\"row\">").append(escape(column)).append("</th>");
        for (List<List<Part>> rows : moments.values()) {
          film.append("<td>");
          rows.get(slice).stream()
              .filter(part -> part.column().equals(column))
              .forEach(part -> film.append(Html.image(part, column + ", " + part.row())));
          film.append("</td>");
        }
        film.append("</tr>\n");
      }
    }
    html.append(Html.scrolling(film.append("</tbody></table>").toString()));
  }

  /** So many of n indices, evenly spaced, the first and the last among them. */
  static List<Integer> spread(int n, int most) {
    if (n <= 0) {
      return List.of();
    }
    TreeSet<Integer> chosen = new TreeSet<>();
    for (int i = 0; i < most; i++) {
      chosen.add((int) Math.round((double) i * (n - 1) / (most - 1)));
    }
    return List.copyOf(chosen);
  }
}
