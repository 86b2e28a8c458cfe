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

  static String text(
      StudyTable table, Map<String, Summary> summaries, Map<String, Summary> unfiltered) {
    StringBuilder text = new StringBuilder(FORM.header());
    summaries.forEach(
        (group, s) -> {
          measured(text, table, "measured", s);
          if (unfiltered.containsKey(group)) {
            measured(text, table, "measured_unfiltered", unfiltered.get(group));
          }
          table.others(group).forEach((source, o) -> others(text, table, group, source.key(), o));
        });
    return text.toString();
  }

  private static void measured(StringBuilder text, StudyTable table, String source, Summary s) {
    List<String> classes = table.names();
    for (int i = 0; i < classes.size(); i++) {
      text.append(
          FORM.line(
              s.group(),
              source,
              classes.get(i),
              number("%.5f", s.dice().get(i).mean()),
              number("%.5f", s.dice().get(i).standardDeviation()),
              number("%.3f", s.hd95().get(i).mean()),
              number("%.3f", s.hd95().get(i).standardDeviation()),
              s.millimetres() ? "mm" : "voxels",
              s.count(),
              s.runs()));
    }
  }

  private static void others(
      StringBuilder text, StudyTable table, String group, String source, PaperScores scores) {
    List<String> classes = table.names();
    for (int i = 0; i < classes.size(); i++) {
      double dice = scores.dice().get(i);
      double hd95 = scores.hd95().get(i);
      if (!Double.isNaN(dice)) {
        text.append(
            FORM.line(
                group,
                source,
                classes.get(i),
                number("%.3f", dice / 100),
                "",
                Double.isNaN(hd95) ? "" : number("%.1f", hd95),
                "",
                "",
                "",
                ""));
      }
    }
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
