package tangram.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tangram.nn.console.Visible;
import tangram.pclmix.study.RunHost;
import tangram.pclmix.study.StudyFolder;
import tangram.pclmix.study.StudyRun;

/** Trains each run of a study in a process of its own on this machine. */
final class ProcessHost implements RunHost {
  /** What of a run's messages is searched for the last. */
  private static final int TAIL_BYTES = 1 << 14;

  /** Part of the machine's memory for all Java heaps together, as in the launcher. */
  private static final int MEMORY_PERCENT = 75;

  private final List<String> deviceArguments;
  private final int jobs;

  /**
   * Prepares.
   *
   * @param deviceArguments options of {@code train} that say where to compute
   * @param jobs number of runs at a time
   */
  ProcessHost(List<String> deviceArguments, int jobs) {
    this.deviceArguments = List.copyOf(deviceArguments);
    this.jobs = jobs;
  }

  @Override
  public int atOnce() {
    return jobs;
  }

  @Override
  public Handle start(StudyRun run, StudyFolder folder) {
    List<String> arguments = new ArrayList<>(List.of("train"));
    if (folder.begun(run).isPresent()) {
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
    Path log = folder.log(run);
    return new Child(ChildJava.start(arguments, MEMORY_PERCENT / jobs, log), log);
  }

  private record Child(Process process, Path log) implements Handle {
    @Override
    public boolean isAlive() {
      return process.isAlive();
    }

    @Override
    public Optional<String> failure() {
      return process.exitValue() == 0 ? Optional.empty() : Optional.of(lastLine());
    }

    @Override
    public void stop() {
      process.destroy();
    }

    private String lastLine() {
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
  }
}
