package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.SafeTensors;
import tangram.nn.SafeTensorsWriter;
import tangram.pclmix.data.Hdf5Writer;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Slice;

/**
 * Every kind of bad input gives one sentence that names the file and the remedy, and harms nothing.
 */
class BadInputTest {
  private static final String SLICE = "ACDC_training_slices/patient041_frame01_slice_3.h5";

  @TempDir private static Path shared;
  private static Path goodData;
  private static Path goodRun;

  @TempDir private Path folder;
  private Path data;
  private Path out;

  @BeforeAll
  static void makeDataAndRun() {
    goodData = shared.resolve("data");
    goodRun = shared.resolve("run");
    Cli.run("phantom", "--out", goodData, "--patients", "21,41", "--size", 32).assertDone();
    Cli.run(Cli.train(goodRun, "--data", goodData, "--iterations", 2)).assertDone();
  }

  @BeforeEach
  void copyData() throws IOException {
    data = folder.resolve("data");
    out = folder.resolve("out");
    copy(goodData, data);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Cli.Result train(Object... more) {
    Object[] arguments = Cli.train(out, "--data", data);
    return Cli.run(Stream.concat(Stream.of(arguments), Stream.of(more)).toArray());
  }

  private void assertTrainingRefused(Object... words) {
    train().assertFailed(Program.FAILED, words);
    assertFalse(Files.exists(out), "a run folder was left behind");
  }

  @Test
  void truncatedHdf5File() throws IOException {
    Path file = data.resolve(SLICE);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertTrainingRefused(file, "cut short", "fetch the file again");
  }

  @Test
  void missingScribble() throws IOException {
    Path file = data.resolve(SLICE);
    Files.delete(file);
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      hdf.putDataset("image", new float[32][32]);
    }
    assertTrainingRefused(file, "'scribble' is missing", "add it");
  }

  @Test
  void wrongLabelValues() {
    Path file = data.resolve(SLICE);
    byte[] scribble = new byte[32 * 32];
    scribble[5] = 7;
    Hdf5Writer.writeSlice(file, new Slice("x", 41, 32, 32, new float[32 * 32], null, scribble));
    assertTrainingRefused(file, "'scribble' holds 7", "0..3 and 4 for unlabelled");
  }

  @Test
  void imageWithNaN() {
    Path file = data.resolve(SLICE);
    float[] image = new float[32 * 32];
    image[33] = Float.NaN;
    Hdf5Writer.writeSlice(file, new Slice("x", 41, 32, 32, image, null, new byte[32 * 32]));
    assertTrainingRefused(file, "NaN", "[1, 1]", "replace");
  }

  @Test
  void emptyFolder() throws IOException {
    data = Files.createDirectory(folder.resolve("empty"));
    assertTrainingRefused(data, "holds no", "name the folder");
  }

  @Test
  void missingFolder() {
    data = folder.resolve("nowhere");
    assertTrainingRefused(data, "no such folder");
  }

  @Test
  void patientsThatAreNotThere() {
    train("--train-patients", "1-3").assertFailed(Program.FAILED, data, "1-3", "only of 21,41");
  }

  @Test
  void patientsInTrainingAndValidation() {
    train("--train-patients", "1-41", "--val-patients", "41-50")
        .assertFailed(Program.USAGE, "--train-patients '1-41'", "--val-patients '41-50'", "share");
  }

  @Test
  void unknownOptions() {
    Cli.run("train", "--iteration", 3).assertFailed(Program.USAGE, "--iteration", "--iterations?");
    Cli.run("nothing").assertFailed(Program.USAGE, "no command 'nothing'");
    Cli.run().assertFailed(Program.USAGE, "name a command");
  }

  @Test
  void impossibleValues() {
    train("--lambda-t", "much").assertFailed(Program.USAGE, "--lambda-t", "'much'");
    train("--losses", "sup,all").assertFailed(Program.USAGE, "--losses", "sup, ctr, het, mix");
    train("--threads", "0").assertFailed(Program.USAGE, "--threads", "'0'");
    train("--preset", "huge").assertFailed(Program.USAGE, "'huge'", "tiny, small, best, paper");
    train("--iterations", 3, "--iterations", 4)
        .assertFailed(Program.USAGE, "--iterations", "only once");
    train("--transformer-supervision", true, "--no-transformer-supervision")
        .assertFailed(Program.USAGE, "--no-transformer-supervision");
    train("--phantom-patients", 3).assertFailed(Program.USAGE, "--phantom-patients");
  }

