package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.StopSignals;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;
import tangram.pclmix.training.FolderLock;

/** The paper's studies with the smallest network: what they leave, and that they can be stopped. */
@Timeout(600)
class StudyTest {
  /** So many that a run can be stopped before its end. */
  private static final int STEPS = 24;

  @TempDir private Path folder;

  private static Object[] study(String name, Path out, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of(name, "--out", out, "--image-size", "32"));
    arguments.addAll(List.of("--batch", "4", "--encoder-width", "8"));
    arguments.addAll(List.of("--unet-channels", "16,16,8,8,8"));
    int methods = List.of(more).indexOf("--methods");
    if (methods < 0 || List.of("all", "pclmix").contains(more[methods + 1])) {
      arguments.addAll(List.of("--swin-dim", "12", "--embedding-dim", "16"));
    }
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  private static Object[] ablation(Path out, int iterations, Object... more) {
    List<Object> all =
        new ArrayList<>(List.of("--phantom-patients", 2, "--iterations", iterations));
    all.addAll(List.of("--checkpoint-every", 2));
    all.addAll(List.of(more));
    if (!all.contains("--versions")) {
      all.addAll(List.of("--versions", "7,1"));
    }
    return study("ablate", out, all.toArray());
  }

  private static Map<Path, FileTime> times(Path runs) throws IOException {
    Map<Path, FileTime> times = new HashMap<>();
    try (Stream<Path> files = Files.walk(runs)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        times.put(file, Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  @Test
  void anAblationEndsInATableAndIsNotDoneTwice() throws IOException {
    Path out = folder.resolve("study");
    Cli.Result result = Cli.run(ablation(out, 4, "--jobs", 2)).assertDone();
    assertTrue(result.out().contains("ablate: 2 runs of 4 steps"), result.out());
    for (String file : new String[] {"table.md", "results.csv"}) {
      String text = Files.readString(out.resolve(file));
      assertTrue(text.contains("#1") && text.contains("#7"), text);
      assertTrue(text.contains("52.2") || text.contains("0.522"), text);
    }
    assertTrue(result.out().contains("| #1"), result.out());
    assertTrue(result.out().contains("in the paper: #7 (88.7) > #1 (54.1)"), result.out());
    assertTrue(ImageIO.read(out.resolve("plot.png").toFile()).getWidth() >= 900);
    assertTrue(
        Files.readAllLines(out.resolve("runs/version-1-seed-0/config.properties"))
            .contains("losses = sup"));

    Map<Path, FileTime> before = times(out.resolve("runs"));
    Cli.Result again = Cli.run(ablation(out, 4)).assertDone();
    assertTrue(again.out().contains("2 of them done before"), again.out());
    assertEquals(before, times(out.resolve("runs")));

    Cli.Result more = Cli.run(ablation(out, 4, "--versions", "1", "--seeds", 2)).assertDone();
    assertTrue(more.out().contains("over seeds"), more.out());
    assertEquals(
        before.get(out.resolve("runs/version-1-seed-0/scores.csv")),
        times(out.resolve("runs")).get(out.resolve("runs/version-1-seed-0/scores.csv")));
    assertTrue(Files.exists(out.resolve("runs/version-1-seed-1/scores.csv")));
  }

  @Test
  void interruptedAndKilledItGoesOnAsIfLeftAlone() throws Exception {
    Path alone = folder.resolve("alone");
    Cli.run(ablation(alone, STEPS, "--jobs", 2)).assertDone();

    Path out = folder.resolve("study");
    Path first = out.resolve("runs/version-7-seed-0");
    Process process = Cli.start(folder.resolve("output"), ablation(out, STEPS));
    awaitLines(process, first.resolve("metrics.csv"), 4);
    Cli.signal(process, "INT");
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the signal did not end the study");
    String output = Files.readString(folder.resolve("output"));
    assertEquals(StopSignals.INTERRUPTED, process.exitValue(), output);
    assertTrue(output.contains("Stopped with 2 of 2 runs to do"), output);
    String log = Files.readString(out.resolve("runs/version-7-seed-0.log"));
    assertTrue(log.contains("Stopped after step"), log);

    Path second = out.resolve("runs/version-1-seed-0");
    process = Cli.start(folder.resolve("output"), ablation(out, STEPS));
    awaitLines(process, second.resolve("metrics.csv"), 4);
    process.destroyForcibly().waitFor();
    assertFalse(Files.exists(second.resolve("scores.csv")));
    FileTime done = Files.getLastModifiedTime(first.resolve("scores.csv"));

    Cli.run(ablation(out, STEPS)).assertDone();
    assertEquals(done, Files.getLastModifiedTime(first.resolve("scores.csv")));
    assertArrayEquals(
        Files.readAllBytes(alone.resolve("results.csv")),
        Files.readAllBytes(out.resolve("results.csv")));
  }

  private static void awaitLines(Process process, Path file, int lines) throws Exception {
    while (!Files.exists(file) || Files.readAllLines(file).size() < lines) {
      assertTrue(process.isAlive(), "the study ended early");
      Thread.sleep(2);
    }
  }

  @Test
  void aSensitivityStudyDrawsItsCurves() throws IOException {
    Path out = folder.resolve("study");
    Cli.Result result =
        Cli.run(
                study(
                    "sensitivity",
                    out,
                    "--phantom-patients",
                    2,
                    "--iterations",
                    2,
                    "--lambda-t-values",
                    "0.2,0.4",
                    "--contrast-weight-values",
                    "0.15"))
            .assertDone();
    // 0.4 with 0.15 is a point of both curves.
    assertTrue(result.out().contains("2 runs of 2 steps"), result.out());
    assertTrue(Files.exists(out.resolve("plot-lambda-t.png")));
    assertFalse(Files.exists(out.resolve("plot-contrast-weight.png")));
    assertTrue(Files.readString(out.resolve("table.md")).contains("| 0.2"));
  }

  @Test
  void crossValidationTestsOnPatientsThatChoseNothing() throws IOException {
    Path out = folder.resolve("study");
    Cli.run(
            study(
                "crossval",
                out,
                "--phantom-patients",
                5,
                "--iterations",
                1,
                "--held-out",
                1,
                "--methods",
                "full",
                "--folds",
                "5"))
        .assertDone();
    List<String> config =
        Files.readAllLines(out.resolve("runs/full-fold-5-seed-0/config.properties"));
    for (String line :
        new String[] {
          "method = full", "train-patients = 2-4", "val-patients = 1", "test-patients = 5"
        }) {
      assertTrue(config.contains(line), line + " is not in " + config);
    }
    String table = Files.readString(out.resolve("table.md"));
    assertTrue(table.contains("upper bound") && table.contains("89.8"), table);
    assertTrue(table.contains("volumes of all folds"), table);
    assertTrue(Files.readString(out.resolve("results.csv")).contains("full,measured,RV"));
  }

  @Test
  void everyMethodIsARowOfTheTable() throws IOException {
    Path out = folder.resolve("study");
    Object[] all = {"--phantom-patients", 2, "--iterations", 1, "--jobs", 2};
    List<Object> options = new ArrayList<>(List.of(all));
    options.addAll(List.of("--folds", "none", "--methods", "all"));
    options.addAll(List.of("--method-iterations", "pce=2,em=2"));
    options.addAll(List.of("--entropy-weight", "0.25"));
    Cli.Result result = Cli.run(study("crossval", out, options.toArray())).assertDone();
    String table = Files.readString(out.resolve("table.md"));
    for (Method method : Methods.all()) {
      assertTrue(table.contains("| " + method.row() + ", raw "), table);
      assertTrue(table.contains("| " + method.row() + ", filtered "), table);
    }
    assertTrue(table.contains("1 to 2 steps"), table);
    assertTrue(result.out().contains("runs of 1 to 2 steps"), result.out());
    assertTrue(
        Files.readAllLines(out.resolve("runs/em-seed-0/config.properties"))
            .containsAll(
                List.of("iterations = 2", "components = anchored", "entropy-weight = 0.25")));
    Cli.Result again = Cli.run(study("crossval", out, options.toArray())).assertDone();
    assertTrue(again.out().contains(Methods.all().size() + " of them done before"), again.out());
  }

  @Test
  void studiesOfThePapersMethodTrainItWithEveryPreset() throws IOException {
    Path out = folder.resolve("study");
    List<Object> options = new ArrayList<>(List.of("ablate", "--preset", "best", "--out", out));
    options.addAll(List.of("--versions", "1", "--iterations", 1, "--phantom-patients", 2));
    options.addAll(List.of("--image-size", 32, "--crop-jitter", 0));
    Cli.run(options.toArray()).assertDone();
    assertTrue(
        Files.readAllLines(out.resolve("runs/version-1-seed-0/config.properties"))
            .containsAll(List.of("method = pclmix", "losses = sup", "resample = 1.5")));
  }

  @Test
  void anotherStudyInTheFolderIsRefused() throws IOException {
    Path out = folder.resolve("study");
    Cli.run(ablation(out, 1, "--versions", "1")).assertDone();
    Cli.run(ablation(out, 2))
        .assertFailed(Program.USAGE, "iterations = 1", "iterations = 2", "--out");
    Cli.run(study("sensitivity", out)).assertFailed(Program.USAGE, "study = ablate", "--out");
    try (FolderLock lock = FolderLock.of(out)) {
      Cli.run(ablation(out, 1)).assertFailed(Program.FAILED, out, "another process");
    }
    Path full = folder.resolve("full");
    Files.createDirectory(full);
    Files.writeString(full.resolve("thesis.tex"), "x");
    Cli.run(ablation(full, 1)).assertFailed(Program.FAILED, full, "no study", "--out");
  }

  @Test
  void whatAKilledStudyLeftIsNoObstacle() throws IOException {
    Path out = folder.resolve("study");
    Files.createDirectory(out);
    Files.createFile(out.resolve("run.lock"));
    Files.writeString(out.resolve(".study.properties.0123456789abcdef.tmp"), "study = abl");
    Cli.run(ablation(out, 2, "--versions", "1")).assertDone();
    assertFalse(Files.exists(out.resolve(".study.properties.0123456789abcdef.tmp")));

    // Of a complete run: scores that are cut, a table whose end is rubbish, a log that is no text.
    Path run = out.resolve("runs/version-1-seed-0");
    String scores = Files.readString(run.resolve("scores.csv"));
    Files.writeString(run.resolve("scores.csv"), scores.substring(0, scores.length() / 2));
    Files.writeString(run.resolve("metrics.csv"), "\u0000,,,\n,x\n\n", StandardOpenOption.APPEND);
    Files.write(out.resolve("runs/version-1-seed-0.log"), new byte[] {(byte) 0xff, '\n'});
    Path study = out.resolve("study.properties");
    Files.writeString(study, "\ufeff" + Files.readString(study).replace("\n", "\r\n"));
    // Another run's settings are lost for good.
    Path lost = out.resolve("runs/version-7-seed-0");
    Files.createDirectory(lost);
    Files.writeString(lost.resolve("config.properties"), "rubbish\n");
    Cli.Result result = Cli.run(ablation(out, 2));
    result.assertFailed(Program.FAILED, "1 of 2 runs failed", "version-7-seed-0");
    assertTrue(result.out().contains("version-7-seed-0 failed: " + lost), result.out());
    assertEquals(scores, Files.readString(run.resolve("scores.csv")));
    assertTrue(Files.readString(out.resolve("table.md")).contains("#1"));
  }

  @Test
  void impossibleChoicesAreRefused() {
    Path out = folder.resolve("study");
    Cli.run(study("ablate", out, "--versions", "8")).assertFailed(Program.USAGE, "8", "1 to 7");
    Cli.run(study("ablate", out, "--versions", "1,1")).assertFailed(Program.USAGE, "different");
    Cli.run(study("ablate", out, "--seeds", "0")).assertFailed(Program.USAGE, "--seeds", "0");
    Cli.run(study("crossval", out, "--folds", "6")).assertFailed(Program.USAGE, "fold 6");
    Cli.run(study("crossval", out, "--phantom-patients", "9"))
        .assertFailed(Program.USAGE, "9 patients", "--held-out");
    Cli.run(study("crossval", out, "--methods", "magic"))
        .assertFailed(Program.USAGE, "magic", "all");
    for (String wrong : new String[] {"pce", "em=5", "pclmix=1,pclmix=2"}) {
      Cli.run(study("crossval", out, "--folds", "none", "--method-iterations", wrong))
          .assertFailed(Program.USAGE, "--method-iterations", wrong);
    }
    Cli.run(study("crossval", out, "--folds", "none", "--method-iterations", "pclmix=x"))
        .assertFailed(Program.USAGE, "--iterations", "'x'");
    Cli.run(study("crossval", out, "--methods", "pce,rw", "--entropy-weight", "0.2"))
        .assertFailed(Program.USAGE, "--entropy-weight has no effect on --methods pce,rw");
    Cli.run(study("crossval", out, "--data", folder, "--test-patients", "5"))
        .assertFailed(Program.USAGE, "--test-patients", "--folds none");
    Cli.run(study("sensitivity", out, "--lambda-t-values", "0.1,x"))
        .assertFailed(Program.USAGE, "0.1,x");
    assertFalse(Files.exists(out));
  }

  @Test
  void aRunThatFailsIsNamedAndTheOthersGoOn() throws IOException {
    Path out = folder.resolve("study");
    Cli.Result result = Cli.run(ablation(out, 12, "--learning-rate", "1e38", "--versions", "1"));
    result.assertFailed(Program.FAILED, "1 of 1 runs failed", "version-1-seed-0");
    assertTrue(result.out().contains("The loss became"), result.out());
  }
}
