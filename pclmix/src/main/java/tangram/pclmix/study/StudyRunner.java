package tangram.pclmix.study;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tangram.nn.FileFormatException;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.pclmix.training.RunFolder;

/**
 * Trains the runs of a study that are not complete on a {@link RunHost}, some at a time. A study
 * that was stopped or killed continues from where its runs were.
 */
public final class StudyRunner {
  private static final long POLL_MILLIS = 200;

  /** How long an earlier, killed study's runs may take to save and end. */
  private static final int PATIENCE_SECONDS = 120;

  /** Fewer say nothing about those to come. */
  private static final int LEAST_STEPS = 30;

  /** The table is written again once this many times the time that it takes have passed. */
  private static final int TABLE_PAUSE = 20;

  /** The exit code where a run failed. */
  private static final int FAILED = 1;

  private final Terminal terminal;
  private final Progress progress;
  private final StudyPlan plan;
  private final StudyFolder folder;
  private final RunHost host;
  private final List<StudyRun> runs;

  /** When the next table is due, a {@link System#nanoTime}. */
  private long nextTable = System.nanoTime();

  /** Read by the thread of a signal too. */
  private final List<Child> children = new CopyOnWriteArrayList<>();

  private final List<String> failed = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  /**
   * Prepares.
   *
   * @param terminal shows how the runs go
   * @param host trains them
   */
  public StudyRunner(Terminal terminal, StudyPlan plan, StudyFolder folder, RunHost host) {
    this.terminal = terminal;
    this.progress = new Progress(terminal);
    this.plan = plan;
    this.folder = folder;
    this.host = host;
    this.runs = plan.runs();
  }

  private record Child(StudyRun run, RunHost.Handle handle, long started) {}

  /**
   * Trains what is left and writes the tables.
   *
   * @return the exit code: 0, 1 if a run failed, 130 if a signal stopped the study
   */
  public int run() {
    Deque<StudyRun> todo = new ArrayDeque<>();
    runs.stream().filter(run -> !folder.isComplete(run)).forEach(todo::add);
    int steps = (int) plan.steps();
    terminal
        .out()
        .printf(
            Locale.ROOT,
            "Study     %s: %d runs of %s steps%s%nFolder    %s%n%n",
            plan.kind().key(),
            runs.size(),
            plan.stepsOfARun(),
            todo.size() == runs.size()
                ? ""
                : ", " + (runs.size() - todo.size()) + " of them done before",
            folder.path());
    Pace pace = new Pace();
    try (StopSignals signals = new StopSignals(this::stop)) {
      while (!children.isEmpty() || (!todo.isEmpty() && !stop.get())) {
        while (!stop.get() && children.size() < host.atOnce() && !todo.isEmpty()) {
          startOrTell(todo.remove());
        }
        if (stop.get()) {
          // Again, for what was being started when the signal came; a second one does no harm.
          children.forEach(child -> child.handle().stop());
        }
        reap();
        if (!stop.get()) {
          int done = stepsDone();
          progress.update(done, steps, text(pace.left(done, steps)));
        }
        pause(POLL_MILLIS);
      }
    } finally {
      // Also if something failed here: no run continues unattended.
      children.forEach(child -> child.handle().stop());
    }
    progress.clear();
    return conclude();
  }

  private void stop() {
    stop.set(true);
    progress.println("Stopping; the runs under way save their state ...");
    children.forEach(child -> child.handle().stop());
  }

  /** A run whose folder is damaged costs the others nothing. */
  private void startOrTell(StudyRun run) {
    try {
      children.add(start(run));
    } catch (FileFormatException e) {
      failed(run, e.getMessage());
    }
  }

  private void failed(StudyRun run, String reason) {
    progress.println(run.name() + " failed: " + reason);
    failed.add(run.name());
  }

  private Child start(StudyRun run) {
    if (folder.begun(run).isPresent()) {
      awaitFree(run);
    }
    return new Child(run, host.start(run, folder), System.nanoTime());
  }

  /** The runs of a study that was killed notice it, save and end by themselves. */
  private void awaitFree(StudyRun run) {
    RunFolder begun = folder.begun(run).orElseThrow();
    for (int i = 0; i < PATIENCE_SECONDS && begun.isLocked() && !stop.get(); i++) {
      progress.doing("Waiting for an earlier process to save " + run.name() + " ...");
      pause(1000);
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing interrupts the main thread", e);
    }
  }

