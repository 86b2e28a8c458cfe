package tangram.pclmix.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import tangram.nn.AtomicFile;
import tangram.nn.Checkpoint;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.pclmix.file.TextFile;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.ScoreFile;

/**
 * Everything a run leaves: {@code config.properties}, {@code metrics.csv} (a row a step), {@code
 * validation.csv} (a row a validation), {@code snapshots/} (a picture a validation), {@code
 * tensorboard/} (the same numbers as curves), {@code scores.csv} (cases of the best validation),
 * {@code best.safetensors}, {@code environment.properties} (what it ran on), and checkpoints.
 */
public final class RunFolder implements AutoCloseable {
  private static final String CONFIG = "config.properties";
  private static final String BEST = "best.safetensors";
  private static final String SCORES = "scores.csv";
  private static final String TEST_SCORES = "test_scores.csv";
  private static final String UNFILTERED_SCORES = "scores_unfiltered.csv";
  private static final String UNFILTERED_TEST_SCORES = "test_scores_unfiltered.csv";

  /** Whose temporaries are removed: the checkpoints see to theirs themselves. */
  private static final Set<String> OWN =
      Set.of(CONFIG, SCORES, TEST_SCORES, BEST, DataRecord.FILE, RunEnvironment.FILE, "slices.png");

  /** Settings take two kilobytes and names of files. */
  private static final int MAX_CONFIG_BYTES = 1 << 20;

  private final Path folder;
  private final FolderLock lock;
  private final RunLog log;

  /**
   * A folder.
   *
   * @param config the settings of a run that begins; null for those that the folder holds
   */
  private RunFolder(Path folder, FolderLock lock, TrainingConfig config) {
    this.folder = folder;
    this.lock = lock;
    this.log = new RunLog(folder, config == null ? this::config : () -> config);
  }

  /**
   * Starts a run in a folder without one, which is locked until the run is closed.
   *
   * @throws FileWriteException if there is a run in the folder already, another process is writing
   *     there, or it cannot be written
   */
  public static RunFolder create(Path folder, TrainingConfig config) {
    return create(folder, config, run -> {});
  }

  /**
   * As {@link #create(Path, TrainingConfig)}, and records what the run learns from.
   *
   * @throws FileWriteException as {@link #create(Path, TrainingConfig)}
   */
  public static RunFolder create(Path folder, TrainingConfig config, TrainingData data) {
    return create(folder, config, run -> DataRecord.of(data).write(run.folder));
  }

  private static RunFolder create(Path folder, TrainingConfig config, Consumer<RunFolder> more) {
    requireNew(folder);
    return locked(
        folder,
        config,
        run -> {
          // Again: what was true before the lock may not be any more.
          requireNew(folder);
          run.log.create();
          more.accept(run);
          // Last: it makes the folder a run, which can be resumed.
          run.writeText(CONFIG, config.format());
        });
  }

  /**
   * Opens the folder of an earlier run to continue it; it is locked until the run is closed.
   *
   * @throws FileFormatException if there is none
   * @throws FileWriteException if another process is writing there, or it cannot be written
   */
  public static RunFolder resume(Path folder) {
    open(folder);
    return locked(folder, null, run -> {});
  }

  private static RunFolder locked(Path folder, TrainingConfig config, Consumer<RunFolder> begin) {
    RunFolder run = new RunFolder(folder, FolderLock.of(folder), config);
    try {
      AtomicFile.sweep(folder, OWN::contains);
      run.log.sweep();
      begin.accept(run);
      return run;
    } catch (RuntimeException | Error e) {
      run.close();
      throw e;
    }
  }

