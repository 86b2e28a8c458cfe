package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.nn.SafeTensors;
import tangram.nn.Weights;
import tangram.pclmix.data.Hdf5Writer;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;
import tangram.pclmix.training.TrainedModel;
import tangram.tensor.Devices;

/** A kidney with a cyst is learnt by the program that learns hearts. */
class OtherOrganTest {
  private static final int SIZE = 32;
  private static final int DEPTH = 3;

  /** What these files have for unlabelled. */
  private static final byte UNLABELLED = 127;

  private static final int CYST = 0xD55E00;

  @TempDir private static Path shared;
  private static Path data;
  private static Path classes;
  private static Path run;
  private static String trained;

  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    data = shared.resolve("kidneys");
    for (int patient = 1; patient <= 3; patient++) {
      write(patient);
    }
    classes = shared.resolve("classes.csv");
    List<String> table =
        List.of(
            "id,name,colour",
            "0,outside,#009E73",
            "1,kidney,#0072B2",
            "2,cyst,#D55E00",
            "127,unlabelled,");
    Files.write(classes, table);
    run = shared.resolve("run");
    trained = train(run, "pclmix", 6).assertDone().out();
  }

  /** A disc with a smaller one in it, scribbled by a few rows of each class. */
  private static void write(int patient) {
    int plane = SIZE * SIZE;
    float[] image = new float[DEPTH * plane];
    byte[] truth = new byte[DEPTH * plane];
    byte[] scribble = new byte[DEPTH * plane];
    Arrays.fill(scribble, UNLABELLED);
    for (int i = 0; i < truth.length; i++) {
      int y = i / SIZE % SIZE - 14 - patient;
      int x = i % SIZE - 16;
      truth[i] = (byte) (y * y + x * x > 81 ? 0 : (y * y + (x - 3) * (x - 3) > 9 ? 1 : 2));
      image[i] = 0.2f + 0.3f * truth[i] + 0.001f * (i % 7);
      if (y == 0 || y == 13) {
        scribble[i] = truth[i];
      }
    }
    String name = "patient00" + patient + "_frame01";
    double[] spacing = {8, 1.5, 1.5};
    Hdf5Writer.writeVolume(
        data.resolve("ACDC_training_volumes").resolve(name + ".h5"),
        new Volume(name, patient, DEPTH, SIZE, SIZE, image, truth, spacing, scribble));
    for (int z = 0; z < DEPTH; z++) {
      Hdf5Writer.writeSlice(
          data.resolve("ACDC_training_slices").resolve(name + "_slice_" + z + ".h5"),
          new Slice(
              name,
              patient,
              SIZE,
              SIZE,
              Arrays.copyOfRange(image, z * plane, (z + 1) * plane),
              Arrays.copyOfRange(truth, z * plane, (z + 1) * plane),
              Arrays.copyOfRange(scribble, z * plane, (z + 1) * plane)));
    }
  }

  private static Cli.Result train(Path out, String method, int iterations, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", "--out", out));
    arguments.addAll(List.of("--image-size", SIZE, "--batch", 4, "--encoder-width", 8));
    arguments.addAll(List.of("--unet-channels", "16,16,8,8,8", "--method", method));
    arguments.addAll(List.of("--data", data, "--classes", classes, "--iterations", iterations));
    arguments.addAll(List.of("--train-patients", "1-2", "--val-patients", "3"));
    if (method.equals("pclmix")) {
      arguments.addAll(List.of("--swin-dim", 12, "--embedding-dim", 16));
    }
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  private static Path weights() {
    return run.resolve("best.safetensors");
  }

  @Test
  void theRunTellsItsClasses() throws IOException {
    assertTrue(trained.contains("kidney             cyst          Average"), trained);
    assertFalse(trained.contains("Myo"), trained);
    assertTrue(
        Files.readAllLines(run.resolve("config.properties"))
            .contains("classes = outside=#009E73,kidney=#0072B2,cyst=#D55E00,unlabelled=127"));
    assertEquals(
        "step,dice,dice_kidney,dice_cyst,hd95_mm,hd95_voxels,missing,seconds",
        Files.readAllLines(run.resolve("validation.csv")).get(0));
    assertEquals(1 + 2, Files.readAllLines(run.resolve("scores.csv")).size());
    assertEquals(3, SafeTensors.read(weights()).shape("decoder.head.weight").dim(0));
    BufferedImage picture = ImageIO.read(run.resolve("slices.png").toFile());
    assertTrue(
        Arrays.stream(
                picture.getRGB(
                    0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth()))
            .anyMatch(rgb -> (rgb & 0xFFFFFF) == CYST));
  }

  /** The file of the classes is needed no more: the run and its weights hold them. */
  @Test
  void allElseKnowsTheClassesFromTheRun() throws IOException {
    Path away = shared.resolve("away.csv");
    Files.move(classes, away);
    try {
      String scores = Cli.run("evaluate", "--model", weights()).assertDone().out();
      assertTrue(scores.contains("kidney             cyst          Average"), scores);

      Path page = folder.resolve("page.html");
      Cli.run("report", run, "--out", page).assertDone();
      String html = Files.readString(page);
      for (String word : List.of("kidney", "cyst", "#0072b2", "#d55e00", "(ln 3)")) {
        assertTrue(html.contains(word), word);
      }
      assertFalse(html.contains("Dice Myo"));

      String volume = "patient003_frame01";
      Path masks = folder.resolve("masks");
      String out =
          Cli.run(
                  "predict",
                  "--model",
                  weights(),
                  "--out",
                  masks,
                  "--probabilities",
                  "--overlay",
                  data.resolve("ACDC_training_volumes").resolve(volume + ".h5"))
              .assertDone()
              .out();
      assertTrue(out.contains("classes: 0 outside, 1 kidney, 2 cyst"), out);
      assertTrue(out.contains("  kidney     cyst\n"), out);
      for (byte c : Nifti.read(masks.resolve(volume + "_pred.nii.gz")).labels()) {
        assertTrue(c >= 0 && c < 3, "class " + c);
      }

      Path onnx = folder.resolve("kidney.onnx");
      out = Cli.run("export", "--model", weights(), "--out", onnx).assertDone().out();
      assertTrue(out.contains("[N, 3, H, W]"), out);
      String bytes = Files.readString(onnx, StandardCharsets.ISO_8859_1);
      assertTrue(bytes.contains("outside,kidney,cyst") && !bytes.contains("ventricle"));
      Path exported = folder.resolve("kidney.safetensors");
      Cli.run("export", "--model", weights(), "--out", exported).assertDone();
      assertEquals(
          scores, Cli.run("evaluate", "--model", exported, "--data", data).assertDone().out());
      Cli.run("train", "--resume", run).assertDone();
    } finally {
      Files.move(away, classes);
    }
  }

  /** Nothing tells which weights are best, so the last are kept, and all else works. */
  @Test
  void trainsWithoutVolumesToValidateOn() throws IOException {
    Path out = folder.resolve("run");
    List<Object> arguments = new ArrayList<>(List.of("train", "--out", out, "--data", data));
    arguments.addAll(List.of("--classes", classes, "--method", "pce", "--image-size", SIZE));
    arguments.addAll(List.of("--batch", 4, "--encoder-width", 8, "--iterations", 6));
    arguments.addAll(List.of("--unet-channels", "16,16,8,8,8", "--validate-every", 4));
    arguments.addAll(List.of("--train-patients", "1-3", "--val-patients", "none"));
    String said = Cli.run(arguments.toArray()).assertDone().out();
    assertTrue(said.contains("validation: none, so the last weights are kept"), said);
    assertTrue(said.contains("No volumes to validate on: these are the last weights."), said);
    assertFalse(said.contains("scores.csv"), said);
    Path best = out.resolve("best.safetensors");
    assertEquals("6", SafeTensors.read(best).metadata().get("step"));
    assertFalse(Files.exists(out.resolve("scores.csv")));
    Cli.run("train", "--resume", out).assertDone();
    Cli.run("report", out, "--out", folder.resolve("page.html")).assertDone();
    assertTrue(Files.readString(folder.resolve("page.html")).contains("Finished: 6 steps"));
    Cli.Result refused = Cli.run("evaluate", "--model", best);
    assertTrue(refused.err().contains("name some with --patients"), refused.err());
    Cli.Result scores = Cli.run("evaluate", "--model", best, "--patients", "3");
    assertTrue(scores.out().contains("kidney             cyst          Average"), scores.err());
    Path volume = data.resolve("ACDC_training_volumes").resolve("patient003_frame01.h5");
    Cli.run("predict", "--model", best, "--out", folder.resolve("masks"), volume).assertDone();
  }

  static Stream<String> methods() {
    return Methods.all().stream().map(Method::key);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void everyMethodLearnsThem(String method) throws IOException {
    Path out = folder.resolve("run");
    train(out, method, 3).assertDone();
    assertEquals(
        3, SafeTensors.read(out.resolve("best.safetensors")).shape("decoder.head.weight").dim(0));
  }

  @Test
  void pairsOfFilesAreScoredByTheTable() throws IOException {
    String volume = "patient003_frame01";
    Path source = data.resolve("ACDC_training_volumes").resolve(volume + ".h5");
    Cli.run("predict", "--model", weights(), "--out", folder, source).assertDone();
    Files.copy(folder.resolve(volume + "_pred.nii.gz"), folder.resolve(volume + "_gt.nii.gz"));
    String out = Cli.run("evaluate", "--pairs", folder, "--classes", classes).assertDone().out();
    assertTrue(out.contains("1.000 (0.000)") && out.contains("kidney"), out);
    Cli.run("evaluate", "--model", weights(), "--classes", classes)
        .assertFailed(Program.USAGE, "--classes", "--pairs");
  }

  @Test
  void whatDoesNotFitIsToldInASentence() throws IOException {
    Path file = folder.resolve("two.csv");
    Files.write(
        file,
        List.of("id,name,colour", "0,outside,#000000", "1,kidney,#0072B2", "127,unlabelled,"));
    Path out = folder.resolve("run");
    Cli.Result tooHigh =
        Cli.run(
            "train",
            "--out",
            out,
            "--data",
            data,
            "--train-patients",
            "1-2",
            "--val-patients",
            "3",
            "--classes",
            file);
    assertEquals(Program.FAILED, tooHigh.code(), tooHigh.err());
    assertTrue(tooHigh.err().contains("holds 2.0"), tooHigh.err());
    assertTrue(tooHigh.err().contains("(0 outside, 1 kidney) or name"), tooHigh.err());
    train(out, "pce", 1, "--components", "anchored")
        .assertFailed(Program.USAGE, "--components anchored", "RV, Myo, LV", "largest or none");
    Cli.run("train", "--out", out, "--classes", classes)
        .assertFailed(Program.USAGE, "Generated hearts", "--data", "--classes");
    Cli.run("train", "--out", out, "--data", data, "--classes", folder.resolve("none.csv"))
        .assertFailed(Program.FAILED, "none.csv", "there is no such file", "table of classes");
    Cli.run("train", "--out", out, "--data", data, "--classes", "a=#00,b=#000000")
        .assertFailed(Program.USAGE, "--classes", "the colour of 'a'");
    Files.write(file, List.of("id,name,colour", "0,a,#000000", "1,b,#0072B2", "2,B,#0072B3"));
    Cli.run("train", "--out", out, "--data", data, "--classes", file)
        .assertFailed(Program.FAILED, file, "two classes have one name");
    assertFalse(Files.exists(out));
  }

  @Test
  void weightsOfAnotherNumberOfClassesAreRefused() {
    TrainedModel model = TrainedModel.load(weights(), Devices.get(Devices.DEFAULT));
    String config = model.config().format().replace("unlabelled=127", "sac=#112233");
    Path other = folder.resolve("other.safetensors");
    Weights.save(model.network(), other, Map.of(TrainedModel.CONFIG, config));
    Cli.run("evaluate", "--model", other, "--data", data)
        .assertFailed(Program.FAILED, other, "tells 3 classes apart", "name 4");
  }
}
