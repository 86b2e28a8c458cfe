package tangram.pclmix.metrics;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import tangram.pclmix.data.Labels;
import tangram.pclmix.file.RunTable;
import tangram.pclmix.metrics.ClassScore.Presence;

/**
 * The scores of several volumes, and what they come to: per class, and over the classes, mean and
 * standard deviation over volumes.
 *
 * <p>The standard deviation is that of the population, divided by the number of volumes ({@code
 * numpy.std}), as evaluation scripts of this field print it. "Average" first averages the
 * foreground classes of a volume, then takes mean and standard deviation over volumes.
 *
 * @param labels what the classes are
 * @param volumes scores in the order of reports; not empty
 */
public record Evaluation(Labels labels, List<SegmentationScores> volumes) {
  /** The form of the file that {@link #writeCsv} writes. */
  static final RunTable CSV = RunTable.ofTexts("case", "class", "dice", "hd95_mm", "hd95_voxels");

  /** Checks that there is something to sum up. */
  public Evaluation {
    volumes = List.copyOf(volumes);
    if (volumes.isEmpty()) {
      throw new IllegalArgumentException("there are no volumes to evaluate");
    }
    for (SegmentationScores volume : volumes) {
      if (volume.classes().size() != labels.count() - 1) {
        throw new IllegalArgumentException(
            volume.name() + " has scores of " + volume.classes().size() + " classes: " + labels);
      }
    }
  }

  /** Mean and population standard deviation over volumes. */
  public record Statistic(double mean, double standardDeviation) {}

  /**
   * One column of the summary.
   *
   * @param name that of a foreground class, or Average
   * @param dice Dice over volumes
   * @param hd95Mm HD95 in millimetres over volumes; NaN when any spacing is unknown
   * @param hd95Voxels HD95 in voxels over volumes
   * @param truthOnly volumes that miss this class in the prediction; for Average, of all classes
   * @param predictionOnly volumes that predict this class where there is none
   */
  public record Column(
      String name,
      Statistic dice,
      Statistic hd95Mm,
      Statistic hd95Voxels,
      int truthOnly,
      int predictionOnly) {}

  /** True when every volume's voxel spacing is known, so that millimetres can be given. */
  public boolean hasMillimetres() {
    return volumes.stream()
        .flatMap(volume -> volume.classes().stream())
        .noneMatch(score -> Double.isNaN(score.hd95Mm()));
  }

  /** Number of (volume, class) pairs whose class is in the truth or the prediction but not both. */
  public int missingCount() {
    Column average = average();
    return average.truthOnly() + average.predictionOnly();
  }

  /** The summary of a class 1..K-1 over volumes. */
  public Column column(int label) {
    return column(labels.name(label), label - 1, label);
  }

  /** The summary of the volumes' averages over classes. */
  public Column average() {
    return column("Average", 0, labels.count() - 1);
  }

  /** The summaries of all foreground classes, and last that of their average. */
  public List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    for (int label = 1; label < labels.count(); label++) {
      columns.add(column(label));
    }
    columns.add(average());
    return columns;
  }

  /** Sums up the average over the classes from..to-1 (counted from 0). */
  private Column column(String name, int from, int to) {
    return new Column(
        name,
        statistic(from, to, ClassScore::dice),
        statistic(from, to, ClassScore::hd95Mm),
        statistic(from, to, ClassScore::hd95Voxels),
        count(from, to, Presence.TRUTH_ONLY),
        count(from, to, Presence.PREDICTION_ONLY));
  }

  private Statistic statistic(int from, int to, ToDoubleFunction<ClassScore> value) {
    SummaryStatistics statistics = new SummaryStatistics();
    for (SegmentationScores volume : volumes) {
      double sum = 0;
      for (ClassScore score : volume.classes().subList(from, to)) {
        sum += value.applyAsDouble(score);
      }
      statistics.addValue(sum / (to - from));
    }
    return new Statistic(statistics.getMean(), Math.sqrt(statistics.getPopulationVariance()));
  }

  private int count(int from, int to, Presence presence) {
    int n = 0;
    for (SegmentationScores volume : volumes) {
      for (ClassScore score : volume.classes().subList(from, to)) {
        n += score.presence() == presence ? 1 : 0;
      }
    }
    return n;
  }

  /**
   * Writes one row a volume and class: {@code case,class,dice,hd95_mm,hd95_voxels}, the class as a
   * number 1..K-1; hd95_mm is empty where the voxel spacing is unknown.
   *
   * @param out where to write; stays open
   * @throws IOException if writing fails
   */
  public void writeCsv(Appendable out) throws IOException {
    out.append(CSV.header());
    for (SegmentationScores volume : volumes) {
      for (ClassScore score : volume.classes()) {
        out.append(
            CSV.line(
                volume.name(),
                score.label(),
                decimals(score.dice()),
                Double.isNaN(score.hd95Mm()) ? "" : decimals(score.hd95Mm()),
                decimals(score.hd95Voxels())));
      }
    }
  }

  /**
   * Writes the rows of {@link #writeCsv(Appendable)} to a file, replacing it.
   *
   * @throws IOException if the file cannot be written
   */
  public void writeCsv(Path file) throws IOException {
    try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      writeCsv(out);
    }
  }

  private static String decimals(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  /** The summary as lines, of three classes of at most 80 characters. */
  public String table() {
    List<Column> columns = columns();
    boolean mm = hasMillimetres();
    StringBuilder text = new StringBuilder();
    List<String> cells = new ArrayList<>();
    columns.forEach(column -> cells.add(column.name()));
    row(text, "", cells);
    cells.clear();
    columns.forEach(column -> cells.add(cell("%.3f (%.3f)", column.dice())));
    row(text, "Dice", cells);
    cells.clear();
    columns.forEach(
        column -> cells.add(cell("%.2f (%.2f)", mm ? column.hd95Mm() : column.hd95Voxels())));
    row(text, mm ? "HD95, mm" : "HD95, voxels", cells);
    cells.clear();
    if (missingCount() > 0) {
      columns.forEach(column -> cells.add(Integer.toString(column.truthOnly())));
      row(text, "Not found", cells);
      cells.clear();
      columns.forEach(column -> cells.add(Integer.toString(column.predictionOnly())));
      row(text, "Not there", cells);
    }
    int n = volumes.size();
    text.append("Mean (standard deviation) over ").append(n);
    text.append(n == 1 ? " volume.\n" : " volumes.\n");
    if (missingCount() > 0) {
      text.append("Not found: in the truth but not predicted; not there: predicted but not in\n")
          .append("the truth. These count as Dice 0 and HD95 50.\n");
    }
    return text.toString();
  }

  private static String cell(String format, Statistic statistic) {
    return String.format(Locale.ROOT, format, statistic.mean(), statistic.standardDeviation());
  }

  private static void row(StringBuilder text, String name, List<String> cells) {
    text.append(String.format(Locale.ROOT, "%-12s", name));
    for (String cell : cells) {
      text.append(String.format(Locale.ROOT, "%17s", cell));
    }
    text.append('\n');
  }
}
