package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.nn.console.StopSignals;
import tangram.pclmix.data.Hdf5Writer;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;
import tangram.pclmix.phantom.PhantomData;

/** A scan goes in and a mask on its very grid comes out. */
class PredictTest {
  private static final int SIZE = 48;
  private static final double[] SPACING = {9, 1.25, 1.5};

  @TempDir private static Path shared;
  private static Path model;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    Path run = shared.resolve("run");
    // So many steps that the network finds all classes: a mask of background would prove little.
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 80, "--validate-every", 80)).assertDone();
    model = run.resolve("best.safetensors");
  }

  private Cli.Result predict(Object... arguments) {
    return Cli.run(
        Stream.concat(
                Stream.of("predict", "--model", model, "--out", folder.resolve("out")),
                Stream.of(arguments))
            .toArray());
  }

  private ByteBuffer output(String name) throws IOException {
    return RawNifti.load(folder.resolve("out").resolve(name));
  }

  /** The voxels of a generated heart, resized by leaving pixels out. */
  private static short[] heart(int patient, int depth, int height, int width) {
    Volume v = PhantomData.volume(SIZE, 1, patient);
    short[] values = new short[depth * height * width];
    for (int i = 0; i < values.length; i++) {
      int z = i / width / height * v.depth() / depth;
      int y = i / width % height * SIZE / height;
      int x = i % width * SIZE / width;
      values[i] = (short) Math.round(1000 * v.image()[(z * SIZE + y) * SIZE + x]);
    }
    return values;
  }

  private Path scan(String name, int patient) throws IOException {
    return RawNifti.store(
        folder.resolve(name),
        RawNifti.make(ByteOrder.LITTLE_ENDIAN, heart(patient, 5, SIZE, SIZE), SIZE, SIZE, 5));
  }

  private Set<String> outputs() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      Set<String> names = new TreeSet<>();
      files.forEach(file -> names.add(file.getFileName().toString()));
      return names;
    }
  }

  @ParameterizedTest
  @CsvSource({"BIG_ENDIAN,a.nii", "LITTLE_ENDIAN,a.nii.gz"})
  void geometryIsKept(String order, String name) throws IOException {
    ByteOrder bytes = order.startsWith("BIG") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ByteBuffer input = RawNifti.make(bytes, heart(3, 4, 40, 56), 56, 40, 4);
    predict(RawNifti.store(folder.resolve(name), input), "--probabilities").assertDone();
    for (String kind : List.of("pred", "prob")) {
      boolean mask = kind.equals("pred");
      ByteBuffer output = output("a_" + kind + ".nii.gz");
      assertArrayEquals(mask ? new int[] {56, 40, 4} : new int[] {56, 40, 4, 4}, dim(output));
      assertEquals(mask ? 2 : 16, output.getShort(70), "data type");
      assertEquals(mask ? 8 : 32, output.getShort(72), "bits");
      assertEquals(1, output.getFloat(112), "slope");
      assertEquals(0, output.getFloat(116), "intercept");
      assertEquals(10, output.get(123), "units");
      assertEquals(57, output.get(39), "directions of the axes");
      for (int i = 0; i < 4; i++) {
        assertEquals(input.getFloat(76 + 4 * i), output.getFloat(76 + 4 * i), "pixdim");
      }
      assertEquals(1, output.getShort(252), "qform code");
      assertEquals(2, output.getShort(254), "sform code");
      for (int at = 256; at < 328; at += 4) {
        assertEquals(input.getFloat(at), output.getFloat(at), "qform and sform, byte " + at);
      }
    }
    byte[] mask = RawNifti.bytes(output("a_pred.nii.gz"));
    for (byte c = 0; c < 4; c++) {
      byte wanted = c;
      assertTrue(contains(mask, wanted), "nothing is of class " + c + ", the test is too weak");
    }
  }

  private static int[] dim(ByteBuffer file) {
    return RawNifti.dim(file);
  }

  private static boolean contains(byte[] values, byte wanted) {
    for (byte value : values) {
      if (value == wanted) {
        return true;
      }
    }
    return false;
  }

  /** Neither the header's scaling nor the order of the bytes is anything to the network. */
  @Test
  void scalingMakesNoDifference() throws IOException {
    short[] values = heart(4, 3, SIZE, SIZE);
    ByteBuffer plain = RawNifti.make(ByteOrder.LITTLE_ENDIAN, values, SIZE, SIZE, 3);
    ByteBuffer scaled = RawNifti.make(ByteOrder.BIG_ENDIAN, values, SIZE, SIZE, 3);
    scaled.putFloat(112, 0.5f).putFloat(116, -64);
    predict(
            RawNifti.store(folder.resolve("plain.nii"), plain),
            RawNifti.store(folder.resolve("scaled.nii"), scaled))
        .assertDone();
    assertArrayEquals(
        RawNifti.bytes(output("plain_pred.nii.gz")), RawNifti.bytes(output("scaled_pred.nii.gz")));
  }

  @ParameterizedTest
  @CsvSource({"3,20,33", "1,7,5", "9,130,64", "2,1,1"})
  void anySize(int depth, int height, int width) throws IOException {
    ByteBuffer input =
        RawNifti.make(
            ByteOrder.LITTLE_ENDIAN, heart(5, depth, height, width), width, height, depth);
    predict(RawNifti.store(folder.resolve("odd.nii.gz"), input), "--probabilities", "--overlay")
        .assertDone();
    assertArrayEquals(new int[] {width, height, depth}, dim(output("odd_pred.nii.gz")));
    assertArrayEquals(new int[] {width, height, depth, 4}, dim(output("odd_prob.nii.gz")));
    assertTrue(ImageIO.read(folder.resolve("out/odd_overlay.png").toFile()).getWidth() > 300);
  }

  @Test
  void probabilitiesAgreeWithTheMask() throws IOException {
    predict(scan("a.nii.gz", 6), "--probabilities").assertDone();
    byte[] mask = RawNifti.bytes(output("a_pred.nii.gz"));
    float[] p = RawNifti.floats(output("a_prob.nii.gz"));
    int n = mask.length;
    assertEquals(4 * n, p.length);
    int same = 0;
    for (int i = 0; i < n; i++) {
      float sum = 0;
      int best = 0;
      for (int c = 0; c < 4; c++) {
        float value = p[c * n + i];
        assertTrue(value >= 0 && value <= 1, value + " at " + i);
        sum += value;
        best = value > p[best * n + i] ? c : best;
      }
      assertEquals(1, sum, 1e-5, "at " + i);
      same += best == mask[i] ? 1 : 0;
    }
    // At borders the two are resized differently.
    assertTrue(same > 0.95 * n, same + " of " + n);
    assertTrue(same < n, "not even borders differ");
  }

  @Test
  void hdf5AndNiftiOfACaseAgree() throws IOException {
    Path nifti = scan("a.nii.gz", 7);
    // As the data set was made: clipped, then scaled.
    Volume prepared = Nifti.readVolume(nifti, null, Labels.HEART);
    Path hdf5 = folder.resolve("b.h5");
    Hdf5Writer.writeVolume(hdf5, prepared);
    String text = predict(nifti, hdf5).assertDone().out();
    assertArrayEquals(
        RawNifti.bytes(output("a_pred.nii.gz")), RawNifti.bytes(output("b_pred.nii.gz")));
    ByteBuffer header = output("b_pred.nii.gz");
    assertArrayEquals(new int[] {SIZE, SIZE, 5}, dim(header));
    assertEquals(1.5f, header.getFloat(80));
    assertEquals(1.25f, header.getFloat(84));
    assertEquals(9, header.getFloat(88));
    assertEquals(row(text, "a"), row(text, "b"));
    assertFalse(text.contains("unknown"), text);
  }

  private static String row(String text, String name) {
    List<String> rows = text.lines().filter(line -> line.startsWith(name + "  ")).toList();
    assertEquals(1, rows.size(), text);
    return rows.get(0).substring(name.length());
  }

  @Test
  void spacingOfAnHdf5VolumeComesFromItsNifti() throws IOException {
    Volume v = PhantomData.volume(SIZE, 1, 8);
    Volume bare = new Volume("x", 8, v.depth(), SIZE, SIZE, v.image(), null, null, null);
    Path hdf5 = folder.resolve("x.h5");
    Hdf5Writer.writeVolume(hdf5, bare);
    String text = predict(hdf5).assertDone().out();
    assertTrue(text.contains("spacing of one scan is unknown; 1 mm"), text);
    assertTrue(row(text, "x").endsWith("  voxels"), text);
    assertEquals(1, output("x_pred.nii.gz").getFloat(88));
    assertEquals(0, output("x_pred.nii.gz").get(123), "a unit is claimed");

    Nifti.write(
        folder.resolve("nifti/x.nii"),
        NiftiHeader.of(v.depth(), SIZE, SIZE, SPACING),
        new byte[v.depth() * SIZE * SIZE]);
    text = predict(hdf5).assertDone().out();
    assertFalse(text.contains("unknown"), text);
    assertTrue(row(text, "x").endsWith("  ml"), text);
    assertEquals(9, output("x_pred.nii.gz").getFloat(88));
  }

  /** Labels are no concern of a prediction, not even when they are wrong. */
  @Test
  void labelsOfAnHdf5VolumeAreNotLookedAt() {
    Volume v = PhantomData.volume(SIZE, 1, 8);
    byte[] wrong = new byte[v.image().length];
    Arrays.fill(wrong, (byte) 9);
    Path hdf5 = folder.resolve("x.h5");
    Hdf5Writer.writeVolume(
        hdf5, new Volume("x", 8, v.depth(), SIZE, SIZE, v.image(), wrong, SPACING, wrong));
    predict(hdf5).assertDone();
  }

  @Test
  void tableHasTheVolumes() throws IOException {
    String text = predict(scan("a.nii.gz", 9)).assertDone().out();
    int[] voxels = new int[4];
    for (byte c : RawNifti.bytes(output("a_pred.nii.gz"))) {
      voxels[c]++;
    }
    double ml = 1.5 * 1.25 * 9 / 1000;
    assertEquals(
        String.format(
            Locale.ROOT,
            "%d%9.1f%9.1f%9.1f  ml",
            5,
            voxels[1] * ml,
            voxels[2] * ml,
            voxels[3] * ml),
        row(text, "a").strip());
  }

  /** Every volume of a series is segmented as it would be in a file of its own. */
  @Test
  void seriesOverTime() throws IOException {
    short[][] frames = {heart(3, 4, 40, 48), heart(4, 4, 40, 48), heart(5, 4, 40, 48)};
    short[] all = new short[3 * frames[0].length];
    byte[][] alone = new byte[3][];
    for (int i = 0; i < 3; i++) {
      System.arraycopy(frames[i], 0, all, i * frames[i].length, frames[i].length);
      ByteBuffer own = RawNifti.make(ByteOrder.LITTLE_ENDIAN, frames[i], 48, 40, 4);
      predict(RawNifti.store(folder.resolve("own.nii"), own)).assertDone();
      alone[i] = RawNifti.bytes(output("own_pred.nii.gz"));
    }
    ByteBuffer series = RawNifti.make(ByteOrder.BIG_ENDIAN, all, 48, 40, 4, 3);
    String text =
        predict(
                RawNifti.store(folder.resolve("cine.nii.gz"), series),
                "--probabilities",
                "--overlay")
            .assertDone()
            .out();
    ByteBuffer mask = output("cine_pred.nii.gz");
    assertArrayEquals(new int[] {48, 40, 4, 3}, dim(mask));
    assertEquals(31, mask.getFloat(76 + 16), "time between volumes");
    assertArrayEquals(new int[] {48, 40, 4, 3, 4}, dim(output("cine_prob.nii.gz")));
    byte[] labels = RawNifti.bytes(mask);
    int n = frames[0].length;
    int[] lv = new int[3];
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(alone[i], Arrays.copyOfRange(labels, i * n, (i + 1) * n), "frame " + i);
      for (byte c : alone[i]) {
        lv[i] += c == 3 ? 1 : 0;
      }
    }
    for (int i = 0; i < 3; i++) {
      boolean key =
          lv[i] == Arrays.stream(lv).max().getAsInt()
              || lv[i] == Arrays.stream(lv).min().getAsInt();
      assertEquals(key, text.contains("cine, frame " + (i + 1)), text);
    }
    assertTrue(text.contains("largest and the smallest LV"), text);
  }

  @Test
  void overlayShowsTwelveSlices() throws IOException {
    ByteBuffer input =
        RawNifti.make(ByteOrder.LITTLE_ENDIAN, heart(6, 30, SIZE, SIZE), SIZE, SIZE, 30);
    predict(RawNifti.store(folder.resolve("many.nii"), input), "--overlay").assertDone();
    BufferedImage picture = ImageIO.read(folder.resolve("out/many_overlay.png").toFile());
    // Four columns and three rows of square slices, enlarged to at least 300 pixels.
    assertTrue(picture.getWidth() > 4 * 300 && picture.getWidth() < 5 * 300);
    assertTrue(picture.getHeight() > 3 * 250 && picture.getHeight() < 4 * 300 + 100);
  }

  @Test
  void foldersCanBeTheirOwnOutput() throws IOException {
    Files.createDirectory(folder.resolve("out"));
    scan("out/a.nii.gz", 3);
    scan("out/b.nii", 4);
    scan("out/b_gt.nii", 4);
    predict(folder.resolve("out"), "--probabilities").assertDone();
    Set<String> expected =
        Set.of(
            "a.nii.gz",
            "a_pred.nii.gz",
            "a_prob.nii.gz",
            "b.nii",
            "b_gt.nii",
            "b_pred.nii.gz",
            "b_prob.nii.gz");
    assertEquals(expected, outputs());
    byte[] first = Files.readAllBytes(folder.resolve("out/a_pred.nii.gz"));
    Files.write(folder.resolve("out/a_pred.nii.gz"), new byte[3]);
    String text = predict(folder.resolve("out"), "--probabilities").assertDone().out();
    assertEquals(expected, outputs());
    assertArrayEquals(first, Files.readAllBytes(folder.resolve("out/a_pred.nii.gz")));
    assertTrue(text.contains("X_prob.nii.gz"), text);
  }

  @Test
  void oneBadFileDoesNotStopTheOthers() throws IOException {
    Files.createDirectory(folder.resolve("scans"));
    scan("scans/a.nii.gz", 3);
    Path bad = scan("scans/b.nii.gz", 4);
    byte[] bytes = Files.readAllBytes(bad);
    Files.write(bad, Arrays.copyOf(bytes, bytes.length / 2));
    scan("scans/c.nii.gz", 5);
    Cli.Result result = predict(folder.resolve("scans"));
    result.assertFailed(Program.FAILED, bad, "damaged or cut short", "fetch it again");
    assertTrue(result.out().contains("2 of 3 scans are segmented."), result.out());
    assertEquals(Set.of("a_pred.nii.gz", "c_pred.nii.gz"), outputs());
  }

  /** As DataLad leaves links to files that were not fetched. */
  @Test
  void aLinkToNothingDoesNotStopTheOthers() throws IOException {
    Path scans = Files.createDirectories(folder.resolve("scans"));
    scan("scans/b.nii.gz", 3);
    Path link = Files.createSymbolicLink(scans.resolve("a.nii.gz"), Path.of("nowhere"));
    predict(scans).assertFailed(Program.FAILED, link, "is a link to nothing");
    assertEquals(Set.of("b_pred.nii.gz"), outputs());
  }

  /** Half a gigabyte of voxels from half a megabyte, with a gigabyte for Java. */
  @Test
  @Timeout(120)
  void aScanTooLargeForTheMemoryDoesNotStopTheOthers() throws Exception {
    Path scans = Files.createDirectories(folder.resolve("scans"));
    scan("scans/b.nii.gz", 3);
    ByteBuffer header = RawNifti.make(ByteOrder.LITTLE_ENDIAN, new short[0], 4096, 4096, 4);
    header.putShort(70, (short) 64).putShort(72, (short) 64);
    Path large = scans.resolve("a.nii.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(large))) {
      out.write(header.array());
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 512; i++) {
        out.write(zeros);
      }
    }
    Path log = folder.resolve("log");
    Process process =
        Cli.start(log, "predict", "--model", model, "--out", folder.resolve("out"), scans);
    assertTrue(process.waitFor(100, TimeUnit.SECONDS), "it does not end");
    String text = Files.readString(log);
    assertEquals(Program.FAILED, process.exitValue(), text);
    assertTrue(text.contains(large + ": takes more memory than the 1024 MiB"), text);
    assertEquals(Set.of("b_pred.nii.gz"), outputs());
  }

  @Test
  void contradictoryHeadersAreToldBesideTheVolumes() throws IOException {
    ByteBuffer input =
        RawNifti.make(ByteOrder.LITTLE_ENDIAN, heart(3, 5, SIZE, SIZE), SIZE, SIZE, 5);
    input.putFloat(80, 1).putFloat(84, 1).putFloat(88, 1);
    Cli.Result result = predict(RawNifti.store(folder.resolve("a.nii"), input));
    assertEquals(0, result.code());
    assertTrue(
        result.err().contains("a.nii: its pixdim tells of voxels of 1.000x1.000x1.000 mm"),
        result.err());
  }

  /** The patients' data are recognised through a link; a damaged volume costs that volume. */
  @Test
  void evaluatingThroughALinkAndWithABadVolume() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    for (int patient : new int[] {1, 2, 21}) {
      Volume v = PhantomData.volume(SIZE, 1, patient);
      String name = String.format("patient%03d_frame01", patient);
      Hdf5Writer.writeVolume(data.resolve(name + ".h5"), v);
      for (int z = 0; z < v.depth(); z++) {
        int from = z * SIZE * SIZE;
        Hdf5Writer.writeSlice(
            data.resolve(name + "_slice_" + z + ".h5"),
            new Slice(
                name,
                patient,
                SIZE,
                SIZE,
                Arrays.copyOfRange(v.image(), from, from + SIZE * SIZE),
                null,
                Arrays.copyOfRange(v.scribble(), from, from + SIZE * SIZE)));
      }
    }
    Path run = folder.resolve("run");
    Cli.run(
            Cli.train(
                run,
                "--data",
                data,
                "--train-patients",
                "1-2",
                "--val-patients",
                "21",
                "--iterations",
                1))
        .assertDone();
    Path best = run.resolve("best.safetensors");
    Path link = Files.createSymbolicLink(folder.resolve("link"), data);
    Cli.Result scored = Cli.run("evaluate", "--model", best, "--data", link, "--patients", 1);
    assertTrue(scored.err().contains("some of the patients 1 were trained on (1-2)"), scored.err());
    Path bad = data.resolve("patient002_frame01.h5");
    Files.write(bad, Arrays.copyOf(Files.readAllBytes(bad), 5000));
    scored = Cli.run("evaluate", "--model", best, "--data", data, "--patients", "2,21");
    assertEquals(Program.FAILED, scored.code());
    assertTrue(scored.err().contains(bad.toString()), scored.err());
    assertTrue(scored.out().contains("Incomplete: 1 of 2 cases are scored."), scored.out());
  }

  @Test
  @Timeout(120)
  void interruptionLeavesWholeFiles() throws Exception {
    Path scans = Files.createDirectory(folder.resolve("scans"));
    Path first = scan("scans/a0000.nii", 3);
    for (int i = 1; i < 3000; i++) {
      Files.createLink(scans.resolve(String.format(Locale.ROOT, "a%04d.nii", i)), first);
    }
    Path log = folder.resolve("log");
    Process process =
        Cli.start(log, "predict", "--model", model, "--out", folder.resolve("out"), scans);
    while (!Files.exists(folder.resolve("out/a0002_pred.nii.gz"))) {
      assertTrue(process.isAlive(), () -> "it ended early; see " + log);
      Thread.sleep(2);
    }
    Cli.signal(process, "INT");
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the signal did not end it");
    String text = Files.readString(log);
    assertEquals(StopSignals.INTERRUPTED, process.exitValue(), text);
    Set<String> written = outputs();
    assertTrue(written.size() < 3000, "it was over before it could be interrupted");
    assertTrue(text.contains("Stopped: " + written.size() + " of 3000 scans"), text);
    byte[] mask = RawNifti.bytes(output("a0000_pred.nii.gz"));
    for (String name : written) {
      assertTrue(name.endsWith("_pred.nii.gz"), name);
      assertArrayEquals(mask, RawNifti.bytes(output(name)), name);
    }
  }
}
