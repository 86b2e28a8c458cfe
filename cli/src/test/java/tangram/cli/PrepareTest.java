package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.StopSignals;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Volume;
import tangram.pclmix.phantom.PhantomData;

/** Preparing as a user does it, of phantoms in the form of ACDC's download. */
class PrepareTest {
  private static final int SIZE = 32;

  @TempDir private Path folder;
  private Path acdc;
  private Path scribbles;
  private Path out;

  @BeforeEach
  void makeDownload() throws IOException {
    acdc = folder.resolve("acdc");
    scribbles = folder.resolve("scribbles");
    out = folder.resolve("out");
    for (int patient : new int[] {21, 41}) {
      make(patient);
    }
  }

  private Path image(int patient) {
    return acdc.resolve(String.format("training/patient%03d/%s.nii.gz", patient, name(patient)));
  }

  private Path truth(int patient) {
    return image(patient).resolveSibling(name(patient) + "_gt.nii.gz");
  }

  private Path scribble(int patient) {
    return scribbles.resolve(name(patient) + "_scribble.nii.gz");
  }

  private static String name(int patient) {
    return String.format("patient%03d_frame01", patient);
  }

  private static Volume phantom(int patient) {
    return PhantomData.volume(SIZE, 1, patient);
  }

  private static NiftiHeader header(Volume v) {
    return NiftiHeader.of(v.depth(), v.height(), v.width(), v.spacing());
  }

