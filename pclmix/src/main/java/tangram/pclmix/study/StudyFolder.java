package tangram.pclmix.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.pclmix.file.TextFile;
import tangram.pclmix.training.FolderLock;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.SettingException;

/**
 * The folder of a study: {@code study.properties} (which study, and the settings its runs share),
 * {@code runs/} (the folder of every run, and what it wrote to its terminal), and the tables.
 */
public final class StudyFolder implements AutoCloseable {
  private static final String PROPERTIES = "study.properties";
  private static final String RUNS = "runs";
  private static final String KIND = "study = ";

  private static final int MAX_BYTES = 1 << 20;

  /** The files that a study writes itself. */
  private static final Pattern OWN =
      Pattern.compile("study\\.(properties|html)|table\\.md|results\\.csv|plot[\\w-]*\\.png");

  private final Path folder;
  private final FolderLock lock;

  private StudyFolder(Path folder, FolderLock lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Starts a study in a folder or continues the one that is there. A study may be given more
   * variants and seeds later, but all of its runs share their other settings. The folder is locked
   * until the study is closed.
   *
   * @throws SettingException if the folder holds another study
   * @throws FileFormatException if it is not a study's and not empty, or cannot be read
   * @throws tangram.nn.FileWriteException if it cannot be written, or another process is at it
   */
  public static StudyFolder open(Path folder, StudyPlan plan) {
    // Before the lock too, so that nothing is left in a folder that is something else.
    requireStudyOrEmpty(folder);
    StudyFolder study = new StudyFolder(folder, FolderLock.of(folder));
    try {
      study.begin(plan);
      return study;
    } catch (RuntimeException | Error e) {
      study.close();
      throw e;
    }
  }

  private void begin(StudyPlan plan) {
    AtomicFile.sweep(folder, name -> OWN.matcher(name).matches());
    Path file = folder.resolve(PROPERTIES);
    String text = KIND + plan.kind().key() + "\n" + plan.base().format();
    if (Files.exists(file)) {
      requireSame(
          folder, TextFile.read(file, MAX_BYTES, "restore it or choose another --out"), text);
    } else {
      requireStudyOrEmpty(folder);
      AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A study that was killed in its first write has left the lock's file and a temporary. */
  private static void requireStudyOrEmpty(Path folder) {
    if (Files.exists(folder.resolve(PROPERTIES))) {
      return;
    }
    RunFolder.requireNew(folder);
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      if (files.map(file -> file.getFileName().toString()).anyMatch(name -> !isBeginning(name))) {
        throw new FileFormatException(
            folder + ": holds something that is no study; choose another folder with --out.");
      }
    } catch (IOException | UncheckedIOException e) {
      throw new FileFormatException(
          folder + ": cannot be read (" + e.getMessage() + "); choose another with --out.", e);
    }
  }

  private static boolean isBeginning(String name) {
    return name.equals(FolderLock.FILE)
        || (name.startsWith("." + PROPERTIES + ".") && name.endsWith(".tmp"));
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

  @Override
  public void close() {
    lock.close();
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

  /** A run's folder if the run was begun, without a look at its settings. */
  public Optional<RunFolder> progress(StudyRun run) {
    Path place = run(run);
    return RunFolder.exists(place) ? Optional.of(RunFolder.open(place)) : Optional.empty();
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

  /** Whether a run is complete; one whose folder is damaged is not. */
  public boolean isComplete(StudyRun run) {
    try {
      return begun(run).map(RunFolder::isComplete).orElse(false);
    } catch (FileFormatException e) {
      // Starting the run tells why.
      return false;
    }
  }

  /** Whether a study's numbers are those of test patients. */
  static boolean scoredOnTest(StudyPlan plan) {
    return plan.first().config().testPatients().isPresent();
  }

  /**
   * The scores of a complete run.
   *
   * @throws FileFormatException if they are damaged
   */
  public RunScores scores(StudyPlan plan, StudyRun run) {
    RunFolder done = begun(run).orElseThrow();
    return RunScores.read(
        scoredOnTest(plan) ? done.testScores() : done.scores(), plan.base().labels());
  }

  /** The scores of a complete run with all components, of a plan that filters them. */
  private RunScores unfilteredScores(StudyPlan plan, StudyRun run) {
    RunFolder done = begun(run).orElseThrow();
    return RunScores.read(
        scoredOnTest(plan) ? done.unfilteredTestScores() : done.unfilteredScores(),
        plan.base().labels());
  }

  /** What the complete runs of a plan come to, by the groups of their variants. */
  public Map<String, Summary> summaries(StudyPlan plan) {
    return summaries(plan, this::scores);
  }

  /** The same with all components; empty if the plan does not filter them. */
  public Map<String, Summary> unfilteredSummaries(StudyPlan plan) {
    return plan.isFiltered() ? summaries(plan, this::unfilteredScores) : Map.of();
  }

  private Map<String, Summary> summaries(
      StudyPlan plan, BiFunction<StudyPlan, StudyRun, RunScores> read) {
    Map<String, List<RunScores>> scores = new LinkedHashMap<>();
    for (StudyRun run : plan.runs()) {
      if (isComplete(run)) {
        scores
            .computeIfAbsent(run.variant().group(), group -> new ArrayList<>())
            .add(read.apply(plan, run));
      }
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
