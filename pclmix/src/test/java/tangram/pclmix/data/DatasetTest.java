package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.data.DataException;

class DatasetTest {
  @TempDir Path folder;

  private static Dataset load(Path folder, Patients patients, int side) {
    return Dataset.load(
        folder,
        Labels.HEART,
        patients,
        Framing.square(side),
        Spacings.NONE,
        UnaryOperator.identity(),
        new Notices());
  }

  @Test
  void filesInOrderOfNumbers() throws IOException {
    Path slices = Files.createDirectory(folder.resolve("ACDC_training_slices"));
    Path volumes = Files.createDirectory(folder.resolve("ACDC_training_volumes"));
    for (String name :
        List.of(
            "patient10_frame01_slice_0",
            "patient9_frame11_slice_0",
            "patient9_frame2_slice_10",
            "patient9_frame2_slice_9")) {
      Files.createFile(slices.resolve(name + ".h5"));
    }
    Files.createFile(slices.resolve("README.txt"));
    Files.createFile(slices.resolve("._patient9_frame2_slice_9.h5"));
    Files.createFile(volumes.resolve("patient021_frame01.h5"));
    assertEquals(
        List.of(
            "patient9_frame2_slice_9.h5",
            "patient9_frame2_slice_10.h5",
            "patient9_frame11_slice_0.h5",
            "patient10_frame01_slice_0.h5"),
        names(DataFolder.slices(folder, null, new Notices())));
    assertEquals(
        List.of("patient10_frame01_slice_0.h5"),
        names(DataFolder.slices(folder, Patients.parse("10-99"), new Notices())));
    assertEquals(1, DataFolder.slices(slices, Patients.of(10), new Notices()).size());
    assertEquals(
        List.of("patient021_frame01.h5"), names(DataFolder.volumes(folder, null, new Notices())));
    refused(
        "only of 9-10", () -> DataFolder.slices(folder, Patients.parse("41-100"), new Notices()));
    refused("holds no volumes", () -> DataFolder.volumes(slices, null, new Notices()));
  }

  @Test
  void slicesAndVolumesInOneFolder() throws IOException {
    Files.createFile(folder.resolve("patient001_frame01_slice_0.h5"));
    Files.createFile(folder.resolve("patient001_frame01.h5"));
    assertEquals(
        List.of("patient001_frame01_slice_0.h5"),
        names(DataFolder.slices(folder, null, new Notices())));
    assertEquals(
        List.of("patient001_frame01.h5"), names(DataFolder.volumes(folder, null, new Notices())));
  }

  @Test
  void whatIsLeftOutIsTold() throws IOException {
    Path slices = Files.createDirectories(folder.resolve(DataFolder.SLICES));
    Path first = Files.createFile(slices.resolve("patient001_frame01_slice_0.H5"));
    Path second = Files.createFile(slices.resolve("patient1234567_frame01_slice_1.hdf5"));
    Path other = Files.createFile(slices.resolve("patient003_frame01_slice_0.npy"));
    Path volume = Files.createFile(slices.resolve("patient001_frame01.h5"));
    Path beside = Files.createFile(folder.resolve("patient002_frame01_slice_0.h5"));
    Files.createFile(slices.resolve("README.txt"));
    Notices notices = new Notices();
    assertEquals(List.of(first, second), DataFolder.slices(folder, null, notices));
    assertEquals(
        List.of(
            "1 file is left out, whose names do not end in .h5 or .hdf5: " + other + ".",
            "1 file is left out, volumes among slices: " + volume + ".",
            "1 file is left out, beside the folder " + DataFolder.SLICES + ": " + beside + "."),
        notices.warnings().stream().sorted(Comparator.reverseOrder()).toList());
    assertEquals(
        List.of(second), DataFolder.slices(folder, Patients.parse("1234567"), new Notices()));
  }

  /** Leading zeros do not matter. */
  @Test
  void theSameCaseTwice() throws IOException {
    Files.createFile(folder.resolve("patient021_frame01.h5"));
    Files.createFile(folder.resolve("patient21_frame1.h5"));
    refused(
        "patient21_frame1.h5: is of the same patient and frame as patient021_frame01.h5",
        () -> DataFolder.volumes(folder, null, new Notices()));
  }

