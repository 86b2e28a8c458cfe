package tangram.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tangram.nn.FileFormatException;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.nn.console.Visible;
import tangram.pclmix.study.RunScores;
import tangram.pclmix.study.StudyFolder;
import tangram.pclmix.study.StudyPlan;
import tangram.pclmix.study.StudyReport;
import tangram.pclmix.study.StudyRun;
import tangram.pclmix.training.RunFolder;

/**
 * Trains the runs of a study that are not complete, each in a process of its own, some at a time. A
 * study that was stopped or killed continues from where its runs were.
 */
final class StudyRunner {
  private static final long POLL_MILLIS = 200;

  /** How long an earlier, killed study's runs may take to save and end. */
  private static final int PATIENCE_SECONDS = 120;

  /** What of a run's messages is searched for the last. */
  private static final int TAIL_BYTES = 1 << 14;

  /** Fewer say nothing about those to come. */
  private static final int LEAST_STEPS = 30;

  /** Part of the machine's memory for all Java heaps together, as in the launcher. */
  private static final int MEMORY_PERCENT = 75;

  private final Terminal terminal;
  private final Progress progress;
  private final StudyPlan plan;
  private final StudyFolder folder;
  private final List<String> deviceArguments;
  private final int jobs;
  private final List<StudyRun> runs;

  /** Read by the thread of a signal too. */
  private final List<Child> children = new CopyOnWriteArrayList<>();

  private final List<String> failed = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  /**
   * Prepares.
   *
   * @param deviceArguments options of {@code train} that say where to compute
   * @param jobs number of runs at a time
   */
  StudyRunner(
      Terminal terminal,
      StudyPlan plan,
      StudyFolder folder,
      List<String> deviceArguments,
      int jobs) {
    this.terminal = terminal;
    this.progress = new Progress(terminal);
    this.plan = plan;
    this.folder = folder;
    this.deviceArguments = List.copyOf(deviceArguments);
    this.jobs = jobs;
    this.runs = plan.runs();
  }

  private record Child(StudyRun run, Process process, long started) {}

  /** Trains what is left and writes the tables; returns the exit code. */
  int run() {
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
        while (!stop.get() && children.size() < jobs && !todo.isEmpty()) {
          startOrTell(todo.remove());
        }
        if (stop.get()) {
          // Again, for what was being started when the signal came; a second one does no harm.
          children.forEach(child -> child.process().destroy());
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
      children.forEach(child -> child.process().destroy());
    }
    progress.clear();
    return conclude();
  }

  private void stop() {
    stop.set(true);
    progress.println("Stopping; the runs under way save their state ...");
    children.forEach(child -> child.process().destroy());
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
    List<String> arguments = new ArrayList<>(List.of("train"));
    if (folder.begun(run).isPresent()) {
      awaitFree(run);
      arguments.addAll(List.of("--resume", folder.run(run).toString()));
    } else {
      arguments.addAll(List.of("--preset", run.preset().key()));
      arguments.addAll(List.of("--out", folder.run(run).toString()));
      run.ordered()
          .forEach(
              (setting, value) -> {
                arguments.add(SettingOptions.name(setting));
                arguments.add(value);
              });
    }
    arguments.addAll(deviceArguments);
    arguments.addAll(List.of("--part-of", Long.toString(ProcessHandle.current().pid())));
    return new Child(
        run, ChildJava.start(arguments, MEMORY_PERCENT / jobs, folder.log(run)), System.nanoTime());
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
      if (child.process().isAlive()) {
        continue;
      }
      children.remove(child);
      StudyRun run = child.run();
      if (child.process().exitValue() == 0 && folder.isComplete(run)) {
        progress.println(line(run, (System.nanoTime() - child.started()) * 1e-9));
        StudyReport.write(plan, folder);
      } else if (!stop.get()) {
        failed(run, lastLine(run));
      }
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

  private String lastLine(StudyRun run) {
    Path log = folder.log(run);
    try (RandomAccessFile in = new RandomAccessFile(log.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(in.length(), TAIL_BYTES)];
      in.seek(in.length() - tail.length);
      in.readFully(tail);
      String[] lines = new String(tail, StandardCharsets.UTF_8).split("\\R");
      for (int i = lines.length - 1; i >= 0; i--) {
        if (!lines[i].isBlank()) {
          return Visible.of(lines[i] + " (" + log + ")");
        }
      }
      return "see " + Visible.of(log);
    } catch (IOException e) {
      return "its messages cannot be read (" + Visible.of(e.getMessage()) + ")";
    }
  }

  private int stepsDone() {
    return runs.stream()
        .mapToInt(run -> folder.progress(run).map(RunFolder::stepsDone).orElse(0))
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
      return Program.FAILED;
    }
    return 0;
  }
}
