package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.training.FolderLock;

/** Runs whose files were lost, damaged or edited: what matters stops them, the rest is told. */
class ResumeTest {
  private static final Object[] SETTINGS = {
    "--iterations", 6, "--validate-every", 2, "--checkpoint-every", 2
  };

  private static final String[] EXACT = {
    "best.safetensors", "checkpoint-6.safetensors", "scores.csv", "data.csv"
  };

  @TempDir private static Path shared;
  private static Path whole;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    whole = shared.resolve("whole");
    Cli.run(Cli.trainOnPhantoms(whole, SETTINGS)).assertDone();
  }

  /** A copy as if the run had been killed after its step 4. */
  private Path killed(String name) throws IOException {
    Path run = folder.resolve(name);
    try (Stream<Path> files = Files.walk(whole)) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(whole.relativize(file)));
      }
    }
    Files.delete(run.resolve("scores.csv"));
    Files.delete(run.resolve("checkpoint-6.safetensors"));
    return run;
  }

  private static void assertSame(Path run) throws IOException {
    for (String name : EXACT) {
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(name)), Files.readAllBytes(run.resolve(name)), name);
    }
  }

  private static List<String> steps(Path run, String table) throws IOException {
    List<String> steps = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve(table))) {
      steps.add(line.substring(0, line.indexOf(',')));
    }
    return steps;
  }

  private static List<String> resume(Path run) {
    Cli.Result result = Cli.run("train", "--resume", run);
    assertEquals(0, result.code(), result.err());
    List<String> warnings = result.err().lines().toList();
    for (String warning : warnings) {
      assertTrue(warning.startsWith("warning: ") && warning.endsWith("."), warning);
    }
    return warnings;
  }

  private static void assertTold(List<String> warnings, String... parts) {
    assertEquals(parts.length, warnings.size(), warnings.toString());
    for (int i = 0; i < parts.length; i++) {
      assertTrue(warnings.get(i).contains(parts[i]), parts[i] + " is not in " + warnings.get(i));
    }
  }

  @Test
  void settingsThatAnEditorSavedAreTheSame() throws IOException {
    Path run = killed("edited");
    Path config = run.resolve("config.properties");
    Files.writeString(config, "\ufeff# mine\r\n" + Files.readString(config).replace("\n", "\r\n"));
    assertTold(resume(run));
    assertSame(run);
    Files.write(
        config,
        Files.readString(whole.resolve("config.properties")).getBytes(StandardCharsets.UTF_16));
    Cli.run("train", "--resume", run).assertFailed(Program.FAILED, config, "UTF-16");
  }

  @Test
  void lostSideFilesAreToldAndMadeAnew() throws IOException {
    Path run = killed("lost");
    for (String name : new String[] {"metrics.csv", "validation.csv", "environment.properties"}) {
      Files.delete(run.resolve(name));
    }
    Files.delete(run.resolve("data.csv"));
    Files.delete(run.resolve("report.html"));
    assertTold(
        resume(run),
        "data.csv: is missing",
        "metrics.csv: is missing",
        "validation.csv: is missing",
        "environment.properties: is missing");
    assertSame(run);
    assertEquals(List.of("step", "5", "6"), steps(run, "metrics.csv"));
    assertEquals(List.of("step", "6"), steps(run, "validation.csv"));
    assertTrue(Files.exists(run.resolve("report.html")));
  }

  @Test
  void damagedSideFilesAreToldAndWhatCanBeReadIsKept() throws IOException {
    Path run = killed("damaged");
    Path metrics = run.resolve("metrics.csv");
    List<String> lines = new ArrayList<>(Files.readAllLines(metrics));
    // Two processes once did a step twice; a row is rubbish; the last was cut.
    lines.add(3, lines.get(2));
    lines.set(1, "1,\u0000\u0001,x");
    Files.writeString(metrics, String.join("\n", lines) + "\n7,0.0");
    Files.writeString(run.resolve("validation.csv"), "");
    Files.write(run.resolve("environment.properties"), new byte[5 << 20]);
    Files.delete(run.resolve("report.html"));
    Files.createDirectories(run.resolve("report.html/x"));
    for (String name : new String[] {"snapshots", "tensorboard"}) {
      Files.move(run.resolve(name), folder.resolve(name));
      Files.createFile(run.resolve(name));
    }
    assertTold(
        resume(run),
        "metrics.csv: a row cannot be read",
        "snapshots: is no folder",
        "tensorboard: is no folder",
        "environment.properties: is too long",
        "report.html: cannot be written");
    assertSame(run);
    assertEquals(List.of("step", "2", "3", "4", "5", "6"), steps(run, "metrics.csv"));
    assertEquals(List.of("step", "6"), steps(run, "validation.csv"));
  }

  @Test
  void aRunThatIsDoneIsCompletedWithoutItsBestWeights() throws IOException {
    Path run = killed("done");
    Files.copy(whole.resolve("checkpoint-6.safetensors"), run.resolve("checkpoint-6.safetensors"));
    Files.delete(run.resolve("best.safetensors"));
    assertTold(resume(run), "best.safetensors: there is no such file");
    assertTrue(Files.exists(run.resolve("scores.csv")));
    assertTrue(Files.exists(run.resolve("best.safetensors")));
  }

  @Test
  void flippedWeightsAreNotScored() throws IOException {
    Path file = folder.resolve("flipped.safetensors");
    byte[] bytes = Files.readAllBytes(whole.resolve("best.safetensors"));
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);
    for (String command : new String[] {"evaluate", "export"}) {
      List<Object> arguments = new ArrayList<>(List.of(command, "--model", file));
      if (command.equals("export")) {
        arguments.addAll(List.of("--out", folder.resolve("x.safetensors")));
      }
      Cli.run(arguments.toArray()).assertFailed(Program.FAILED, file, "checksum");
    }
  }

  @Test
  void otherDataAreRefused() throws IOException {
    Path data = folder.resolve("data");
    Path run = folder.resolve("run");
    Cli.run("phantom", "--out", data, "--patients", "21,41,42", "--size", 32).assertDone();
    Cli.run(Cli.train(run, "--data", data, "--iterations", 2, "--checkpoint-every", 1))
        .assertDone();
    Files.delete(run.resolve("scores.csv"));
    Files.delete(run.resolve("checkpoint-2.safetensors"));
    Path gone = folder.resolve("gone");
    try (Stream<Path> files = Files.list(data.resolve("ACDC_training_slices"))) {
      for (Path file : files.filter(f -> f.toString().contains("patient042")).toList()) {
        Files.createDirectories(gone);
        Files.move(file, gone.resolve(file.getFileName()));
      }
    }
    byte[] metrics = Files.readAllBytes(run.resolve("metrics.csv"));
    Cli.run("train", "--resume", run)
        .assertFailed(
            Program.FAILED,
            run,
            "began with other data",
            "'patient042_frame01_slice_0'",
            "missing");
    assertArrayEquals(metrics, Files.readAllBytes(run.resolve("metrics.csv")));
    try (Stream<Path> files = Files.list(gone)) {
      for (Path file : files.toList()) {
        Files.move(file, data.resolve("ACDC_training_slices").resolve(file.getFileName()));
      }
    }
    assertTold(resume(run));
  }

  @Test
  void aFolderInUseIsLeftAlone() throws IOException {
    Path run = folder.resolve("run");
    try (FolderLock lock = FolderLock.of(run)) {
      Cli.run(Cli.trainOnPhantoms(run, SETTINGS))
          .assertFailed(Program.FAILED, run, "another process is writing there");
    }
    Path killed = killed("killed");
    try (FolderLock lock = FolderLock.of(killed)) {
      Cli.run("train", "--resume", killed)
          .assertFailed(Program.FAILED, killed, "another process is writing there");
    }
    assertFalse(Files.exists(killed.resolve("checkpoint-6.safetensors")));
  }

  /** Children, since a lock of this process says nothing about others. */
  @Test
  @Timeout(180)
  void ofTwoStartsAtOnceOneIsRefused() throws Exception {
    Path run = folder.resolve("run");
    List<Process> processes = new ArrayList<>();
    for (int seed = 1; seed <= 2; seed++) {
      processes.add(
          Cli.start(
              folder.resolve("output" + seed),
              Cli.trainOnPhantoms(
                  run, Stream.concat(Stream.of(SETTINGS), Stream.of("--seed", seed)).toArray())));
    }
    int winner = 0;
    for (int i = 0; i < 2; i++) {
      assertTrue(processes.get(i).waitFor(120, TimeUnit.SECONDS));
      String output = Files.readString(folder.resolve("output" + (i + 1)));
      if (processes.get(i).exitValue() == 0) {
        winner += i + 1;
      } else {
        assertTrue(
            output.contains("another process is writing there")
                || output.contains("holds a run already"),
            output);
      }
    }
    assertTrue(winner == 1 || winner == 2, "winners: " + winner);
    assertEquals(List.of("step", "1", "2", "3", "4", "5", "6"), steps(run, "metrics.csv"));
    assertTrue(Files.readAllLines(run.resolve("config.properties")).contains("seed = " + winner));
  }

  /** A file system of a few hundred kilobytes, which only root may make. */
  @Test
  @Timeout(180)
  void aFullDiskCostsTheStepsSinceTheLastCheckpoint() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    long size = 0;
    try (Stream<Path> files = Files.walk(whole)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        size += Files.size(file);
      }
    }
    Assumptions.assumeTrue(
        mount("-t", "tmpfs", "-o", "size=" + size / 2, "tmpfs", disk.toString()),
        "file systems cannot be mounted here: this needs Linux and root");
    try {
      Path run = disk.resolve("run");
      Cli.Result result = Cli.run(Cli.trainOnPhantoms(run, SETTINGS));
      assertEquals(Program.FAILED, result.code(), result.out());
      assertTrue(result.err().contains("No space left on device"), result.err());
      assertEquals(1, result.err().lines().count(), result.err());
      assertTrue(mount("-o", "remount,size=" + 4 * size, disk.toString()));
      resume(run);
      assertSame(run);
    } finally {
      new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }
  }

  private static boolean mount(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      // There is no such command.
      return false;
    }
  }

  /** Two Java processes: their hash orders differ, and so do country and clock of the second. */
  @Test
  @Timeout(180)
  void anotherProcessWritesTheSameBytes() throws Exception {
    Path run = folder.resolve("run");
    Process process =
        Cli.startWith(
            List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.timezone=Asia/Kathmandu"),
            folder.resolve("output"),
            Cli.trainOnPhantoms(run, SETTINGS));
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(folder.resolve("output")));
    try (Stream<Path> files = Files.walk(whole)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = whole.relativize(file);
        // These hold times.
        if (name.startsWith("tensorboard")
            || List.of("environment.properties", "report.html", "metrics.csv", "validation.csv")
                .contains(name.toString())) {
          continue;
        }
        assertArrayEquals(
            Files.readAllBytes(file), Files.readAllBytes(run.resolve(name)), name.toString());
      }
    }
  }

  @Test
  void localesDoNotChangeFiles() throws IOException {
    Locale locale = Locale.getDefault();
    TimeZone zone = TimeZone.getDefault();
    try {
      for (String tag : new String[] {"tr-TR", "ar-EG-u-nu-arab"}) {
        Locale.setDefault(Locale.forLanguageTag(tag));
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Chatham"));
        Path run = killed("in-" + tag);
        assertTold(resume(run));
        assertSame(run);
        Cli.run("report", run).assertDone();
      }
    } finally {
      Locale.setDefault(locale);
      TimeZone.setDefault(zone);
    }
  }
}
