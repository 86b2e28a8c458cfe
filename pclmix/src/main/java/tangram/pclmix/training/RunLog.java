package tangram.pclmix.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.pclmix.file.RunTable;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.picture.Montage;

/**
 * What a run tells of its steps while it trains: {@code metrics.csv}, {@code validation.csv},
 * {@code snapshots/} and {@code tensorboard/}. Resuming needs none of it.
 */
final class RunLog {
  private static final String METRICS_FILE = "metrics.csv";
  private static final String VALIDATION_FILE = "validation.csv";
  private static final String SNAPSHOTS = "snapshots";
  private static final Pattern SNAPSHOT = Pattern.compile("step-(\\d{1,10})\\.png");

  private final Path folder;
  private final Supplier<TrainingConfig> config;
  private final RunEvents events;
  private StepTable metrics;
  private StepTable validations;

  /** Whether there is a place for pictures. */
  private boolean pictures = true;

  /**
   * The files of a run.
   *
   * @param config tells the run's settings, once its method or its classes are needed
   */
  RunLog(Path folder, Supplier<TrainingConfig> config) {
    this.folder = folder;
    this.config = config;
    this.events = new RunEvents(folder);
  }

  /** The columns of the table of losses, which are the method's between those of every run. */
  static String[] columns(TrainingConfig config) {
    List<String> columns = new ArrayList<>(List.of("step", "learning_rate", "total"));
    columns.addAll(config.method().losses().keySet());
    columns.add("seconds");
    return columns.toArray(new String[0]);
  }

  /** The columns of the table of validations, which has one for every class. */
  static String[] validationColumns(TrainingConfig config) {
    List<String> columns = new ArrayList<>(List.of("step", "dice"));
    for (int c = 1; c < config.labels().count(); c++) {
      columns.add("dice_" + config.labels().key(c));
    }
    columns.addAll(List.of("hd95_mm", "hd95_voxels", "missing", "seconds"));
    return columns.toArray(new String[0]);
  }

  /** The table of validations. */
  private StepTable validations() {
    if (validations == null) {
      validations =
          new StepTable(
              folder.resolve(VALIDATION_FILE), RunTable.ofNumbers(validationColumns(config.get())));
    }
    return validations;
  }

  /** The table of losses. */
  private StepTable metrics() {
    if (metrics == null) {
      metrics =
          new StepTable(folder.resolve(METRICS_FILE), RunTable.ofNumbers(columns(config.get())));
    }
    return metrics;
  }

  /** Makes the tables, without rows. */
  void create() {
    metrics().create();
    validations().create();
  }

  /** Removes what killed processes of this run left behind. */
  void sweep() {
    AtomicFile.sweep(folder, Set.of(METRICS_FILE, VALIDATION_FILE)::contains);
    AtomicFile.sweep(folder.resolve(SNAPSHOTS), name -> SNAPSHOT.matcher(name).matches());
  }

  /** Number of steps in the table of losses, which another process may be writing. */
  int stepsDone() {
    // Also of a run whose settings are lost.
    return (int) StepTable.lastStep(folder.resolve(METRICS_FILE));
  }

  /** The average Dice of the last validation; NaN before there is one. */
  double lastDice() {
    return validations().last("dice", Double.NaN);
  }

  /**
   * The pictures of the training under way, by the number of steps done.
   *
   * @throws FileFormatException if their folder cannot be read
   */
  SortedMap<Long, Path> snapshots() {
    SortedMap<Long, Path> found = new TreeMap<>();
    Path snapshots = folder.resolve(SNAPSHOTS);
    if (!Files.isDirectory(snapshots)) {
      return found;
    }
    try (Stream<Path> files = Files.list(snapshots)) {
      for (Path file : files.toList()) {
        Matcher name = SNAPSHOT.matcher(file.getFileName().toString());
        if (name.matches()) {
          found.put(Long.parseLong(name.group(1)), file);
        }
      }
    } catch (IOException e) {
      throw new FileFormatException(
          snapshots + ": cannot be read (" + e.getMessage() + "); make it readable.", e);
    }
    return found;
  }

  void writeSnapshot(int step, Montage montage) {
    byte[] png = montage.png();
    if (pictures) {
      AtomicFile.write(
          folder.resolve(SNAPSHOTS).resolve(String.format(Locale.ROOT, "step-%06d.png", step)),
          png);
    }
    events.snapshot(step, png);
  }

  /**
   * Removes the rows and pictures of steps that a resumed run will do again, and makes tables anew
   * that are lost or damaged.
   *
   * @return a sentence about each that is
   */
  List<String> truncateAfter(long step) {
    List<String> warnings = new ArrayList<>(metrics().truncateAfter(step));
    warnings.addAll(validations().truncateAfter(step));
    pictures = isPlace(folder.resolve(SNAPSHOTS), warnings);
    if (!isPlace(events.folder(), warnings)) {
      events.disable();
    }
    for (Path later : snapshots().tailMap(step + 1).values()) {
      try {
        Files.delete(later);
      } catch (IOException e) {
        throw new FileWriteException(
            later + ": cannot be removed (" + e.getMessage() + "); make its folder writable.", e);
      }
    }
    return warnings;
  }

  void appendStep(int step, double learningRate, StepLosses l, double seconds) {
    List<Object> cells = new ArrayList<>();
    cells.add(step);
    cells.add(text("%.6g", learningRate));
    cells.add(text("%.6g", l.total()));
    l.values().values().forEach(value -> cells.add(text("%.6g", value)));
    cells.add(text("%.3f", seconds));
    metrics().append(cells.toArray());
    events.step(step, learningRate, l, seconds);
  }

  void appendValidation(int step, Evaluation e, double seconds) {
    List<Object> cells = new ArrayList<>();
    cells.add(step);
    cells.add(text("%.5f", e.average().dice().mean()));
    for (int c = 1; c < e.labels().count(); c++) {
      cells.add(text("%.5f", e.column(c).dice().mean()));
    }
    cells.add(text("%.3f", e.average().hd95Mm().mean()));
    cells.add(text("%.3f", e.average().hd95Voxels().mean()));
    cells.add(e.missingCount());
    cells.add(text("%.1f", seconds));
    validations().append(cells.toArray());
    events.validation(step, e);
  }

  /** The curves, to be closed when a run stops; writing on begins another file. */
  RunEvents events() {
    return events;
  }

  /** Whether a folder is there or can be made. */
  private static boolean isPlace(Path path, List<String> warnings) {
    boolean place = !Files.exists(path, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(path);
    if (!place) {
      warnings.add(path + ": is no folder, so nothing is written there; remove it.");
    }
    return place;
  }

  private static String text(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
