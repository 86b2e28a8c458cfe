package tangram.pclmix.study;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A study's numbers for other programs, one row a row of the table, class and source. */
final class StudyCsv {
  private StudyCsv() {}

  static String text(StudyTable table, Map<String, Summary> summaries) {
    StringBuilder text =
        new StringBuilder("row,source,class,dice,dice_sd,hd95,hd95_sd,hd95_unit,count,runs\n");
    List<String> classes = StudyTable.names();
    summaries.forEach(
        (group, s) -> {
          for (int i = 0; i < classes.size(); i++) {
            text.append(
                String.format(
                    Locale.ROOT,
                    "%s,measured,%s,%.5f,%.5f,%.3f,%.3f,%s,%d,%d%n",
                    group,
                    classes.get(i),
                    s.dice().get(i).mean(),
                    s.dice().get(i).standardDeviation(),
                    s.hd95().get(i).mean(),
                    s.hd95().get(i).standardDeviation(),
                    s.millimetres() ? "mm" : "voxels",
                    s.count(),
                    s.runs()));
          }
          PaperScores paper = table.paper(group);
          for (int i = 0; paper != null && i < classes.size(); i++) {
            text.append(
                String.format(
                    Locale.ROOT,
                    "%s,paper,%s,%.3f,,%.1f,,,,%n",
                    group,
                    classes.get(i),
                    paper.dice().get(i) / 100,
                    paper.hd95().get(i)));
          }
        });
    return text.toString();
  }
}
