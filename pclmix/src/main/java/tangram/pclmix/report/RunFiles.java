package tangram.pclmix.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import tangram.nn.FileFormatException;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.ScoreFile;
import tangram.pclmix.picture.MontageParts;
import tangram.pclmix.training.RunEnvironment;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.TrainingConfig;

/**
 * What a run's files tell at one moment. Without its settings there is no run; everything else may
 * be missing or damaged, which is noted beside what it belongs to.
 */
final class RunFiles {
  /** Pictures already taken apart, since taking them apart takes longest. */
  static final class Pictures {
    private record Known(FileTime time, long size, List<MontageParts.Part> parts) {}

    private final Map<Path, Known> known = new HashMap<>();
    private final Set<Path> used = new HashSet<>();

    List<MontageParts.Part> read(Path file) {
      used.add(file);
      try {
        FileTime time = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        Known before = known.get(file);
        if (before == null || !before.time().equals(time) || before.size() != size) {
          before = new Known(time, size, MontageParts.read(file));
          known.put(file, before);
        }
        return before.parts();
      } catch (IOException e) {
        throw new FileFormatException(
            file + ": cannot be read (" + e.getMessage() + "); make it readable.", e);
      }
    }

    /** Forgets what no page has shown since the last call. */
    void forgetOthers() {
      known.keySet().retainAll(used);
      used.clear();
    }
  }

  private final Path folder;
  private final TrainingConfig config;
  private final Map<String, List<String>> notes = new HashMap<>();
  private final Optional<Table> metrics;
  private final Optional<Table> validations;
  private final Optional<Evaluation> scores;
  private final Optional<Evaluation> testScores;
  private final Optional<Evaluation> unfilteredScores;
  private final Optional<Evaluation> unfilteredTestScores;
  private final List<Map<String, String>> sessions;
  private final List<MontageParts.Part> cases;
  private final SortedMap<Long, Path> snapshots;
  private final Pictures pictures;

  RunFiles(Path folder, Pictures pictures) {
    this.folder = folder;
    this.pictures = pictures;
    if (!Files.isRegularFile(own("config.properties"))) {
      throw new FileFormatException(
          folder + ": holds no run (no config.properties); name the folder of a training run.");
    }
    RunFolder run = RunFolder.open(folder);
    config = run.config();
    metrics = table("metrics.csv", RunFolder.metricsColumns(config));
    validations = table("validation.csv", RunFolder.validationColumns(config));
    scores = scores("scores", "scores.csv");
    testScores = scores("test", "test_scores.csv");
    unfilteredScores = unfiltered("scores", "scores_unfiltered.csv");
    unfilteredTestScores = unfiltered("test", "test_scores_unfiltered.csv");
    sessions =
        noting(
            "speed",
            List.of(),
            () -> {
              own("environment.properties");
              return RunEnvironment.read(folder);
            });
    cases =
        Files.exists(folder.resolve("slices.png"))
            ? noting("cases", List.of(), () -> pictures.read(own("slices.png")))
            : List.of();
    snapshots = noting("snapshots", new TreeMap<>(), run::snapshots);
  }

  /** Scores that only a run with a filter of components leaves. */
  private Optional<Evaluation> unfiltered(String section, String name) {
    return config.segmentation().components() == ComponentFilter.NONE
        ? Optional.empty()
        : scores(section, name);
  }

  private Optional<Evaluation> scores(String section, String name) {
    return noting(section, Optional.empty(), () -> ScoreFile.read(own(name), config.labels()));
  }

  private Optional<Table> table(String name, String... columns) {
    String section = name.substring(0, name.indexOf('.'));
    Optional<Table> read = noting(section, Optional.empty(), () -> Table.read(own(name), columns));
    Optional<Table> table = read.map(Table::sorted);
    table
        .filter(t -> t.unreadable() > 0)
        .ifPresent(
            t ->
                note(
                    section,
                    name
                        + " has "
                        + (t.unreadable() == 1 ? "a row" : t.unreadable() + " rows")
                        + " that cannot be read and "
                        + (t.unreadable() == 1 ? "is" : "are")
                        + " left out."));
    return table;
  }

  private <T> T noting(String section, T otherwise, Supplier<T> read) {
    try {
      return read.get();
    } catch (FileFormatException e) {
      note(section, e.getMessage());
      return otherwise;
    }
  }

  private void note(String section, String sentence) {
    notes.computeIfAbsent(section, s -> new ArrayList<>()).add(sentence);
  }

  /** What is to be said about files of a section, as HTML. */
  String notes(String section) {
    StringBuilder html = new StringBuilder();
    notes.getOrDefault(section, List.of()).forEach(n -> html.append(Html.note(n)));
    return html.toString();
  }

  /** The panels of a snapshot; none if it cannot be read, which is noted. */
  List<MontageParts.Part> snapshot(Path file) {
    return noting(
        "snapshots", List.of(), () -> pictures.read(own("snapshots/" + file.getFileName())));
  }

  /**
   * A file of the folder. The folder may be somebody else's, and the page be given away: a link
   * must not bring anything from elsewhere into it.
   */
  private Path own(String name) {
    Path file = folder.resolve(name);
    try {
      if (Files.exists(file) && !file.toRealPath().startsWith(folder.toRealPath())) {
        throw new FileFormatException(
            file + ": is a link that leads out of the folder; put the file itself there.");
      }
      return file;
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); make it readable.", e);
    }
  }

  /** The run's folder. */
  Path folder() {
    return folder;
  }

  TrainingConfig config() {
    return config;
  }

  /** Losses, one row a step, if there is a row. */
  Optional<Table> metrics() {
    return metrics.filter(t -> t.rows() > 0);
  }

  /** Scores, one row a validation, if there is a row. */
  Optional<Table> validations() {
    return validations.filter(t -> t.rows() > 0);
  }

  /** Scores of the best weights on the validation volumes. */
  Optional<Evaluation> scores() {
    return scores;
  }

  /** Scores of the best weights on volumes that had no part in the training. */
  Optional<Evaluation> testScores() {
    return testScores;
  }

  /** Scores of the validation volumes with all components, of a run that filters them. */
  Optional<Evaluation> unfilteredScores() {
    return unfilteredScores;
  }

  /** The same of the test volumes. */
  Optional<Evaluation> unfilteredTestScores() {
    return unfilteredTestScores;
  }

  /** See {@link RunEnvironment#read}. */
  List<Map<String, String>> sessions() {
    return sessions;
  }

  /** Panels of the gallery, from the worst slice to the best. */
  List<MontageParts.Part> cases() {
    return cases;
  }

  SortedMap<Long, Path> snapshots() {
    return snapshots;
  }

  /** Number of steps done. */
  int step() {
    double last = metrics().map(t -> t.column("step")[t.rows() - 1]).orElse(0.0);
    return (int) Math.min(Integer.MAX_VALUE, last);
  }

  /** The row of the best validation. */
  int bestValidation() {
    double[] dice = validations().map(t -> t.column("dice")).orElse(new double[0]);
    int best = 0;
    for (int i = 1; i < dice.length; i++) {
      // Not greater: NaN is never better.
      best = dice[i] > dice[best] || Double.isNaN(dice[best]) ? i : best;
    }
    return best;
  }
}
