package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filter of components, resizing and views: as settings of a run, and replaced afterwards. */
class SegmentationOptionsTest {
  private static final String HOW =
      "Segmented with --components anchored --resize-prediction bilinear --tta none\n";

  @TempDir private static Path shared;
  private static Path data;
  private static Path plain;
  private static Path filtered;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    data = shared.resolve("data");
    Cli.run("phantom", "--out", data, "--patients", "1-4", "--size", 48).assertDone();
    plain = shared.resolve("plain");
    String out = train(plain).assertDone().out();
    assertFalse(out.contains("Segmented with"), out);
    filtered = shared.resolve("filtered");
    out =
        train(filtered, "--components", "anchored", "--resize-prediction", "bilinear")
            .assertDone()
            .out();
    assertTrue(out.contains("test volumes:\n\n" + HOW), out);
    assertTrue(out.contains("validation volumes:\n\n" + HOW), out);
    assertTrue(out.contains("The same with all components:\n"), out);
  }

  private static Cli.Result train(Path out, Object... more) {
    Object[] all =
        ("train --method pce --image-size 32 --batch 4 --encoder-width 8 --unet-channels"
                + " 16,16,8,8,8 --train-patients 1-2 --val-patients 3 --test-patients 4"
                + " --iterations 4 --validate-every 2")
            .split(" ");
    List<Object> arguments = new ArrayList<>(List.of(all));
    arguments.addAll(List.of("--data", data, "--out", out));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  private static Path weights(Path run) {
    return run.resolve("best.safetensors");
  }

  private List<String> csv(Object... options) throws IOException {
    Path csv = folder.resolve("scores.csv");
    List<Object> arguments = new ArrayList<>(List.of("evaluate", "--csv", csv));
    arguments.addAll(List.of(options));
    Cli.run(arguments.toArray()).assertDone();
    return Files.readAllLines(csv);
  }

  /** Training takes no notice of how volumes are segmented; the choice of the best weights does. */
  @Test
  void theLossesAreTheSame() throws IOException {
    List<String> a = Files.readAllLines(plain.resolve("metrics.csv"));
    List<String> b = Files.readAllLines(filtered.resolve("metrics.csv"));
    assertEquals(a.size(), b.size());
    for (int i = 0; i < a.size(); i++) {
      // The last column is the time.
      assertEquals(
          a.get(i).substring(0, a.get(i).lastIndexOf(',')),
          b.get(i).substring(0, b.get(i).lastIndexOf(',')));
    }
    assertNotEquals(
        Files.readAllLines(plain.resolve("validation.csv")).get(1).split(",")[1],
        Files.readAllLines(filtered.resolve("validation.csv")).get(1).split(",")[1]);
  }

  @Test
  void theRunIsJudgedByWhatItReports() throws IOException {
    List<String> scores = Files.readAllLines(filtered.resolve("scores.csv"));
    List<String> all = Files.readAllLines(filtered.resolve("scores_unfiltered.csv"));
    assertNotEquals(scores, all);
    assertFalse(Files.exists(plain.resolve("scores_unfiltered.csv")));

    assertEquals(scores, csv("--model", weights(filtered)));
    assertEquals(all, csv("--model", weights(filtered), "--components", "none"));
    assertEquals(
        Files.readAllLines(filtered.resolve("test_scores_unfiltered.csv")),
        csv("--model", weights(filtered), "--components", "none", "--patients", "4"));
  }

  @Test
  void evaluateReplacesTheRunsOptions() throws IOException {
    assertEquals(Files.readAllLines(plain.resolve("scores.csv")), csv("--model", weights(plain)));
    String out =
        Cli.run(
                "evaluate",
                "--model",
                weights(plain),
                "--components",
                "ANCHORED",
                "--resize-prediction",
                "bilinear")
            .assertDone()
            .out();
    assertTrue(out.startsWith(HOW), out);
    assertTrue(out.contains("The same with all components:"), out);
    assertNotEquals(
        Files.readAllLines(plain.resolve("scores.csv")),
        csv("--model", weights(plain), "--tta", "flips"));
  }

  @Test
  void predictReplacesTheRunsOptions() throws IOException {
    Path scan = scan();
    Path own = folder.resolve("own");
    Cli.run("predict", "--model", weights(filtered), "--out", own, scan).assertDone();
    Path none = folder.resolve("none");
    Cli.run("predict", "--model", weights(filtered), "--out", none, "--components", "none", scan)
        .assertDone();
    String file = "patient003_frame01_pred.nii.gz";
    assertNotEquals(-1, Files.mismatch(own.resolve(file), none.resolve(file)));
  }

  @Test
  void thePageTellsHow() throws IOException {
    String page = Files.readString(filtered.resolve("report.html"));
    assertTrue(page.contains(HOW.strip() + "."), "how");
    assertEquals(3, page.split("The same with all components:").length);
    assertFalse(Files.readString(plain.resolve("report.html")).contains("Segmented with"));
    // What a run that is not done yet lacks is no fault.
    Files.move(filtered.resolve("scores_unfiltered.csv"), folder.resolve("kept"));
    Cli.run("report", filtered).assertDone();
    Files.move(folder.resolve("kept"), filtered.resolve("scores_unfiltered.csv"));
  }

  private static Path scan() {
    return data.resolve("ACDC_training_volumes").resolve("patient003_frame01.h5");
  }

  /** Runs of before there were such settings. */
  @Test
  void olderRunsSegmentPlainly() throws IOException {
    Path old = folder.resolve("old");
    train(old, "--checkpoint-every", "2").assertDone();
    Files.delete(old.resolve("checkpoint-4.safetensors"));
    Path config = old.resolve("config.properties");
    Files.write(
        config,
        Files.readAllLines(config).stream()
            .filter(line -> !line.matches("(components|resize-prediction|tta) = .*"))
            .toList());
    String out = Cli.run("train", "--resume", old).assertDone().out();
    assertFalse(out.contains("Segmented with"), out);
    assertEquals(
        Files.readAllLines(plain.resolve("scores.csv")),
        Files.readAllLines(old.resolve("scores.csv")));
  }

  @Test
  void badChoicesAreNamed() {
    train(folder.resolve("run"), "--components", "magic")
        .assertFailed(Program.USAGE, "--components", "none, largest or anchored", "magic");
    Cli.run("evaluate", "--model", weights(plain), "--resize-prediction", "cubic")
        .assertFailed(Program.USAGE, "--resize-prediction", "nearest or bilinear", "cubic");
    Cli.run("predict", "--model", weights(plain), "--out", folder, "--tta", "all", scan())
        .assertFailed(Program.USAGE, "--tta", "none or flips", "all");
    Cli.run("evaluate", "--pairs", folder, "--components", "largest")
        .assertFailed(Program.USAGE, "--components", "--model");
    Cli.run("evaluate", "--model", weights(plain), "--tta", "none", "--tta", "flips")
        .assertFailed(Program.USAGE, "--tta", "only once");
  }
}
