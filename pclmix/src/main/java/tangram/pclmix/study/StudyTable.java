package tangram.pclmix.study;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tangram.pclmix.data.Labels;
import tangram.pclmix.method.Methods;
import tangram.pclmix.metrics.Evaluation.Statistic;
import tangram.pclmix.training.Setting;

/**
 * A study's table in the paper's form, with the paper's own numbers under every row they exist of.
 */
final class StudyTable {
  private static final List<String> LOSSES = List.of("sup", "ctr", "het", "mix");

  /**
   * A row.
   *
   * @param cells its cells
   * @param paper whether it holds others' numbers rather than measured ones
   */
  record Row(List<String> cells, boolean paper) {}

  private final StudyPlan plan;
  private final Map<String, Summary> summaries;

  /** With all components; empty where none are removed. */
  private final Map<String, Summary> unfiltered;

  private final List<String> header = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();

  StudyTable(StudyPlan plan, Map<String, Summary> summaries, Map<String, Summary> unfiltered) {
    this.plan = plan;
    this.summaries = summaries;
    this.unfiltered = unfiltered;
    boolean mm = summaries.values().stream().allMatch(Summary::millimetres);
    switch (plan.kind()) {
      case ABLATE:
        header.add("version");
        header.addAll(LOSSES);
        break;
      case CROSSVAL:
        header.add("method");
        break;
      default:
        header.add("lambda_t");
        header.add("contrast weight");
    }
    for (String name : names()) {
      header.add(name + " Dice");
      header.add("HD95" + (mm ? "" : " (voxels)"));
    }
    plan.variants().stream().map(Variant::group).distinct().forEach(this::add);
  }

  /** The foreground classes and their average. */
  List<String> names() {
    List<String> names = new ArrayList<>(plan.base().labels().foreground());
    names.add("Avg");
    return names;
  }

  List<String> header() {
    return header;
  }

  List<Row> rows() {
    return rows;
  }

  /** What the paper reports of a row; null where it prints no number, and for other organs. */
  PaperScores paper(String group) {
    if (!plan.base().labels().foreground().equals(Labels.HEART.foreground())) {
      return null;
    }
    switch (plan.kind()) {
      case ABLATE:
        return version(group).paper();
      case CROSSVAL:
        return CrossValidation.paper(Methods.of(group).orElseThrow());
      default:
        return null;
    }
  }

  private static Ablation.Version version(String group) {
    return Ablation.VERSIONS.stream()
        .filter(v -> v.title().equals(group))
        .findFirst()
        .orElseThrow();
  }

  private void add(String group) {
    boolean both = plan.isFiltered();
    if (both) {
      rows.add(measured(names(group), ", raw", unfiltered.get(group)));
    }
    rows.add(measured(names(group), both ? ", filtered" : "", summaries.get(group)));
    others(group).forEach((source, scores) -> rows.add(reference(group, source.title(), scores)));
  }

  /** The scores of others that a row is compared with. */
  Map<Table1.Source, PaperScores> others(String group) {
    Map<Table1.Source, PaperScores> others = new EnumMap<>(Table1.Source.class);
    PaperScores paper = paper(group);
    if (paper != null) {
      others.put(Table1.Source.PAPER, paper);
      if (plan.kind() == StudyKind.CROSSVAL && plan.isFiltered()) {
        for (Table1.Source source : Table1.Source.values()) {
          Table1.of(group, source).ifPresent(scores -> others.put(source, scores));
        }
      }
    }
    return others;
  }

  private Row measured(List<String> names, String how, Summary summary) {
    List<String> cells = new ArrayList<>(names);
    cells.set(0, names.get(0) + how);
    for (int i = 0; i < names().size(); i++) {
      cells.add(summary == null ? "–" : cell(summary.dice().get(i), 100, summary.count()));
      cells.add(summary == null ? "–" : cell(summary.hd95().get(i), 1, summary.count()));
    }
    return new Row(cells, false);
  }

  private Row reference(String group, String title, PaperScores scores) {
    List<String> cells = new ArrayList<>(List.of(title));
    while (cells.size() < names(group).size()) {
      cells.add("");
    }
    for (int i = 0; i < names().size(); i++) {
      cells.add(printed(scores.dice().get(i)));
      cells.add(printed(scores.hd95().get(i)));
    }
    return new Row(cells, true);
  }

  private static String printed(double number) {
    return Double.isNaN(number) ? "" : String.format(Locale.ROOT, "%.1f", number);
  }

  private List<String> names(String group) {
    switch (plan.kind()) {
      case ABLATE:
        List<String> cells = new ArrayList<>(List.of(group));
        LOSSES.forEach(loss -> cells.add(version(group).uses(loss) ? "✓" : ""));
        return cells;
      case CROSSVAL:
        return List.of(Methods.of(group).orElseThrow().row());
      default:
        Map<Setting, String> settings = settings(group);
        return List.of(settings.get(Setting.LAMBDA_T), settings.get(Setting.CONTRAST_WEIGHT));
    }
  }

  private Map<Setting, String> settings(String group) {
    return plan.variants().stream()
        .filter(v -> v.group().equals(group))
        .findFirst()
        .orElseThrow()
        .settings();
  }

  /** Mean, and the standard deviation where it is over more than one. */
  private static String cell(Statistic statistic, double scale, int count) {
    String mean = String.format(Locale.ROOT, "%.1f", scale * statistic.mean());
    return count == 1
        ? mean
        : String.format(Locale.ROOT, "%s (%.1f)", mean, scale * statistic.standardDeviation());
  }

  /** The table in Markdown. */
  String markdown() {
    int[] widths = new int[header.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = header.get(i).length();
      for (Row row : rows) {
        widths[i] = Math.max(widths[i], row.cells().get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    line(text, header, widths);
    text.append('|');
    for (int width : widths) {
      text.append("-".repeat(width + 2)).append('|');
    }
    text.append('\n');
    rows.forEach(row -> line(text, row.cells(), widths));
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths) {
    text.append('|');
    for (int i = 0; i < widths.length; i++) {
      text.append(' ').append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length()));
      text.append(" |");
    }
    text.append('\n');
  }
}
