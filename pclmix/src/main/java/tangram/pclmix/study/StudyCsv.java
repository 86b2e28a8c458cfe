package tangram.pclmix.study;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import tangram.pclmix.file.RunTable;

/** A study's numbers for other programs, one row a row of the table, class and source. */
final class StudyCsv {
  private static final RunTable FORM =
      RunTable.ofTexts(
          "row",
          "source",
          "class",
          "dice",
          "dice_sd",
          "hd95",
          "hd95_sd",
          "hd95_unit",
          "count",
          "runs");

  private StudyCsv() {}

  static String text(StudyTable table, Map<String, Summary> summaries) {
    StringBuilder text = new StringBuilder(FORM.header());
    List<String> classes = table.names();
    summaries.forEach(
        (group, s) -> {
          for (int i = 0; i < classes.size(); i++) {
            text.append(
                FORM.line(
                    group,
                    "measured",
                    classes.get(i),
                    number("%.5f", s.dice().get(i).mean()),
                    number("%.5f", s.dice().get(i).standardDeviation()),
                    number("%.3f", s.hd95().get(i).mean()),
                    number("%.3f", s.hd95().get(i).standardDeviation()),
                    s.millimetres() ? "mm" : "voxels",
                    s.count(),
                    s.runs()));
          }
          PaperScores paper = table.paper(group);
          for (int i = 0; paper != null && i < classes.size(); i++) {
            text.append(
                FORM.line(
                    group,
                    "paper",
                    classes.get(i),
                    number("%.3f", paper.dice().get(i) / 100),
                    "",
                    number("%.1f", paper.hd95().get(i)),
                    "",
                    "",
                    "",
                    ""));
          }
        });
    return text.toString();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
