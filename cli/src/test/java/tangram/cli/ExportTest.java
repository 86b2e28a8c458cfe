package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.SafeTensors;

/** Weights leave the machine; what is wrong is told and nothing is harmed. */
class ExportTest {
  @TempDir private static Path shared;
  private static Path data;
  private static Path model;
  private static byte[] modelBytes;

  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    data = shared.resolve("data");
    Path run = shared.resolve("run");
    Cli.run("phantom", "--out", data, "--patients", "21,41", "--size", 32).assertDone();
    Cli.run(Cli.train(run, "--data", data, "--iterations", 2)).assertDone();
    model = run.resolve("best.safetensors");
    modelBytes = Files.readAllBytes(model);
  }

  private void assertNothingHappened() throws IOException {
    assertArrayEquals(modelBytes, Files.readAllBytes(model));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void theExportIsScoredAsTheOriginalButDoesNotTellWhereTheDataLie() throws IOException {
    Path out = folder.resolve("new").resolve("heart.safetensors");
    Cli.Result result = Cli.run("export", "--model", model, "--out", out).assertDone();
    assertTrue(result.out().startsWith(out + ": encoder and U-Net decoder, "), result.out());
    assertTrue(Files.size(out) < modelBytes.length);
    assertFalse(
        SafeTensors.read(out).metadata().get("config").contains(shared.getFileName().toString()));
    assertEquals(
        Cli.run("evaluate", "--model", model).assertDone().out(),
        Cli.run("evaluate", "--model", out, "--data", data).assertDone().out());
    Cli.run("evaluate", "--model", out).assertFailed(Program.USAGE, out, "--data");
  }

  @Test
  void theExportSegmentsAsTheOriginal() throws IOException {
    Path out = folder.resolve("heart.safetensors");
    Cli.run("export", "--model", model, "--out", out).assertDone();
    String scan = "patient021_frame01";
    Path volume = data.resolve("ACDC_training_volumes").resolve(scan + ".h5");
    for (Path weights : new Path[] {model, out}) {
      Path masks = folder.resolve(weights.getFileName() + ".masks");
      Cli.run("predict", "--model", weights, "--out", masks, "--probabilities", volume)
          .assertDone();
    }
    for (String suffix : new String[] {"_pred.nii.gz", "_prob.nii.gz"}) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("best.safetensors.masks").resolve(scan + suffix)),
          Files.readAllBytes(folder.resolve("heart.safetensors.masks").resolve(scan + suffix)));
    }
  }

  @Test
  void anExportCanBeExportedAgain() throws IOException {
    Path first = folder.resolve("a.safetensors");
    Path second = folder.resolve("b.safetensors");
    Cli.run("export", "--model", model, "--out", first).assertDone();
    Cli.run("export", "--model", first, "--out", second).assertDone();
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  @Test
  void patientsThatMayHaveBeenTrainedOnAreWarnedOf() {
    Path out = folder.resolve("heart.safetensors");
    Cli.run("export", "--model", model, "--out", out).assertDone();
    Cli.Result result = Cli.run("evaluate", "--model", out, "--data", data, "--patients", 41);
    assertEquals(0, result.code(), result.err());
    assertEquals(
        "warning: some of the patients 41 may have been trained on (41-100).\n", result.err());
  }

  @Test
  void theExtensionOrTheOptionChoosesTheFormat() throws IOException {
    Path onnx = folder.resolve("heart.ONNX");
    Cli.Result result = Cli.run("export", "--model", model, "--out", onnx).assertDone();
    assertTrue(result.out().contains("opset 17, input 'image' [N, 1, H, W]"), result.out());
    assertTrue(Files.readString(onnx, StandardCharsets.ISO_8859_1).contains("BatchNormalization"));
    Path tensors = folder.resolve("tensors.onnx");
    Cli.run("export", "--model", model, "--out", tensors, "--format", "SafeTensors").assertDone();
    assertTrue(SafeTensors.read(tensors).contains("decoder.head.weight"));
  }

  @Test
  void anUnknownFormatIsRefused() throws IOException {
    Path out = folder.resolve("heart.pt");
    Cli.run("export", "--model", model, "--out", out)
        .assertFailed(Program.USAGE, out, ".onnx", "--format");
    Cli.run("export", "--model", model, "--out", out, "--format", "pickle")
        .assertFailed(Program.USAGE, "'pickle'", "safetensors or onnx");
    assertNothingHappened();
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    Path out = folder.resolve("heart.onnx");
    Path config = model.resolveSibling("config.properties");
    Cli.run("export", "--model", config, "--out", out).assertFailed(Program.FAILED, config);
    Path checkpoint = model.resolveSibling("checkpoint-2.safetensors");
    Cli.run("export", "--model", checkpoint, "--out", out)
        .assertFailed(Program.FAILED, checkpoint, "is a checkpoint", "best.safetensors");
    Path none = shared.resolve("none.safetensors");
    Cli.run("export", "--model", none, "--out", out)
        .assertFailed(Program.FAILED, none, "there is no such file");
    Cli.run("export", "--out", out).assertFailed(Program.USAGE, "--model");
    assertNothingHappened();
  }

  @Test
  void theModelItselfIsNotReplaced() throws IOException {
    Cli.run("export", "--model", model, "--out", model)
        .assertFailed(Program.USAGE, "choose another");
    Path link = shared.resolve("link.safetensors");
    Files.createSymbolicLink(link, model);
    Cli.run("export", "--model", model, "--out", link)
        .assertFailed(Program.USAGE, "choose another");
    assertTrue(Files.isSymbolicLink(link));
    assertNothingHappened();
  }

  @Test
  void whereNothingCanBeWrittenNothingIs() throws IOException {
    for (String name : new String[] {"heart.onnx", "heart.safetensors"}) {
      Path out = model.resolve(name);
      Cli.run("export", "--model", model, "--out", out)
          .assertFailed(Program.FAILED, out, "cannot be written", "choose");
    }
    assertNothingHappened();
  }
}
