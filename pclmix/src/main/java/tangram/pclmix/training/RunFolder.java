package tangram.pclmix.training;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tangram.nn.AtomicFile;
import tangram.nn.Checkpoint;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.picture.Montage;

/**
 * Everything a run leaves: {@code config.properties}, {@code metrics.csv} (a row a step), {@code
 * validation.csv} (a row a validation), {@code snapshots/} (a picture a validation), {@code
 * tensorboard/} (the same numbers as curves), {@code scores.csv} (cases of the best validation),
 * {@code best.safetensors}, {@code environment.properties} (what it ran on), and checkpoints.
 */
public final class RunFolder {
  private static final String CONFIG = "config.properties";
  private static final String SCORES = "scores.csv";
  private static final String TEST_SCORES = "test_scores.csv";
  private static final Pattern SNAPSHOT = Pattern.compile("step-(\\d{1,10})\\.png");

  /** Settings take two kilobytes and names of files. */
  private static final int MAX_CONFIG_BYTES = 1 << 20;

  private static final String METRICS_HEADER =
      "step,learning_rate,total,sup,ctr,het,mix,anchors,seconds";
  private static final String VALIDATION_HEADER =
      "step,dice,dice_rv,dice_myo,dice_lv,hd95_mm,hd95_voxels,missing,seconds";

  private final Path folder;
  private final StepTable metrics;
  private final StepTable validations;
  private final RunEvents events;

  private RunFolder(Path folder) {
    this.folder = folder;
    this.metrics = new StepTable(folder.resolve("metrics.csv"), METRICS_HEADER);
    this.validations = new StepTable(folder.resolve("validation.csv"), VALIDATION_HEADER);
    this.events = new RunEvents(folder);
  }

  /**
   * Starts a run in a new or empty folder.
   *
   * @throws FileWriteException if something is in the folder already, or it cannot be written
   */
  public static RunFolder create(Path folder, TrainingConfig config) {
    requireNew(folder);
    RunFolder run = new RunFolder(folder);
    run.metrics.create();
    run.validations.create();
    // Last: it makes the folder a run, which can be resumed.
    run.writeText(CONFIG, config.format());
    return run;
  }

  /**
   * Checks, without writing, that a run could be started in a folder: before long preparations.
   *
   * @throws FileWriteException if there is a run in the folder already, or it cannot be made
   */
  public static void requireNew(Path folder) {
    if (Files.exists(folder.resolve(CONFIG))) {
      throw new FileWriteException(
          folder
              + ": holds a run already; continue it with --resume or choose another folder with"
              + " --out.");
    }
    requireWritable(folder);
  }

  /**
   * Checks, without writing, that a folder of results could be written to: before long work.
   *
   * @throws FileWriteException if it could not
   */
  public static void requireWritable(Path folder) {
    Path place = folder.toAbsolutePath();
    while (place != null && !Files.exists(place)) {
      place = place.getParent();
    }
    if (place == null || !Files.isDirectory(place) || !Files.isWritable(place)) {
      throw new FileWriteException(
          folder
              + ": cannot be written because "
              + place
              + (place == null || Files.isDirectory(place)
                  ? " is not writable"
                  : " is a file where a folder is needed")
              + "; choose a writable folder with --out.");
    }
  }

  /**
   * Opens the folder of an earlier run.
   *
   * @throws FileFormatException if there is none
   */
  public static RunFolder open(Path folder) {
    if (!Files.isRegularFile(folder.resolve(CONFIG))) {
      throw new FileFormatException(
          folder + ": holds no run to resume (no " + CONFIG + "); start one without --resume.");
    }
    return new RunFolder(folder);
  }

  /** The folder. */
  public Path path() {
    return folder;
  }

  /** Whether the run got as far as its first checkpoint. */
  public boolean hasCheckpoint() {
    return Checkpoint.exists(folder);
  }

  /** Whether a folder is a run's. */
  public static boolean exists(Path folder) {
    return Files.isRegularFile(folder.resolve(CONFIG));
  }

  /**
   * Keeps other processes from going on with the same run.
   *
   * @throws FileWriteException if one does
   */
  public FolderLock lock() {
    return FolderLock.of(folder.resolve(CONFIG));
  }

