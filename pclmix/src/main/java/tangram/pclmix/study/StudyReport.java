package tangram.pclmix.study;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import tangram.nn.AtomicFile;
import tangram.pclmix.report.Report;
import tangram.pclmix.report.StudyPage;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** The tables and plots of a study, from whatever of its runs is complete. */
public final class StudyReport {
  private StudyReport() {}

  /**
   * Writes {@code table.md}, {@code results.csv}, {@code study.html} and the plots into the study's
   * folder.
   *
   * @return the table
   * @throws tangram.nn.FileWriteException if a file cannot be written
   * @throws tangram.nn.FileFormatException if a run's scores are damaged
   */
  public static String write(StudyPlan plan, StudyFolder folder) {
    Map<String, Summary> summaries = folder.summaries(plan);
    Map<String, Summary> unfiltered = folder.unfilteredSummaries(plan);
    StudyTable table = new StudyTable(plan, summaries, unfiltered);
    List<String> notes = notes(plan, table, summaries, unfiltered);
    Path path = folder.path();
    Map<String, StudyPlots.Plot> plots = StudyPlots.of(plan, table, summaries);
    plots.forEach((name, plot) -> AtomicFile.write(path.resolve(name + ".png"), plot.png()));
    write(path.resolve("results.csv"), StudyCsv.text(table, summaries, unfiltered));
    StringBuilder markdown = new StringBuilder("# " + title(plan) + "\n\n");
    markdown.append(table.markdown()).append('\n');
    notes.forEach(note -> markdown.append(note).append("\n\n"));
    plots.keySet().forEach(name -> markdown.append("![Dice](" + name + ".png)\n"));
    write(path.resolve("table.md"), markdown.toString());
    write(path.resolve("study.html"), page(plan, folder, table, notes, plots));
    return table.markdown() + "\n" + String.join("\n", notes) + "\n";
  }

  private static String page(
      StudyPlan plan,
      StudyFolder folder,
      StudyTable table,
      List<String> notes,
      Map<String, StudyPlots.Plot> plots) {
    StudyPage page = new StudyPage(title(plan), table.header());
    table.rows().forEach(row -> page.row(row.cells(), row.paper()));
    notes.forEach(page::note);
    plots.values().forEach(plot -> page.plot(plot.svg()));
    for (StudyRun run : plan.runs()) {
      if (Files.exists(folder.run(run).resolve(Report.FILE))) {
        page.run(
            run.name(),
            folder.path().relativize(folder.run(run)).toString().replace('\\', '/')
                + "/"
                + Report.FILE);
      }
    }
    return page.html();
  }

  private static void write(Path file, String text) {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static String title(StudyPlan plan) {
    switch (plan.kind()) {
      case ABLATE:
        return "Ablation (Table 2 of the paper)";
      case CROSSVAL:
        return "Cross-validation (Table 1 of the paper)";
      default:
        return "Sensitivity (Figure 3 of the paper)";
    }
  }

  /** What the numbers are, and in which order they come. */
  private static List<String> notes(
      StudyPlan plan,
      StudyTable table,
      Map<String, Summary> summaries,
      Map<String, Summary> unfiltered) {
    TrainingConfig base = plan.base();
    List<String> notes = new ArrayList<>();
    notes.add(
        String.format(
            Locale.ROOT,
            "Dice in percent and HD95 in mm. Preset %s, %s steps of %s slices of %s pixels a side,"
                + " data %s, %s.",
            plan.preset().key(),
            plan.stepsOfARun(),
            base.get(Setting.BATCH),
            base.get(Setting.IMAGE_SIZE),
            base.usesPhantoms()
                ? "generated hearts"
                : Path.of(base.get(Setting.DATA)).getFileName().toString(),
            plan.seeds() == 1 ? "one seed" : plan.seeds() + " seeds"));
    notes.add(scored(plan));
    if (plan.isFiltered()) {
      notes.add(
          "Filtered: with --components "
              + base.get(Setting.COMPONENTS)
              + ", by which the best weights are chosen too; raw: the same weights with all"
              + " components.");
    }
    long missing =
        plan.variants().stream().map(Variant::group).distinct().count() - summaries.size();
    int runs = summaries.values().stream().mapToInt(Summary::runs).sum();
    if (missing > 0 || runs < plan.runs().size()) {
      notes.add(runs + " of " + plan.runs().size() + " runs are complete.");
    }
    if (table.rows().stream().anyMatch(StudyTable.Row::paper)) {
      notes.add(
          "The paper's numbers: ACDC, five folds, ResNet-50, 256x256, 60,000 steps of 12 slices.");
      if (plan.kind() == StudyKind.CROSSVAL && plan.isFiltered()) {
        notes.add(
            "Published: the predictions that the paper's authors put beside their code, patients"
                + " 1-20, scored here; filtered with --components anchored.");
      }
      if (summaries.size() > 1) {
        String text = "Order by average Dice, measured: ";
        text += order(summaries.keySet(), group -> summaries.get(group).averageDicePercent());
        if (!unfiltered.isEmpty()) {
          text += "; raw: ";
          text += order(unfiltered.keySet(), group -> unfiltered.get(group).averageDicePercent());
        }
        List<String> inPaper =
            summaries.keySet().stream().filter(group -> table.paper(group) != null).toList();
        text += "; in the paper: ";
        text += order(inPaper, group -> table.paper(group).dice().get(3));
        notes.add(text + ".");
      }
    }
    return notes;
  }

  private static String scored(StudyPlan plan) {
    boolean test = StudyFolder.scoredOnTest(plan);
    String weights =
        test
            ? "Best weights by validation Dice, scored on test patients that chose nothing"
            : "Best weights by validation Dice, scored on the same validation volumes, which"
                + " flatters all rows alike";
    if (plan.kind() == StudyKind.CROSSVAL) {
      boolean folds = plan.variants().get(0).settings().containsKey(Setting.TEST_PATIENTS);
      return weights
          + "; mean (standard deviation) over the volumes"
          + (folds ? " of all folds." : ".");
    }
    return weights
        + (plan.seeds() == 1
            ? "; mean over volumes."
            : "; mean (standard deviation) over seeds of the means over volumes.");
  }

  private static String order(Collection<String> groups, ToDoubleFunction<String> value) {
    return groups.stream()
        .sorted(Comparator.comparingDouble(value).reversed())
        .map(group -> String.format(Locale.ROOT, "%s (%.1f)", group, value.applyAsDouble(group)))
        .collect(Collectors.joining(" > "));
  }

  /** The files that {@link #write} leaves, and what they are. */
  public static List<String[]> files(StudyPlan plan) {
    List<String[]> files = new ArrayList<>();
    files.add(new String[] {"study.html", "all of it on a page, with links to the runs' pages"});
    files.add(new String[] {"table.md", "the table above"});
    files.add(new String[] {"results.csv", "its numbers"});
    files.add(
        new String[] {
          plan.kind() == StudyKind.SENSITIVITY ? "plot-*.png" : "plot.png", "a plot of them"
        });
    files.add(new String[] {"runs/", "every run's folder and messages"});
    return files;
  }
}
