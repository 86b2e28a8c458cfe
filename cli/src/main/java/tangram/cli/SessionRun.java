package tangram.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.data.DataException;
import tangram.pclmix.active.ActiveData;
import tangram.pclmix.active.FullTraining;
import tangram.web.annotate.FullRun;

/**
 * A run of {@code train} on what is drawn in a session, in a process of its own. {@code NNN/data}
 * below the folder of the session's runs is what it learns from, {@code NNN/run} the run itself,
 * {@code NNN/log.txt} what it says.
 */
final class SessionRun implements FullRun {
  /** Of the machine's memory, beside which the session has its own. */
  private static final int MEMORY_PERCENT = 40;

  private static final Pattern URL =
      Pattern.compile("(?m)^Live\\s+(http://127\\.0\\.0\\.1:\\d+/)$");
  private static final int LOG_BYTES = 1 << 16;
  private static final int POLL_MILLIS = 500;

  private final List<String> device;
  private final String preset;
  private Process process;
  private Path folder;
  private List<String> notes = List.of();
  private boolean stopped;

  /**
   * No run yet.
   *
   * @param device options that choose it
   * @param preset of runs
   */
  SessionRun(List<String> device, String preset) {
    this.device = device;
    this.preset = preset;
  }

  @Override
  public synchronized void start(ActiveData data, TruthOf truths, Path runs, Runnable changed) {
    if (isRunning()) {
      throw new IllegalStateException("A full training is running; wait for it, or stop it.");
    }
    Path made = next(runs);
    FullTraining.Prepared prepared;
    try {
      prepared = FullTraining.prepare(data, truths::of, made.resolve("data"));
    } catch (DataException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    List<String> arguments = new ArrayList<>(List.of("train", "--preset", preset, "--live"));
    arguments.addAll(List.of("--out", made.resolve("run").toString()));
    arguments.addAll(List.of("--part-of", Long.toString(ProcessHandle.current().pid())));
    arguments.addAll(prepared.arguments());
    arguments.addAll(device);
    notes = prepared.notes();
    stopped = false;
    folder = made;
    Process begun = ChildJava.start(arguments, MEMORY_PERCENT, log());
    process = begun;
    Thread.ofVirtual().start(() -> watch(begun, changed));
  }

  private void watch(Process begun, Runnable changed) {
    try {
      while (url().isEmpty() && !begun.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        // It has not told its page yet.
      }
      changed.run();
      begun.waitFor();
      changed.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Path next(Path runs) {
    for (int i = 1; ; i++) {
      Path made = runs.resolve(String.format(Locale.ROOT, "%03d", i));
      if (!Files.exists(made)) {
        return made;
      }
    }
  }

  private Path log() {
    return folder.resolve("log.txt");
  }

  @Override
  public synchronized boolean isRunning() {
    return process != null && process.isAlive();
  }

  @Override
  public synchronized Optional<Path> run() {
    return folder == null ? Optional.empty() : Optional.of(folder.resolve("run"));
  }

  @Override
  public synchronized Optional<String> url() {
    if (!isRunning()) {
      return Optional.empty();
    }
    Matcher found = URL.matcher(text());
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  @Override
  public synchronized Optional<String> note() {
    if (process == null || isRunning()) {
      return notes.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", notes));
    }
    if (stopped) {
      return Optional.of(
          "The full training was stopped; bin/pclmix train --resume "
              + folder.resolve("run")
              + " continues it.");
    }
    if (process.exitValue() != 0) {
      String last = text().strip();
      last = last.substring(last.lastIndexOf('\n') + 1);
      return Optional.of("The full training failed: " + last);
    }
    return Optional.of("The full training is done; its page is " + folder + "/run/report.html.");
  }

  /** What the run has said first. */
  private String text() {
    try (var in = Files.newInputStream(log())) {
      return new String(in.readNBytes(LOG_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      // It has not begun to speak.
      return "";
    }
  }

  @Override
  public synchronized void stop() {
    if (isRunning()) {
      stopped = true;
      // SIGTERM: it saves after the step under way.
      process.destroy();
    }
  }

  @Override
  public void close() {
    stop();
    Process waited = process;
    if (waited != null) {
      try {
        waited.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