  /** Whether another process is at the run. */
  public boolean isLocked() {
    Optional<FolderLock> lock = FolderLock.tryOf(folder.resolve(CONFIG));
    lock.ifPresent(FolderLock::close);
    return lock.isEmpty();
  }

  /** Whether all is done: the last a run writes is the scores of its best weights. */
  public boolean isComplete() {
    return Files.isRegularFile(scores());
  }

  /** The scores of the best weights on the validation volumes. */
  public Path scores() {
    return folder.resolve(SCORES);
  }

  /** The scores of the best weights on the test volumes, of a run that has some. */
  public Path testScores() {
    return folder.resolve(TEST_SCORES);
  }

  /** Number of steps in the table of losses, which another process may be writing. */
  public int stepsDone() {
    return (int) metrics.last(0, 0);
  }

  /** The average Dice of the last validation; NaN before there is one. */
  public double lastDice() {
    return validations.last(1, Double.NaN);
  }

  /** The weights of the best validation so far. */
  public Path best() {
    return folder.resolve("best.safetensors");
  }

  /** The run's settings. */
  public TrainingConfig config() {
    Path file = folder.resolve(CONFIG);
    if (file.toFile().length() > MAX_CONFIG_BYTES) {
      throw new FileFormatException(
          file + ": is too long for the settings of a run; restore it or start a new run.");
    }
    return TrainingConfig.parse(read(file), file.toString());
  }

  /**
   * The pictures of the training under way, by the number of steps done.
   *
   * @throws FileFormatException if their folder cannot be read
   */
  public SortedMap<Long, Path> snapshots() {
    SortedMap<Long, Path> found = new TreeMap<>();
    Path snapshots = folder.resolve("snapshots");
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
    AtomicFile.write(
        folder.resolve("snapshots").resolve(String.format(Locale.ROOT, "step-%06d.png", step)),
        png);
    events.snapshot(step, png);
  }

  /** Removes the rows and pictures of steps that a resumed run will do again. */
  void truncateAfter(long step) {
    metrics.truncateAfter(step);
    validations.truncateAfter(step);
    for (Path later : snapshots().tailMap(step + 1).values()) {
      try {
        Files.delete(later);
      } catch (IOException e) {
        throw new FileWriteException(
            later + ": cannot be removed (" + e.getMessage() + "); make its folder writable.", e);
      }
    }
  }

  void appendStep(int step, double learningRate, StepLosses l, double seconds) {
    metrics.append(
        String.format(
            Locale.ROOT,
            "%d,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%d,%.3f%n",
            step,
            learningRate,
            l.total(),
            l.sup(),
            l.ctr(),
            l.het(),
            l.mix(),
            l.anchors(),
            seconds));
    events.step(step, learningRate, l, seconds);
  }

  void appendValidation(int step, Evaluation e, double seconds) {
    validations.append(
        String.format(
            Locale.ROOT,
            "%d,%.5f,%.5f,%.5f,%.5f,%.3f,%.3f,%d,%.1f%n",
            step,
            e.average().dice().mean(),
            e.column(1).dice().mean(),
            e.column(2).dice().mean(),
            e.column(3).dice().mean(),
            e.average().hd95Mm().mean(),
            e.average().hd95Voxels().mean(),
            e.missingCount(),
            seconds));
    events.validation(step, e);
  }

  /** The curves, to be closed when a run stops; writing on begins another file. */
  RunEvents events() {
    return events;
  }

  void writeScores(Evaluation evaluation) {
    writeScores(evaluation, SCORES);
  }

  void writeTestScores(Evaluation evaluation) {
    writeScores(evaluation, TEST_SCORES);
  }

  private void writeScores(Evaluation evaluation, String name) {
    StringBuilder csv = new StringBuilder();
    try {
      evaluation.writeCsv(csv);
    } catch (IOException e) {
      throw new IllegalStateException("a StringBuilder does not fail", e);
    }
    writeText(name, csv.toString());
  }

  private void writeText(String name, String text) {
    AtomicFile.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  /** The text of a file. */
  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new FileFormatException(
          file + ": is damaged, it is not UTF-8 text; restore it or start a new run.", e);
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); restore it or start a new run.", e);
    }
  }
}
