package tangram.pclmix.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tangram.pclmix.chart.BarChart;
import tangram.pclmix.chart.LineChart;
import tangram.pclmix.chart.Series;
import tangram.pclmix.data.Labels;
import tangram.pclmix.method.Methods;
import tangram.pclmix.picture.Palette;
import tangram.pclmix.training.Setting;

/** A study's plots. */
final class StudyPlots {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 380;

  private StudyPlots() {}

  /** A plot in both of its forms. */
  record Plot(String svg, byte[] png) {}

  /** The plots of what is complete, by the names of their files without extension. */
  static Map<String, Plot> of(StudyPlan plan, StudyTable table, Map<String, Summary> summaries) {
    Map<String, Plot> plots = new LinkedHashMap<>();
    switch (plan.kind()) {
      case ABLATE:
        plots.put("plot", plot(ablation(plan, table, summaries)));
        break;
      case CROSSVAL:
        plots.put("plot", plot(methods(table, summaries)));
        break;
      default:
        for (Setting varied : Sensitivity.VARIED) {
          List<Variant> curve = curve(plan, varied, summaries);
          if (curve.size() > 1) {
            LineChart chart = curve(plan, table, curve, varied, summaries);
            plots.put("plot-" + varied.key(), new Plot(chart.svg(), chart.png()));
          }
        }
    }
    return plots;
  }

  private static Plot plot(BarChart chart) {
    return new Plot(chart.svg(), chart.png());
  }

  /** The versions beside each other, a bar each for the classes and their average. */
  private static BarChart ablation(
      StudyPlan plan, StudyTable table, Map<String, Summary> summaries) {
    List<String> groups = List.copyOf(summaries.keySet());
    BarChart chart =
        new BarChart("Dice, %", groups.toArray(new String[0]))
            .size(WIDTH, HEIGHT)
            .yRange(0, 100)
            .decimals(1)
            .references("paper");
    List<String> names = table.names();
    boolean several = summaries.values().stream().anyMatch(s -> s.count() > 1);
    for (int i = 0; i < names.size(); i++) {
      int column = i;
      chart.bars(
          names.get(i),
          each(groups, group -> 100 * summaries.get(group).dice().get(column).mean()),
          several
              ? each(
                  groups,
                  group -> 100 * summaries.get(group).dice().get(column).standardDeviation())
              : null,
          each(groups, group -> paper(table, group, column)),
          colour(plan, i));
    }
    return chart;
  }

  /** The classes and their average, a bar each for the methods. */
  private static BarChart methods(StudyTable table, Map<String, Summary> summaries) {
    BarChart chart =
        new BarChart("Dice, %", table.names().toArray(new String[0]))
            .size(WIDTH, HEIGHT)
            .yRange(0, 100)
            .decimals(1)
            .references("paper");
    summaries.forEach(
        (group, s) ->
            chart.bars(
                Methods.of(group).orElseThrow().row(),
                s.dice().stream().mapToDouble(d -> 100 * d.mean()).toArray(),
                s.dice().stream().mapToDouble(d -> 100 * d.standardDeviation()).toArray(),
                table.paper(group) == null
                    ? null
                    : table.paper(group).dice().stream().mapToDouble(d -> d).toArray()));
    return chart;
  }

  /** The classes have the colours that they have in pictures. */
  private static int colour(StudyPlan plan, int column) {
    Labels labels = plan.base().labels();
    return column + 1 < labels.count() ? labels.colour(column + 1) : Palette.AVERAGE;
  }

  /** NaN where the paper has no number. */
  private static double paper(StudyTable table, String group, int column) {
    PaperScores paper = table.paper(group);
    return paper == null ? Double.NaN : paper.dice().get(column);
  }

  private static double[] each(List<String> groups, Function<String, Double> value) {
    return groups.stream().mapToDouble(value::apply).toArray();
  }

  /** The complete variants in which all but one of the varied settings are the study's own. */
  private static List<Variant> curve(
      StudyPlan plan, Setting varied, Map<String, Summary> summaries) {
    List<Variant> curve = new ArrayList<>();
    for (Variant variant : plan.variants()) {
      boolean on = summaries.containsKey(variant.group());
      for (Setting other : Sensitivity.VARIED) {
        on &= other == varied || value(variant, other) == plan.base().real(other);
      }
      if (on) {
        curve.add(variant);
      }
    }
    curve.sort((a, b) -> Double.compare(value(a, varied), value(b, varied)));
    return curve;
  }

  private static double value(Variant variant, Setting setting) {
    return Double.parseDouble(variant.settings().get(setting));
  }

  private static LineChart curve(
      StudyPlan plan,
      StudyTable table,
      List<Variant> curve,
      Setting varied,
      Map<String, Summary> summaries) {
    double[] x = curve.stream().mapToDouble(v -> value(v, varied)).toArray();
    LineChart chart = new LineChart("Dice, %").size(WIDTH / 2, HEIGHT).xAxis(varied.description());
    List<String> names = table.names();
    for (int i = 0; i < names.size(); i++) {
      int column = i;
      Series series =
          Series.of(
                  names.get(i),
                  x,
                  curve.stream()
                      .mapToDouble(v -> 100 * summaries.get(v.group()).dice().get(column).mean())
                      .toArray())
              .errors(
                  curve.stream()
                      .mapToDouble(
                          v ->
                              100 * summaries.get(v.group()).dice().get(column).standardDeviation())
                      .toArray())
              .markers();
      Series coloured = series.colour(colour(plan, i));
      chart.add(i == names.size() - 1 ? coloured.highlighted() : coloured);
    }
    return chart.markX(varied == Setting.LAMBDA_T ? 0.4 : 0.15, "paper's best");
  }
}