  private void reap() {
    for (Child child : children) {
      if (child.handle().isAlive()) {
        continue;
      }
      children.remove(child);
      StudyRun run = child.run();
      Optional<String> failure = child.handle().failure();
      if (failure.isEmpty() && folder.isComplete(run)) {
        progress.println(line(run, (System.nanoTime() - child.started()) * 1e-9));
        writeTable();
      } else if (!stop.get()) {
        failed(run, failure.orElse("it ended without its scores"));
      }
    }
  }

  /** Of a study of very many runs the table takes as long as a run. */
  private void writeTable() {
    long start = System.nanoTime();
    if (start - nextTable >= 0) {
      StudyReport.write(plan, folder);
      long end = System.nanoTime();
      nextTable = end + TABLE_PAUSE * (end - start);
    }
  }

  private String line(StudyRun run, double seconds) {
    RunScores scores = folder.scores(plan, run);
    RunScores.Scores mean = scores.mean();
    List<String> names = plan.base().labels().foreground();
    int average = names.size();
    String classes =
        IntStream.range(0, average)
            .mapToObj(i -> String.format(Locale.ROOT, "%s %.3f", names.get(i), mean.dice()[i]))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "%-24s Dice %.3f (%s)  HD95 %.1f %s  %s",
        run.name(),
        mean.dice()[average],
        classes,
        mean.hd95()[average],
        scores.millimetres() ? "mm" : "voxels",
        Progress.duration(seconds));
  }

  private int stepsDone() {
    Map<StudyRun, Integer> told = new HashMap<>();
    children.forEach(child -> told.put(child.run(), child.handle().steps()));
    return runs.stream()
        .mapToInt(
            run ->
                Math.max(
                    told.getOrDefault(run, 0),
                    folder.progress(run).map(RunFolder::stepsDone).orElse(0)))
        .sum();
  }

  /** The time left comes first: narrow terminals cut the line at its end. */
  private String text(String left) {
    StringBuilder text = new StringBuilder("steps").append(left);
    for (Child child : children) {
      text.append("  ").append(child.run().name());
      folder
          .progress(child.run())
          .ifPresent(
              begun -> {
                text.append(' ').append(begun.stepsDone());
                double dice = begun.lastDice();
                if (!Double.isNaN(dice)) {
                  text.append(String.format(Locale.ROOT, " Dice %.3f", dice));
                }
              });
    }
    return text.toString();
  }

  /** How fast the steps of all runs together were done of late. */
  private static final class Pace {
    /** The first steps of a run are slow and validations take a while. */
    private static final long WINDOW_NANOS = 120_000_000_000L;

    private static final long SAMPLE_NANOS = 2_000_000_000L;

    private record Sample(long time, int steps) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** The time left, once it can be told. */
    String left(int done, int all) {
      long now = System.nanoTime();
      if (samples.isEmpty() || now - samples.getLast().time() > SAMPLE_NANOS) {
        samples.add(new Sample(now, done));
      }
      while (now - samples.getFirst().time() > WINDOW_NANOS) {
        samples.remove();
      }
      Sample first = samples.getFirst();
      if (done - first.steps() < LEAST_STEPS) {
        return "";
      }
      double seconds = (now - first.time()) * 1e-9 / (done - first.steps()) * (all - done);
      return "  " + Progress.duration(seconds) + " left";
    }
  }

  private int conclude() {
    if (runs.stream().anyMatch(folder::isComplete)) {
      String table = StudyReport.write(plan, folder);
      terminal.out().printf("%n%s%n%s%n", table, folder.path());
      for (String[] file : StudyReport.files(plan)) {
        terminal.out().printf("  %-16s%s%n", file[0], file[1]);
      }
    }
    long open = runs.stream().filter(run -> !folder.isComplete(run)).count();
    if (stop.get()) {
      terminal
          .out()
          .printf(
              "%nStopped with %d of %d runs to do, all saved. Start the same command again to go"
                  + " on.%n",
              open, runs.size());
      return StopSignals.INTERRUPTED;
    }
    if (open > 0) {
      terminal
          .err()
          .printf(
              "pclmix %s: %d of %d runs failed (%s); see their messages in %s. Start the same"
                  + " command again to try them once more.%n",
              plan.kind().key(),
              open,
              runs.size(),
              String.join(", ", failed),
              folder.path().resolve("runs"));
      return FAILED;
    }
    return 0;
  }
}