  @Test
  void badFolders() throws IOException {
    refused("holds no slices", () -> DataFolder.slices(folder, null, new Notices()));
    refused(
        "there is no such folder",
        () -> DataFolder.slices(folder.resolve("x"), null, new Notices()));
    Files.createFile(folder.resolve("case7.h5"));
    refused("case7.h5: the name is neither", () -> DataFolder.slices(folder, null, new Notices()));
  }

  @Test
  void loadResizes() {
    float[] image = {0, 1, 0, 1, 0, 1, 0, 1};
    byte[] label = {0, 1, 2, 3, 0, 1, 2, 3};
    byte[] scribble = {4, 1, 4, 2, 4, 4, 3, 4};
    Hdf5Writer.writeSlice(
        folder.resolve("patient002_frame01_slice_0.h5"),
        new Slice("a", 2, 2, 4, image, label, scribble));
    Hdf5Writer.writeSlice(
        folder.resolve("patient001_frame01_slice_0.h5"),
        new Slice("b", 1, 1, 1, new float[1], null, new byte[1]));
    Dataset dataset = load(folder, null, 2);
    assertEquals(2, dataset.size());
    assertEquals(2, dataset.framing().side());
    assertEquals(1, dataset.slice(0).patient());
    Slice slice = dataset.slice(1);
    assertEquals("patient002_frame01_slice_0", slice.name());
    assertEquals(2, slice.height());
    assertEquals(2, slice.width());
    assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f, 0.5f}, slice.image());
    assertArrayEquals(new byte[] {1, 3, 1, 3}, slice.label());
    assertArrayEquals(new byte[] {1, 2, 4, 4}, slice.scribble());
    assertEquals(1, load(folder, Patients.of(2), 4).size());
  }

  /** Maps that are made at the slice's own size are resized with it, and keep their fill. */
  @Test
  void mapsGoAlong() {
    Hdf5Writer.writeSlice(
        folder.resolve("patient002_frame01_slice_0.h5"),
        new Slice("a", 2, 2, 4, new float[8], null, new byte[] {4, 1, 4, 2, 4, 4, 3, 4}));
    Dataset dataset =
        Dataset.load(
            folder,
            Labels.HEART,
            null,
            Framing.square(2),
            Spacings.NONE,
            s -> {
              byte[] width = new byte[s.scribble().length];
              Arrays.fill(width, (byte) s.width());
              return s.with(ByteMap.ofLabels("copy", s.scribble(), Labels.HEART))
                  .with(new ByteMap("width", width, (byte) 7));
            },
            new Notices());
    assertEquals(List.of("copy", "width"), dataset.mapNames());
    assertArrayEquals(new byte[] {1, 2, 4, 4}, dataset.slice(0).maps().get(0).values());
    assertArrayEquals(new byte[] {4, 4, 4, 4}, dataset.slice(0).maps().get(1).values());
    assertEquals(4, dataset.slice(0).maps().get(0).fill());
    assertEquals(7, dataset.slice(0).maps().get(1).fill());

    Dataset more =
        dataset.prepared(s -> s.with(ByteMap.ofLabels("more", new byte[4], Labels.HEART)));
    assertEquals(List.of("copy", "width", "more"), more.mapNames());
    assertEquals(2, more.framing().side());
    assertEquals(List.of(), load(folder, null, 2).mapNames());
  }

  @Test
  void mapsAreTheSameOfAllSlices() {
    Slice bare = new Slice("bare", 1, 1, 1, new float[1], null, new byte[1]);
    Slice mapped = bare.with(ByteMap.ofLabels("m", new byte[1], Labels.HEART));
    assertThrows(IllegalArgumentException.class, () -> new Dataset(List.of(mapped, bare), 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> mapped.with(ByteMap.ofLabels("m", new byte[1], Labels.HEART)));
    assertThrows(
        IllegalArgumentException.class,
        () -> bare.with(ByteMap.ofLabels("m", new byte[2], Labels.HEART)));
  }

  @Test
  void loadReportsTheBadFile() throws IOException {
    Hdf5Writer.writeSlice(
        folder.resolve("patient001_frame01_slice_0.h5"),
        new Slice("b", 1, 1, 1, new float[1], null, new byte[1]));
    Files.writeString(folder.resolve("patient001_frame01_slice_1.h5"), "no");
    refused("patient001_frame01_slice_1.h5: not a", () -> load(folder, null, 4));
  }

  @Test
  void realSlices() {
    Path acdc = AcdcData.folder();
    long start = System.nanoTime();
    ScribbleStatistics statistics = new ScribbleStatistics();
    int files = 0;
    for (Path file : DataFolder.slices(acdc, null, new Notices())) {
      Slice slice = Hdf5Reader.readSlice(file, Labels.HEART, true);
      assertTrue(slice.patient() >= 41 && slice.patient() <= 100);
      statistics.add(slice.scribble());
      files++;
    }
    System.out.printf(
        "%d slices in %.1f s; scribbled %% of pixels: background %.2f RV %.2f Myo %.2f LV %.2f;"
            + " %% of slices with RV %.0f Myo %.0f LV %.0f%n",
        files,
        (System.nanoTime() - start) * 1e-9,
        statistics.pixelPercent(0),
        statistics.pixelPercent(1),
        statistics.pixelPercent(2),
        statistics.pixelPercent(3),
        statistics.slicePercent(1),
        statistics.slicePercent(2),
        statistics.slicePercent(3));
    assertEquals(1134, files);
    assertEquals(0.61, statistics.pixelPercent(0), 0.005);
    assertEquals(0.14, statistics.pixelPercent(1), 0.005);
    assertEquals(0.17, statistics.pixelPercent(2), 0.005);
    assertEquals(0.12, statistics.pixelPercent(3), 0.005);
    assertEquals(100 - 1.04, statistics.pixelPercent(4), 0.005);
    assertEquals(85, statistics.slicePercent(1), 0.5);
    assertEquals(96, statistics.slicePercent(2), 0.5);
    assertEquals(95, statistics.slicePercent(3), 0.5);
  }

  @Test
  void realDatasetInMemory() {
    Path acdc = AcdcData.folder();
    long start = System.nanoTime();
    Dataset dataset = load(acdc, Patients.parse("41-100"), 128);
    System.out.printf(
        "%d slices at 128x128 in %.1f s%n", dataset.size(), (System.nanoTime() - start) * 1e-9);
    assertEquals(1134, dataset.size());
    ScribbleStatistics statistics = new ScribbleStatistics();
    dataset.slices().forEach(slice -> statistics.add(slice.scribble()));
    // Nearest neighbour keeps the parts of the classes.
    assertEquals(1.04, 100 - statistics.pixelPercent(4), 0.1);
    float[] image = new float[128 * 128];
    int[] scribble = new int[128 * 128];
    Augmentation augmentation = new Augmentation(0, false);
    for (int i = 0; i < 50; i++) {
      Motion motion = augmentation.motion(i, 0);
      motion.move(dataset.slice(i).image(), Window.all(128), image, 0);
      motion.move(
          dataset.slice(i).scribble(), Window.all(128), Labels.HEART.unlabelled(), scribble, 0);
      for (float value : image) {
        assertTrue(value >= 0 && value <= 1);
      }
    }
  }

  @Test
  void realVolumes() {
    Path acdc = AcdcData.folder();
    List<Path> files = DataFolder.volumes(acdc, Folds.test(2), new Notices());
    assertEquals(40, files.size());
    for (Path file : files) {
      Volume volume = Hdf5Reader.readVolume(file, Labels.HEART, true);
      assertNotNull(volume.scribble());
      int plane = volume.height() * volume.width();
      for (int z = 0; z < volume.depth(); z++) {
        float max = 0;
        for (int i = z * plane; i < (z + 1) * plane; i++) {
          max = Math.max(max, volume.image()[i]);
        }
        assertEquals(1, max);
      }
    }
  }

  private static List<String> names(List<Path> files) {
    return files.stream().map(file -> file.getFileName().toString()).toList();
  }

  private static void refused(String what, org.junit.jupiter.api.function.Executable body) {
    DataException e = assertThrows(DataException.class, body);
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }
}
