package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.SafeTensors;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;

/** The methods of the paper's Table 1, and scores on patients that chose nothing. */
class MethodsTest {
  @TempDir private static Path shared;
  private static Path data;

  @TempDir private Path folder;

  @BeforeAll
  static void makeData() {
    data = shared.resolve("data");
    Cli.run("phantom", "--out", data, "--patients", "1-4", "--size", 32).assertDone();
  }

  private static Cli.Result train(Path out, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", "--out", out, "--image-size", "32"));
    arguments.addAll(List.of("--batch", "4", "--encoder-width", "8"));
    arguments.addAll(List.of("--unet-channels", "16,16,8,8,8"));
    arguments.addAll(List.of("--data", data, "--train-patients", "1-2", "--val-patients", "3"));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pce", "full"})
  void aBaselineTrainsTheSegmentationAlone(String method) throws IOException {
    Path run = folder.resolve("run");
    Cli.Result result = train(run, "--method", method, "--iterations", 4).assertDone();
    assertFalse(result.out().contains("Swin"), result.out());
    for (String name : SafeTensors.read(run.resolve("best.safetensors")).names()) {
      assertTrue(name.startsWith("encoder.") || name.startsWith("decoder."), name);
    }
    Cli.run("evaluate", "--model", run.resolve("best.safetensors")).assertDone();

    Path resumed = folder.resolve("resumed");
    train(resumed, "--method", method, "--iterations", 4, "--checkpoint-every", 2).assertDone();
    Files.delete(resumed.resolve("checkpoint-4.safetensors"));
    Files.delete(resumed.resolve("best.safetensors"));
    Cli.run("train", "--resume", resumed).assertDone();
    assertArrayEquals(
        SafeTensors.read(run.resolve("best.safetensors")).floats("decoder.head.weight"),
        SafeTensors.read(resumed.resolve("best.safetensors")).floats("decoder.head.weight"));
  }

  static List<String> methods() {
    return Methods.all().stream().map(Method::key).toList();
  }

  /** Whatever was trained is scored, exported, segments, and has its report. */
  @ParameterizedTest
  @MethodSource("methods")
  void everyMethodGoesThroughAllCommands(String method) throws IOException {
    Path run = folder.resolve("run");
    train(run, "--method", method, "--iterations", 2).assertDone();
    Path best = run.resolve("best.safetensors");
    Path small = folder.resolve("small.safetensors");
    Cli.run("export", "--model", best, "--out", folder.resolve("small.onnx")).assertDone();
    Cli.run("export", "--model", best, "--out", small).assertDone();
    assertEquals(
        Cli.run("evaluate", "--model", best).assertDone().out(),
        Cli.run("evaluate", "--model", small, "--data", data).assertDone().out());
    Path volume = data.resolve("ACDC_training_volumes").resolve("patient003_frame01.h5");
    Cli.run("predict", "--model", small, "--out", folder.resolve("masks"), volume).assertDone();
    Cli.run("report", run).assertDone();
    assertTrue(Files.exists(run.resolve("report.html")));
    List<String> columns =
        List.of(Files.readAllLines(run.resolve("metrics.csv")).get(0).split(","));
    assertTrue(columns.containsAll(Methods.of(method).orElseThrow().losses().keySet()));
  }

  @Test
  void theBaselinesDifferInTheirAnnotations() throws IOException {
    Path scribbles = folder.resolve("scribbles");
    Path dense = folder.resolve("dense");
    train(scribbles, "--method", "pce", "--iterations", 1).assertDone();
    Cli.Result result = train(dense, "--method", "full", "--iterations", 1).assertDone();
    assertTrue(result.out().contains("with dense truth"), result.out());
    assertNotEquals(
        Files.readAllLines(scribbles.resolve("metrics.csv")).get(1),
        Files.readAllLines(dense.resolve("metrics.csv")).get(1));
  }

  @Test
  void optionsOfAnotherMethodAreRefused() {
    train(folder.resolve("run"), "--method", "pce", "--lambda-t", "0.3")
        .assertFailed(Program.USAGE, "--lambda-t", "--method pce");
    train(folder.resolve("run"), "--method", "magic").assertFailed(Program.USAGE, "magic", "pce");
  }

  @Test
  void testPatientsAreScoredWithTheBestWeights() throws IOException {
    Path run = folder.resolve("run");
    Cli.Result result =
        train(run, "--method", "pce", "--iterations", 2, "--test-patients", "4").assertDone();
    assertTrue(result.out().contains("on the test volumes"), result.out());
    List<String> test = Files.readAllLines(run.resolve("test_scores.csv"));
    assertEquals(1 + 3, test.size());
    Path csv = folder.resolve("again.csv");
    Cli.run("evaluate", "--model", run.resolve("best.safetensors"), "--patients", "4", "--csv", csv)
        .assertDone();
    assertEquals(Files.readAllLines(csv), test);
  }

  @Test
  void testPatientsAreApartAndOfAFolder() {
    train(folder.resolve("run"), "--test-patients", "2-4")
        .assertFailed(Program.USAGE, "--train-patients", "--test-patients", "share");
    Cli.run("train", "--test-patients", "7", "--out", folder.resolve("run"))
        .assertFailed(Program.USAGE, "--test-patients", "--data");
  }
}