  private void make(int patient) throws IOException {
    Volume v = phantom(patient);
    short[] values = new short[v.image().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) (1000 * v.image()[i]);
    }
    Nifti.write(image(patient), header(v), values);
    Nifti.write(truth(patient), header(v), v.label());
    Nifti.write(scribble(patient), header(v), v.scribble());
    Files.writeString(
        image(patient).resolveSibling("Info.cfg"), "ED: 1\r\nES: 12\r\nGroup: DCM\r\n");
  }

  private Cli.Result prepare(Object... more) {
    Object[] arguments = {"prepare", "--acdc", acdc, "--scribbles", scribbles, "--out", out};
    return Cli.run(Stream.concat(Stream.of(arguments), Stream.of(more)).toArray());
  }

  private static Map<String, FileTime> times(Path folder) throws IOException {
    Map<String, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        times.put(folder.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  /** The other case is prepared all the same, and of this one nothing is left. */
  private void assertCaseRefused(int patient, Object... words) {
    Cli.Result result = prepare();
    result.assertFailed(Program.FAILED, words);
    assertTrue(result.out().contains("Incomplete: 1 of 2 cases are prepared."), result.out());
    assertTrue(
        Files.exists(out.resolve("ACDC_training_volumes").resolve(name(62 - patient) + ".h5")));
    assertFalse(Files.exists(out.resolve("ACDC_training_volumes").resolve(name(patient) + ".h5")));
    assertFalse(
        Files.exists(out.resolve("ACDC_training_slices").resolve(name(patient) + "_slice_0.h5")));
  }

  @Test
  void whatIsPreparedCanBeTrainedOn() throws IOException {
    Cli.Result result = prepare().assertDone();
    int depth = phantom(21).depth();
    assertTrue(
        result.out().contains("2 volumes and " + 2 * depth + " slices of 2 cases"), result.out());
    List<String> manifest = Files.readAllLines(out.resolve("manifest.csv"));
    assertEquals(1 + 2 * (1 + depth), manifest.size());
    String row = manifest.get(1);
    assertTrue(row.startsWith("ACDC_training_volumes/patient021_frame01.h5,"), row);
    assertTrue(row.contains(",patient021_frame01,21,1,,DCM,ED," + depth + ",32,32,"), row);
    assertTrue(row.contains(",training/patient021/patient021_frame01.nii.gz,"), row);
    assertFalse(String.join("", manifest).contains(folder.toString()));
    assertEquals(
        List.of("patient,fold", "21,2", "41,3"), Files.readAllLines(out.resolve("splits.csv")));
    Cli.run("prepare", "--verify", out).assertDone();

    Path run = folder.resolve("run");
    Cli.Result trained =
        Cli.run(Cli.train(run, "--data", out, "--iterations", 2, "--validate-every", 2))
            .assertDone();
    assertFalse(trained.out().contains("spacing unknown"), trained.out());
  }

  @Test
  void aLinkToNothingCostsItsCase() throws IOException {
    Files.delete(truth(41));
    Files.createSymbolicLink(truth(41), Path.of("nowhere"));
    assertCaseRefused(41, truth(41), "is a link to nothing");
  }

  @Test
  void infoWithAByteOrderMark() throws IOException {
    Files.writeString(image(21).resolveSibling("Info.cfg"), "\ufeffED: 1\nES: 12\nGroup: HCM\n");
    prepare().assertDone();
    String row = Files.readAllLines(out.resolve("manifest.csv")).get(1);
    assertTrue(row.contains(",patient021_frame01,21,1,,HCM,ED,"), row);
  }

  @Test
  void startedAgainItGoesOn() throws IOException {
    prepare().assertDone();
    Map<String, FileTime> times = times(out);
    String manifest = Files.readString(out.resolve("manifest.csv"));
    Cli.Result again = prepare().assertDone();
    assertTrue(again.out().contains("2 of which were there already"), again.out());
    times.keySet().removeIf(name -> name.endsWith(".csv"));
    Map<String, FileTime> later = times(out);
    later.keySet().removeIf(name -> name.endsWith(".csv"));
    assertEquals(times, later);

    // Killed while it wrote the last row, and before it wrote that of a file that is there.
    String[] lines = manifest.split("\n");
    String cut = String.join("\n", Arrays.copyOf(lines, lines.length - 3)) + "\nACDC_train";
    Files.writeString(out.resolve("manifest.csv"), cut);
    again = prepare().assertDone();
    assertTrue(again.out().contains("1 of which were there already"), again.out());
    assertEquals(manifest, Files.readString(out.resolve("manifest.csv")));
    assertEquals(times.keySet(), later.keySet());
  }

  @Test
  void withoutScribblesThereAreVolumesOnly() {
    Cli.Result result = Cli.run("prepare", "--acdc", acdc, "--out", out).assertDone();
    assertTrue(result.out().contains("2 volumes and 0 slices"), result.out());
    assertTrue(result.out().contains("no scribble"), result.out());
    assertFalse(Files.exists(out.resolve("ACDC_training_slices")));
  }

  @Test
  void othersFilesAreNotOverwritten() throws IOException {
    Path file = out.resolve("ACDC_training_slices").resolve(name(41) + "_slice_2.h5");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "mine");
    assertCaseRefused(41, file, "other contents", "--replace");
    assertEquals("mine", Files.readString(file));
    prepare("--replace").assertDone();
    assertNotEquals("mine", Files.readString(file, StandardCharsets.ISO_8859_1));
    Cli.run("prepare", "--verify", out).assertDone();
  }

  @Test
  void verifyNamesWhatDiffers() throws IOException {
    prepare().assertDone();
    Path changed = out.resolve("ACDC_training_volumes").resolve(name(21) + ".h5");
    Path gone = out.resolve("ACDC_training_slices").resolve(name(41) + "_slice_1.h5");
    Path stranger = out.resolve("ACDC_training_slices").resolve("patient099_frame01_slice_0.h5");
    Files.write(changed, new byte[] {1}, StandardOpenOption.APPEND);
    Files.move(gone, stranger);
    Cli.Result result = Cli.run("prepare", "--verify", out);
    assertEquals(Program.FAILED, result.code());
    assertEquals(2, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(changed + ": differs"), result.err());
    assertTrue(result.err().contains(gone + ": is missing"), result.err());
    assertTrue(result.out().contains(stranger + ": is not in the manifest"), result.out());
  }

  @Test
  void foldersWithoutManifest() throws IOException {
    Cli.run("prepare", "--verify", acdc)
        .assertFailed(Program.FAILED, acdc, "holds no manifest.csv");
    Files.createDirectories(out);
    for (String text : new String[] {"", "a,b\n1,2\n", "\u0000\u0001\n"}) {
      Files.writeString(out.resolve("manifest.csv"), text);
      prepare().assertFailed(Program.FAILED, out.resolve("manifest.csv"), "is no manifest");
    }
    prepareAndChange("ACDC_training_volumes/patient021_frame01.h5", "../acdc/secret");
    prepareAndChange(",32,32,", ",32,many,");
  }

  private void prepareAndChange(String from, String to) throws IOException {
    Path file = out.resolve("manifest.csv");
    Files.delete(file);
    prepare().assertDone();
    Files.writeString(file, Files.readString(file).replaceFirst(from, to));
    Cli.run("prepare", "--verify", out)
        .assertFailed(Program.FAILED, file, "row 2 cannot be understood");
  }

  @Test
  void otherShape() {
    Nifti.write(truth(41), NiftiHeader.of(2, 3, 4, null), new byte[24]);
    assertCaseRefused(41, truth(41), "2x3x4", "same case");
  }

  @Test
  void unknownClasses() {
    byte[] classes = phantom(41).label().clone();
    classes[33] = 4;
    Nifti.write(truth(41), header(phantom(41)), classes);
    assertCaseRefused(41, truth(41), "class 4 in slice 0", "0..3");
    classes[33] = 9;
    Nifti.write(truth(41), header(phantom(41)), phantom(41).label());
    Nifti.write(scribble(41), header(phantom(41)), classes);
    assertCaseRefused(41, scribble(41), "class 9 in slice 0", "4 for unlabelled");
  }

  @Test
  void nothingScribbled() {
    byte[] classes = new byte[phantom(41).label().length];
    Arrays.fill(classes, (byte) 4);
    Nifti.write(scribble(41), header(phantom(41)), classes);
    assertCaseRefused(41, scribble(41), "nothing is scribbled");
  }

  @Test
  void badImages() throws IOException {
    float[] values = phantom(41).image().clone();
    values[5] = Float.NaN;
    Nifti.write(image(41), header(phantom(41)), values);
    assertCaseRefused(41, image(41), "NaN", "[0, 0, 5]");
    Nifti.write(image(41), header(phantom(41)), new short[values.length]);
    assertCaseRefused(41, image(41), "99%", "fetch the file again");
    make(41);
    byte[] bytes = Files.readAllBytes(image(41));
    Files.write(image(41), Arrays.copyOf(bytes, bytes.length / 2));
    assertCaseRefused(41, image(41), "cut short", "fetch");
  }

  /** Zeros for unlabelled pixels: they are taken for background, in which the truth has a heart. */
  @Test
  void masksInsteadOfScribbles() {
    byte[] classes = phantom(41).scribble().clone();
    for (int i = 0; i < classes.length; i++) {
      classes[i] = classes[i] == 4 ? 0 : classes[i];
    }
    Nifti.write(scribble(41), header(phantom(41)), classes);
    Cli.Result result = prepare();
    assertEquals(0, result.code());
    assertTrue(result.err().contains("none is 4 (unlabelled)"), result.err());
    assertTrue(result.err().contains("pixels of background have another class"), result.err());
  }

  @Test
  void placedElsewhere() {
    Volume v = phantom(41);
    NiftiHeader other = NiftiHeader.of(v.depth(), SIZE, SIZE, new double[] {1, 1, 1});
    // A scribble that the truth confirms is taken.
    Nifti.write(scribble(41), other, v.scribble());
    Cli.Result result = prepare();
    assertEquals(0, result.code(), result.err());
    assertEquals(1, result.err().lines().count());
    assertTrue(result.err().contains("taken voxel by voxel"), result.err());
    Nifti.write(truth(41), other, v.label());
    result = prepare();
    result.assertFailed(Program.FAILED, truth(41), "1.000x1.000x1.000 mm", "--ignore-geometry");
    assertEquals(0, prepare("--ignore-geometry").code());
  }

  @Test
  void wrongOptions() throws IOException {
    Cli.run("prepare").assertFailed(Program.USAGE, "--acdc", "--out", "--verify");
    Cli.run("prepare", "--acdc", acdc).assertFailed(Program.USAGE, "--out");
    Cli.run("prepare", "--verify", out, "--out", out).assertFailed(Program.USAGE, "--verify");
    out = Files.createFile(folder.resolve("file"));
    prepare().assertFailed(Program.FAILED, out, "cannot be written");
  }

  @Test
  @Timeout(120)
  void stoppedItLeavesWholeFiles() throws IOException, InterruptedException {
    for (int patient = 101; patient < 131; patient++) {
      for (String end : new String[] {".nii.gz", "_gt.nii.gz"}) {
        Files.copy(image(21).resolveSibling(name(21) + end), acdc.resolve(name(patient) + end));
      }
      Files.copy(scribble(21), scribble(patient));
    }
    Path log = folder.resolve("log");
    Process process =
        Cli.start(log, "prepare", "--acdc", acdc, "--scribbles", scribbles, "--out", out);
    while (!Files.exists(out.resolve("ACDC_training_volumes").resolve(name(41) + ".h5"))) {
      assertTrue(process.isAlive(), () -> "it ended by itself");
      Thread.sleep(5);
    }
    Cli.signal(process, "INT");
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String text = Files.readString(log);
    assertEquals(StopSignals.INTERRUPTED, process.exitValue(), text);
    assertTrue(text.contains("the same command continues"), text);
    Cli.run("prepare", "--verify", out).assertDone();
    assertFalse(times(out).keySet().stream().anyMatch(name -> name.contains(".tmp")));
    Cli.Result rest = prepare().assertDone();
    assertTrue(rest.out().contains("of which were there already"), rest.out());
    assertTrue(rest.out().contains("32 volumes"), rest.out());
    Cli.run("prepare", "--verify", out).assertDone();
  }
}