  @Test
  void unknownDevice() {
    train("--device", "abacus").assertFailed(Program.FAILED, "'abacus'", "vector");
  }

  @Test
  void outputFolderThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    out = file.resolve("run");
    train().assertFailed(Program.FAILED, out, "cannot be written", "choose");
    Cli.run("phantom", "--patients", 1, "--out", out)
        .assertFailed(Program.FAILED, out, "cannot be written", "choose");
    Cli.run("evaluate", "--model", goodRun.resolve("best.safetensors"), "--csv", out)
        .assertFailed(Program.FAILED, out, "cannot be written", "choose");
  }

  @Test
  void existingRunIsNotTouched() throws IOException {
    copy(goodRun, out);
    train().assertFailed(Program.FAILED, out, "--resume", "--out");
    try (Stream<Path> files = Files.walk(goodRun)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertArrayEquals(
            Files.readAllBytes(file), Files.readAllBytes(out.resolve(goodRun.relativize(file))));
      }
    }
  }

  @Test
  void resumeOfAFolderWithoutRun() {
    Cli.run("train", "--resume", data).assertFailed(Program.FAILED, data, "holds no run");
  }

  @Test
  void resumeWithOtherSettings() {
    Cli.run("train", "--resume", goodRun, "--batch", 5)
        .assertFailed(Program.USAGE, goodRun, "--batch 4", "'5'");
    Cli.run("train", "--resume", goodRun, "--preset", "small")
        .assertFailed(Program.USAGE, "--preset");
  }

  @Test
  void damagedSettings() throws IOException {
    copy(goodRun, out);
    Path file = out.resolve("config.properties");
    Files.writeString(file, Files.readString(file).replace("batch = 4", "batch = four"));
    Cli.run("train", "--resume", out).assertFailed(Program.FAILED, file, "batch", "Restore");
  }

  @Test
  void checkpointOfAnotherRun() throws IOException {
    train("--seed", 1, "--iterations", 2).assertDone();
    Path checkpoint = Path.of("checkpoint-2.safetensors");
    Files.copy(
        goodRun.resolve(checkpoint), out.resolve(checkpoint), StandardCopyOption.REPLACE_EXISTING);
    Cli.run("train", "--resume", out).assertFailed(Program.FAILED, checkpoint, "other settings");
  }

  @Test
  void weightsOfAnotherNetwork() {
    SafeTensors good = SafeTensors.read(goodRun.resolve("best.safetensors"));
    String config = good.metadata().get("config");
    Path file = folder.resolve("other.safetensors");
    SafeTensorsWriter writer = SafeTensors.writer();
    writer.metadata("config", config.replace("encoder-width = 8", "encoder-width = 16"));
    for (String name : good.names()) {
      writer.put(name, good.floats(name), good.shape(name).dims());
    }
    writer.write(file);
    Cli.run("evaluate", "--model", file).assertFailed(Program.FAILED, file, "encoder");
  }

  @Test
  void weightsWithoutSettings() {
    Path file = folder.resolve("bare.safetensors");
    SafeTensors.writer().write(file);
    Cli.run("evaluate", "--model", file).assertFailed(Program.FAILED, file, "'config'");
  }

  private Cli.Result predict(Object... more) {
    Object[] arguments = {"predict", "--model", goodRun.resolve("best.safetensors"), "--out", out};
    return Cli.run(Stream.concat(Stream.of(arguments), Stream.of(more)).toArray());
  }

  private void assertPredictionRefused(Path input, Object... words) {
    predict(input, "--overlay")
        .assertFailed(Program.FAILED, Stream.concat(Stream.of(input), Stream.of(words)).toArray());
    assertFalse(Files.exists(out), "something was written");
  }

  private Path scan(String name) {
    Path file = folder.resolve(name);
    Nifti.write(file, NiftiHeader.of(2, 9, 8, new double[] {9, 1, 1}), new short[2 * 9 * 8]);
    return file;
  }

  @Test
  void scansThatAreNone() throws IOException {
    assertPredictionRefused(folder.resolve("absent.nii.gz"), "no such file or folder", "check");
    assertPredictionRefused(Files.createDirectory(folder.resolve("none")), "holds no scan", "name");
    Path text = Files.writeString(folder.resolve("text.nii"), "not a scan".repeat(100));
    assertPredictionRefused(text, "not a NIfTI-1 file", "convert it");
    assertPredictionRefused(Files.createFile(folder.resolve("x.dcm")), "ends in none", "convert");
    assertPredictionRefused(data.resolve(SLICE), "has 2 dimensions", "mixed up");
  }

  @Test
  void damagedScans() throws IOException {
    Path file = scan("a.nii.gz");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertPredictionRefused(file, "damaged or cut short", "fetch it again");
    Path plain = scan("b.nii");
    bytes = Files.readAllBytes(plain);
    Files.write(plain, Arrays.copyOf(bytes, bytes.length - 1));
    assertPredictionRefused(plain, "cut short", "fetch the file again");
    float[] values = new float[2 * 9 * 8];
    values[9 * 8 + 8] = Float.NaN;
    Path nan = folder.resolve("nan.nii");
    Nifti.write(nan, NiftiHeader.of(2, 9, 8, null), values);
    assertPredictionRefused(nan, "holds NaN at [1, 1, 0]", "replace");
  }

  @Test
  void weightsThatAreNone() throws IOException {
    Path scan = scan("a.nii");
    for (Path file :
        new Path[] {
          folder.resolve("absent"),
          folder,
          Files.writeString(folder.resolve("short"), "no"),
          Files.writeString(folder.resolve("text"), "no weights".repeat(100)),
          scan
        }) {
      Cli.run("predict", "--model", file, "--out", out, scan)
          .assertFailed(Program.FAILED, "pclmix predict: " + file + ": ");
      assertFalse(Files.exists(out), "something was written");
    }
  }

  @Test
  void predictionsThatCannotBeWritten() throws IOException {
    Path scan = scan("a.nii");
    Path file = Files.createFile(folder.resolve("file"));
    out = file.resolve("below");
    predict(scan).assertFailed(Program.FAILED, out, "cannot be written", "choose");
    out = file;
    predict(scan).assertFailed(Program.FAILED, out, "cannot be written", "choose");
    out = folder.resolve("taken");
    Path taken = Files.createDirectories(out.resolve("a_pred.nii.gz"));
    predict(scan).assertFailed(Program.FAILED, taken, "cannot be written", "folder has this name");
  }

  @Test
  void predictionsThatWouldOverwrite() throws IOException {
    Path scan = scan("a.nii");
    Path mask = scan("a_pred.nii.gz");
    byte[] bytes = Files.readAllBytes(mask);
    out = folder;
    predict(scan, mask).assertFailed(Program.FAILED, mask, "would be overwritten", "--out");
    assertArrayEquals(bytes, Files.readAllBytes(mask));
    Path weights = folder.resolve("a_overlay.png");
    Files.copy(goodRun.resolve("best.safetensors"), weights);
    Cli.run("predict", "--model", weights, "--out", out, scan, "--overlay")
        .assertFailed(Program.FAILED, weights, "would be overwritten", "--out");

    out = folder.resolve("out");
    Path twin = scan("sub/a.nii.gz");
    predict(scan, twin).assertFailed(Program.FAILED, twin, scan, "same name", "another folder");
    assertFalse(Files.exists(out), "something was written");
  }

  @Test
  void predictionsWithoutEnoughSaid() {
    Path scan = scan("a.nii");
    Cli.run("predict", scan, "--out", out).assertFailed(Program.USAGE, "--model");
    Cli.run("predict", "--model", "x", scan).assertFailed(Program.USAGE, "--out");
    predict().assertFailed(Program.USAGE, "INPUT");
    predict(scan, "--threads", 0).assertFailed(Program.USAGE, "--threads", "'0'");
  }
}
