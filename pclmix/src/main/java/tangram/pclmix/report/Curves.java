package tangram.pclmix.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import tangram.pclmix.chart.LineChart;
import tangram.pclmix.chart.Series;
import tangram.pclmix.data.Labels;
import tangram.pclmix.picture.Palette;

/** Losses, learning rate and scores over the steps. */
final class Curves {
  private Curves() {}

  static String losses(RunFiles files) {
    StringBuilder html = new StringBuilder(files.notes("metrics"));
    if (files.metrics().isEmpty()) {
      html.append(Html.note("No step has been done yet."));
      return Html.section("losses", "Losses", html.toString());
    }
    Table t = files.metrics().get();
    double[] step = t.column("step");
    html.append("<div class=\"charts three\">\n");
    Map<String, String> losses = new LinkedHashMap<>();
    losses.put("total", "Total loss");
    losses.putAll(files.config().method().losses());
    losses.forEach(
        (name, title) -> {
          // What is exactly 0 was not computed.
          double[] values =
              Arrays.stream(t.column(name)).map(v -> v == 0 ? Double.NaN : v).toArray();
          if (Arrays.stream(values).anyMatch(Double::isFinite)) {
            html.append(
                new LineChart(title)
                    .xAxis("step")
                    .size(380, 240)
                    .add(Series.of(title, step, values).smoothed())
                    .svg());
          }
        });
    html.append(
        new LineChart("Learning rate")
            .xAxis("step")
            .size(380, 240)
            .add("learning rate", step, t.column("learning_rate"))
            .svg());
    html.append("</div>\n");
    html.append(
        Html.paragraph(
            "Faint: every step. Strong: moving mean. A loss that is not in use, or not yet, is left"
                + " out."));
    return Html.section("losses", "Losses", html.toString());
  }

  static String validations(RunFiles files) {
    StringBuilder html = new StringBuilder(files.notes("validation"));
    if (files.validations().isEmpty()) {
      html.append(Html.note("There is no validation yet."));
      return Html.section("validation", "Validation", html.toString());
    }
    Table t = files.validations().get();
    double[] step = t.column("step");
    double best = step[files.bestValidation()];
    html.append("<div class=\"charts two\">\n");
    LineChart dice = new LineChart("Dice").xAxis("step").yRange(0, 1).size(420, 260);
    Labels labels = files.config().labels();
    for (int c = 1; c < labels.count(); c++) {
      dice.add(
          Series.of(labels.name(c), step, t.column("dice_" + labels.key(c)))
              .colour(labels.colour(c))
              .markers());
    }
    dice.add(
        Series.of("average", step, t.column("dice"))
            .colour(Palette.AVERAGE)
            .markers()
            .highlighted());
    html.append(dice.markX(best, "best").svg());
    double[] mm = t.column("hd95_mm");
    boolean known = Arrays.stream(mm).anyMatch(Double::isFinite);
    html.append(
        new LineChart("HD95, average over classes, " + (known ? "mm" : "voxels"))
            .xAxis("step")
            .size(420, 260)
            .add(
                Series.of("HD95", step, known ? mm : t.column("hd95_voxels"))
                    .colour(Palette.AVERAGE)
                    .markers()
                    .highlighted())
            .markX(best, "best")
            .svg());
    html.append("</div>\n");
    return Html.section("validation", "Validation", html.toString());
  }
}
