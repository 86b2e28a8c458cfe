package tangram.pclmix.study;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.pclmix.training.FolderLock;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.SettingException;

/**
 * The folder of a study: {@code study.properties} (which study, and the settings its runs share),
 * {@code runs/} (the folder of every run, and what it wrote to its terminal), and the tables.
 */
public final class StudyFolder {
  private static final String PROPERTIES = "study.properties";
  private static final String RUNS = "runs";
  private static final String KIND = "study = ";

  private final Path folder;

  private StudyFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Starts a study in a folder or continues the one that is there. A study may be given more
   * variants and seeds later, but all of its runs share their other settings.
   *
   * @throws SettingException if the folder holds another study
   * @throws FileFormatException if it is not a study's and not empty, or cannot be read
   * @throws tangram.nn.FileWriteException if it cannot be written
   */
  public static StudyFolder open(Path folder, StudyPlan plan) {
    Path file = folder.resolve(PROPERTIES);
    String text = KIND + plan.kind().key() + "\n" + plan.base().format();
    if (Files.exists(file)) {
      requireSame(folder, read(file), text);
    } else {
      RunFolder.requireNew(folder);
      requireEmpty(folder);
      AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
    return new StudyFolder(folder);
  }

  private static void requireEmpty(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new FileFormatException(
            folder + ": holds something that is no study; choose another folder with --out.");
      }
    } catch (IOException e) {
      throw new FileFormatException(
          folder + ": cannot be read (" + e.getMessage() + "); choose another with --out.", e);
    }
  }

  private static void requireSame(Path folder, String there, String wanted) {
    List<String> old = there.lines().toList();
    List<String> lines = wanted.lines().toList();
    for (int i = 0; i < Math.max(old.size(), lines.size()); i++) {
      String a = i < old.size() ? old.get(i) : "nothing";
      String b = i < lines.size() ? lines.get(i) : "nothing";
      if (!a.equals(b)) {
        throw new SettingException(
            "The study in "
                + folder
                + " has '"
                + a
                + "', not '"
                + b
                + "'; give the same options to continue it, or choose another folder with"
                + " --out.");
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); restore it or choose another --out.",
          e);
    }
  }

  /**
   * Keeps other processes from the study.
   *
   * @throws tangram.nn.FileWriteException if one is at it
   */
  public FolderLock lock() {
    return FolderLock.of(folder.resolve(PROPERTIES));
  }

  /** The folder. */
  public Path path() {
    return folder;
  }

  /** The folder of a run. */
  public Path run(StudyRun run) {
    return folder.resolve(RUNS).resolve(run.name());
  }

  /** Where a run's messages go. */
  public Path log(StudyRun run) {
    return folder.resolve(RUNS).resolve(run.name() + ".log");
  }

  /**
   * A run's folder if the run was begun.
   *
   * @throws FileFormatException if it has other settings than the study would give it
   */
  public Optional<RunFolder> begun(StudyRun run) {
    Path place = run(run);
    if (!RunFolder.exists(place)) {
      return Optional.empty();
    }
    RunFolder begun = RunFolder.open(place);
    if (!begun.config().format().equals(run.config().format())) {
      throw new FileFormatException(
          place
              + ": holds a run with other settings than this study's; move it away and start the"
              + " study again.");
    }
    return Optional.of(begun);
  }

  /** Whether a run is complete. */
  public boolean isComplete(StudyRun run) {
    return begun(run).map(RunFolder::isComplete).orElse(false);
  }

  /** Whether a study's numbers are those of test patients. */
  static boolean scoredOnTest(StudyPlan plan) {
    return plan.kind() == StudyKind.CROSSVAL || plan.base().testPatients().isPresent();
  }

  /**
   * The scores of a complete run.
   *
   * @throws FileFormatException if they are damaged
   */
  public RunScores scores(StudyPlan plan, StudyRun run) {
    RunFolder done = begun(run).orElseThrow();
    return RunScores.read(scoredOnTest(plan) ? done.testScores() : done.scores());
  }

  /** What the complete runs of a plan come to, by the groups of their variants. */
  public Map<String, Summary> summaries(StudyPlan plan) {
    Map<String, List<RunScores>> scores = new LinkedHashMap<>();
    for (StudyRun run : plan.runs()) {
      begun(run)
          .filter(RunFolder::isComplete)
          .ifPresent(
              done ->
                  scores
                      .computeIfAbsent(run.variant().group(), group -> new ArrayList<>())
                      .add(scores(plan, run)));
    }
    Map<String, Summary> summaries = new LinkedHashMap<>();
    scores.forEach(
        (group, runs) ->
            summaries.put(
                group,
                plan.kind() == StudyKind.CROSSVAL
                    ? Summary.overVolumes(group, runs)
                    : Summary.overRuns(group, runs)));
    return summaries;
  }
}
