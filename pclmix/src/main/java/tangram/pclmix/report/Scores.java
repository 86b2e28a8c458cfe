package tangram.pclmix.report;

import static tangram.pclmix.report.Html.number;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tangram.pclmix.chart.BarChart;
import tangram.pclmix.metrics.ClassScore;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.SegmentationScores;
import tangram.pclmix.training.Validation;

/** The tables of scores, per class and case by case. */
final class Scores {
  private Scores() {}

  static String validation(RunFiles files) {
    String html = files.notes("scores");
    if (files.scores().isPresent()) {
      html += html(files, files.scores().get(), files.unfilteredScores());
    } else if (html.isEmpty()) {
      html =
          Html.note(
              "There are no scores case by case yet: the best weights are scored at the end of the"
                  + " training.");
    }
    return Html.section("scores", "Scores on the validation volumes", html);
  }

  /** Empty where there are none, since they are not part of a training. */
  static String test(RunFiles files) {
    Optional<Evaluation> scores = files.testScores();
    String notes = files.notes("test");
    return scores.isEmpty() && notes.isEmpty()
        ? ""
        : Html.section(
            "test",
            "Scores on test volumes",
            notes + scores.map(s -> html(files, s, files.unfilteredTestScores())).orElse(""));
  }

  private static String html(RunFiles files, Evaluation e, Optional<Evaluation> unfiltered) {
    List<Evaluation.Column> columns = e.columns();
    boolean mm = e.hasMillimetres();
    String[] names = columns.stream().map(Evaluation.Column::name).toArray(String[]::new);
    double[] means = columns.stream().mapToDouble(c -> c.dice().mean()).toArray();
    double[] deviations = columns.stream().mapToDouble(c -> c.dice().standardDeviation()).toArray();
    String chart =
        new BarChart("", names)
            .size(420, 230)
            .yRange(0, 1)
            .yAxis("Dice")
            .bars("Dice", means, deviations, null, 0x56789A)
            .svg();
    int n = e.volumes().size();
    String how = Validation.description(files.config().segmentation());
    return "<div class=\"beside\">\n<div>"
        + table(e)
        + Html.paragraph(
            "Mean ± standard deviation over "
                + n
                + (n == 1 ? " volume." : " volumes.")
                + " Missing: classes that only the truth or only the prediction has; they count as"
                + " Dice 0 and HD95 50.")
        + (how.isEmpty() ? "" : Html.paragraph(how.strip() + "."))
        + unfiltered
            .map(all -> Html.paragraph("The same with all components:") + table(all))
            .orElse("")
        + "</div>\n<div class=\"charts\">"
        + chart
        + "</div>\n</div>\n"
        + cases(e, mm);
  }

  private static String table(Evaluation e) {
    boolean mm = e.hasMillimetres();
    List<List<String>> rows = new ArrayList<>();
    for (Evaluation.Column c : e.columns()) {
      rows.add(
          List.of(
              c.name(),
              statistic(c.dice(), 3),
              statistic(mm ? c.hd95Mm() : c.hd95Voxels(), 1),
              Integer.toString(c.truthOnly() + c.predictionOnly())));
    }
    return Html.scrolling(
        Html.table(
            "figures", List.of("", "Dice", mm ? "HD95, mm" : "HD95, voxels", "missing"), rows));
  }

  private static String statistic(Evaluation.Statistic s, int decimals) {
    return number(s.mean(), decimals) + " ± " + number(s.standardDeviation(), decimals);
  }

  /** Every volume, the worst first. */
  private static String cases(Evaluation e, boolean mm) {
    List<SegmentationScores> volumes = new ArrayList<>(e.volumes());
    volumes.sort(Comparator.comparingDouble(Scores::average));
    List<List<String>> rows = new ArrayList<>();
    for (SegmentationScores volume : volumes) {
      List<String> row = new ArrayList<>(List.of(volume.name(), number(average(volume), 3)));
      volume.classes().forEach(c -> row.add(number(c.dice(), 3)));
      volume.classes().forEach(c -> row.add(number(mm ? c.hd95Mm() : c.hd95Voxels(), 1)));
      rows.add(row);
    }
    String unit = mm ? " mm" : " voxels";
    List<String> head = new ArrayList<>(List.of("volume", "Dice"));
    e.labels().foreground().forEach(name -> head.add("Dice " + name));
    e.labels().foreground().forEach(name -> head.add("HD95 " + name + "," + unit));
    return "<details><summary>Case by case</summary>\n"
        + Html.scrolling(Html.table("figures", head, rows))
        + "</details>\n";
  }

  private static double average(SegmentationScores volume) {
    return volume.classes().stream().mapToDouble(ClassScore::dice).average().orElse(0);
  }
}