  /**
   * A folder that did not exist before: the one of the given path or, if that is taken, with a
   * number added. Two processes never get the same.
   *
   * @throws FileWriteException if none can be made
   */
  public static Path makeNew(Path folder) {
    try {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      for (int n = 1; ; n++) {
        Path made = n == 1 ? folder : folder.resolveSibling(folder.getFileName() + "-" + n);
        try {
          return Files.createDirectory(made);
        } catch (FileAlreadyExistsException e) {
          // The next number, then.
          continue;
        }
      }
    } catch (IOException e) {
      throw new FileWriteException(
          folder
              + ": cannot be made ("
              + e.getMessage()
              + "); choose a writable folder with --out.",
          e);
    }
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
   * Opens the folder of a run to look at it, whether a process writes there or not.
   *
   * @throws FileFormatException if there is none
   */
  public static RunFolder open(Path folder) {
    if (!Files.isRegularFile(folder.resolve(CONFIG))) {
      throw new FileFormatException(
          folder + ": holds no run to resume (no " + CONFIG + "); start one without --resume.");
    }
    return new RunFolder(folder, null, null);
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

  /** Whether another process is at the run. */
  public boolean isLocked() {
    return FolderLock.isLocked(folder);
  }

  /** Lets other processes write to the folder again. */
  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }

  /**
   * Checks that what is written goes where it is looked for.
   *
   * @throws FileWriteException if not
   */
  void requireInPlace() {
    if (!isInPlace()) {
      throw new FileWriteException(
          folder + ": was moved or removed during the run; put it back and use --resume.");
    }
  }

  /** Whether what is written goes where it is looked for: the folder was not moved or removed. */
  boolean isInPlace() {
    return lock == null || lock.isInPlace();
  }

  /**
   * Whether all is done: the last a run writes is the scores of its best weights. Scores that are
   * damaged count as none, since resuming the run makes them anew.
   *
   * @throws FileFormatException if the run's settings cannot be read
   */
  public boolean isComplete() {
    TrainingConfig config = config();
    return isWhole(scores(), config)
        && (config.testPatients().isEmpty() || isWhole(testScores(), config));
  }

  private static boolean isWhole(Path scores, TrainingConfig config) {
    try {
      return ScoreFile.read(scores, config.labels()).isPresent();
    } catch (FileFormatException e) {
      // They can be made again, which is all that the question is about.
      return false;
    }
  }

  /** The scores of the best weights on the validation volumes. */
  public Path scores() {
    return folder.resolve(SCORES);
  }

  /** The scores of the best weights on the test volumes, of a run that has some. */
  public Path testScores() {
    return folder.resolve(TEST_SCORES);
  }

  /** The scores on the validation volumes with all components, of a run that filters them. */
  public Path unfilteredScores() {
    return folder.resolve(UNFILTERED_SCORES);
  }

  /** The scores on the test volumes with all components, of a run that has some and filters. */
  public Path unfilteredTestScores() {
    return folder.resolve(UNFILTERED_TEST_SCORES);
  }

  /** Number of steps in the table of losses, which another process may be writing. */
  public int stepsDone() {
    return log.stepsDone();
  }

  /** The average Dice of the last validation; NaN before there is one. */
  public double lastDice() {
    return log.lastDice();
  }

  /** The weights of the best validation so far. */
  public Path best() {
    return folder.resolve(BEST);
  }

  /** The run's settings. */
  public TrainingConfig config() {
    Path file = folder.resolve(CONFIG);
    return TrainingConfig.parse(
        TextFile.read(file, MAX_CONFIG_BYTES, "restore it or start a new run"), file.toString());
  }

  /** The columns of a run's {@code validation.csv}. */
  public static String[] validationColumns(TrainingConfig config) {
    return RunLog.validationColumns(config);
  }

  /** The columns of a run's {@code metrics.csv}. */
  public static String[] metricsColumns(TrainingConfig config) {
    return RunLog.columns(config);
  }

  /** What the run tells of its steps. */
  RunLog log() {
    return log;
  }

  /**
   * The pictures of the training under way, by the number of steps done.
   *
   * @throws FileFormatException if their folder cannot be read
   */
  public SortedMap<Long, Path> snapshots() {
    return log.snapshots();
  }

  void writeScores(Validation validation) {
    // The scores themselves last: with them the run is complete.
    validation.unfiltered().ifPresent(all -> writeScores(all, UNFILTERED_SCORES));
    writeScores(validation.evaluation(), SCORES);
  }

  void writeTestScores(Validation validation) {
    validation.unfiltered().ifPresent(all -> writeScores(all, UNFILTERED_TEST_SCORES));
    writeScores(validation.evaluation(), TEST_SCORES);
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
    requireInPlace();
    AtomicFile.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }
}
