package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Hdf5Reader;
import tangram.pclmix.data.Hdf5Writer;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;

/** Pixels of one size, and spacings from a table, as ACDC's published HDF5 files need one. */
class ResampleTest {
  @TempDir private static Path shared;
  private static Path data;
  private static Path bare;
  private static Path table;

  @TempDir private Path folder;

  /** Phantoms, and the same without their spacings, which a table has. */
  @BeforeAll
  static void makeData() throws IOException {
    data = shared.resolve("data");
    bare = shared.resolve("bare");
    table = shared.resolve("spacing.csv");
    Cli.run("phantom", "--out", data, "--patients", "1-3", "--size", 48).assertDone();
    for (Path file : files(DataFolder.SLICES)) {
      Slice slice = Hdf5Reader.readSlice(file, Labels.HEART, true);
      Hdf5Writer.writeSlice(
          bare.resolve(DataFolder.SLICES).resolve(file.getFileName()), slice.withSpacing(null));
    }
    StringBuilder rows = new StringBuilder("case,spacing_z,spacing_y,spacing_x\n");
    for (Path file : files(DataFolder.VOLUMES)) {
      Volume v = Hdf5Reader.readVolume(file, Labels.HEART, true);
      double[] mm = v.spacing();
      rows.append(v.name()).append(',').append(mm[0]).append(',').append(mm[1]);
      rows.append(',').append(mm[2]).append('\n');
      Volume without =
          new Volume(
              v.name(),
              v.patient(),
              v.depth(),
              v.height(),
              v.width(),
              v.image(),
              v.label(),
              null,
              v.scribble());
      Hdf5Writer.writeVolume(bare.resolve(DataFolder.VOLUMES).resolve(file.getFileName()), without);
    }
    Files.writeString(table, rows);
  }

  private static List<Path> files(String kind) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve(kind))) {
      return files.toList();
    }
  }

  private static Cli.Result train(Path out, Path from, Object... more) {
    Object[] all =
        ("train --method pce --image-size 32 --batch 4 --encoder-width 8 --unet-channels"
                + " 16,16,8,8,8 --train-patients 1-2 --val-patients 3 --iterations 3"
                + " --resample 6 --crop-jitter 2 --far-windows 0.25 --far-background 30"
                + " --absent-weight 0.3 --evaluate-weights ema")
            .split(" ");
    List<Object> arguments = new ArrayList<>(List.of(all));
    arguments.addAll(List.of("--data", from, "--out", out));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  @Test
  void tablesTellWhatFilesDoNot() throws IOException {
    Path with = folder.resolve("with");
    train(with, data).assertDone();
    train(folder.resolve("without"), bare)
        .assertFailed(Program.FAILED, "patient", "voxel spacing is unknown", "--spacing-file");
    Path told = folder.resolve("told");
    train(told, bare, "--spacing-file", table).assertDone();
    assertEquals(
        Files.readString(with.resolve("scores.csv")), Files.readString(told.resolve("scores.csv")));

    Path model = told.resolve("best.safetensors");
    String own = Cli.run("evaluate", "--model", model).assertDone().out();
    assertTrue(own.contains("mm"), own);
    // Other data may have cases of the same names.
    Cli.run("evaluate", "--model", model, "--data", bare)
        .assertFailed(Program.FAILED, "voxel spacing is unknown");
    assertEquals(
        own,
        Cli.run("evaluate", "--model", model, "--data", bare, "--spacing-file", table)
            .assertDone()
            .out());

    Path scan = bare.resolve(DataFolder.VOLUMES).resolve("patient003_frame01.h5");
    Path out = folder.resolve("out");
    Cli.run("predict", "--model", model, "--out", out, scan)
        .assertFailed(Program.FAILED, "voxel spacing is unknown");
    Cli.run("predict", "--model", model, "--out", out, "--spacing-file", table, scan).assertDone();
    Path same = folder.resolve("same");
    Path original = data.resolve(DataFolder.VOLUMES).resolve("patient003_frame01.h5");
    Cli.run("predict", "--model", model, "--out", same, original).assertDone();
    String file = "patient003_frame01_pred.nii.gz";
    assertArrayEquals(
        Files.readAllBytes(same.resolve(file)), Files.readAllBytes(out.resolve(file)));

    Path onnx = folder.resolve("model.onnx");
    Cli.run("export", "--model", model, "--out", onnx).assertDone();
  }

  @Test
  void whatCannotBe() {
    refused(Program.USAGE, "--resample", "0", "'none' or");
    refused(Program.USAGE, "--crop-jitter", "3", "set --resample");
    refused(Program.USAGE, "--evaluate-weights", "best", "trained or ema");
    refused(Program.FAILED, "--spacing-file", folder.resolve("no.csv").toString(), "no.csv");
  }

  private void refused(int code, String option, String value, String words) {
    Path run = folder.resolve("run");
    Cli.run(
            "train",
            "--data",
            data,
            "--train-patients",
            "1-2",
            "--val-patients",
            "3",
            "--out",
            run,
            option,
            value)
        .assertFailed(code, option.equals("--spacing-file") ? "no.csv" : option, words);
  }
}
