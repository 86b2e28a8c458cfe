package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.SafeTensors;
import tangram.nn.SafeTensorsWriter;

/** An encoder goes from one program or run into another. */
class ImportEncoderTest {
  @TempDir private static Path shared;
  private static Path weights;
  private static Path imported;
  private static Cli.Result result;

  @TempDir private Path folder;

  @BeforeAll
  static void trainAndImport() {
    Path run = shared.resolve("run");
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 1)).assertDone();
    weights = run.resolve("best.safetensors");
    imported = shared.resolve("encoder.safetensors");
    result = Cli.run("import-encoder", weights, "--out", imported).assertDone();
  }

  @Test
  void tellsWhatItFound() {
    assertTrue(result.out().contains("ResNet-18, 8 channels"), result.out());
    assertTrue(result.out().contains("100 tensors loaded"), result.out());
    assertTrue(
        result.out().contains("--encoder-depth 18 --encoder-width 8 --encoder-weights " + imported),
        result.out());
  }

  @Test
  void trainingStartsFromIt() {
    Path run = folder.resolve("run");
    Cli.Result trained =
        Cli.run(
                Cli.trainOnPhantoms(
                    run,
                    "--iterations",
                    1,
                    "--learning-rate",
                    0,
                    "--learning-rate-end",
                    0,
                    "--seed",
                    5,
                    "--encoder-weights",
                    imported))
            .assertDone();
    assertTrue(trained.out().contains("starts from " + imported), trained.out());
    SafeTensors before = SafeTensors.read(weights);
    SafeTensors after = SafeTensors.read(run.resolve("best.safetensors"));
    for (String name : new String[] {"encoder.conv1.weight", "encoder.layer4.1.conv2.weight"}) {
      assertArrayEquals(before.floats(name), after.floats(name), name);
    }
    String other = "decoder.head.weight";
    assertFalse(Arrays.equals(before.floats(other), after.floats(other)), other);
  }

  @Test
  void aPartIsRefused() {
    SafeTensors all = SafeTensors.read(imported);
    SafeTensorsWriter writer = SafeTensors.writer();
    for (String name : all.names()) {
      if (!name.startsWith("layer4.1.bn2")) {
        writer.put(name, all.floats(name), all.shape(name).dims());
      }
    }
    Path part = folder.resolve("part.safetensors");
    writer.write(part);
    Path out = folder.resolve("x.safetensors");
    Cli.run("import-encoder", part, "--out", out)
        .assertFailed(Program.FAILED, part, "holds only 96 of the encoder's 100 tensors");
    assertFalse(Files.exists(out));
    Path run = folder.resolve("run");
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 1, "--encoder-weights", part))
        .assertFailed(Program.FAILED, part, "holds only 96 of the encoder's 100 tensors");
    assertFalse(Files.exists(run));
  }

  @Test
  void anotherWidthIsRefusedBeforeAnythingIsWritten() {
    Path run = folder.resolve("run");
    Cli.run(Cli.trainOnPhantoms(run, "--encoder-width", 4, "--encoder-weights", imported))
        .assertFailed(Program.USAGE, "--encoder-width", "only once");
    Cli.run("train", "--encoder-width", 4, "--out", run, "--encoder-weights", imported)
        .assertFailed(Program.FAILED, imported, "not for this encoder", "choose a ResNet");
    assertFalse(Files.exists(run));
  }

  @Test
  void aMissingFileIsRefused() {
    Path none = folder.resolve("none.safetensors");
    Cli.run("import-encoder", none, "--out", folder.resolve("x"))
        .assertFailed(Program.FAILED, none, "there is no such file");
  }

  @Test
  void theFileItselfIsNotReplaced() {
    Cli.run("import-encoder", imported, "--out", imported)
        .assertFailed(Program.USAGE, "choose another");
  }
}
