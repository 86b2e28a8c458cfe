package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.data.DataException;
import tangram.tensor.CounterRandom;

class Hdf5ReaderTest {
  /**
   * As h5py 3.7 writes it, gzipped:
   *
   * <pre>
   * with h5py.File('t.h5', 'w') as f:
   *     i = np.arange(12, dtype='f4').reshape(3, 4)
   *     f.create_dataset('image', data=i*10-20, chunks=(2, 3), compression='gzip')
   *     f.create_dataset('label', data=(np.arange(12)%4).reshape(3, 4).astype('u1'), compression='gzip')
   *     f.create_dataset('scribble', data=(np.arange(12)%5).reshape(3, 4).astype('u2'), compression='gzip')
   * </pre>
   */
  private static final String H5PY =
      "H4sIAAAAAAACA+2Zz0sbQRTH38wmdVE08WeWCjW0BfVS/AM8JGCKJw1tkZzK7CabIqQQVMRb481C"
          + "D/4Znoq3Xgv1IPgP9OLFkwcvnlp6sTs7bxN3/RGhEaF+P5eX9+a9eWHm7fB29vPiwuvB/qf9pLFt"
          + "SlGWLnPBFF7F9WhcsRQsd1juycguwjGH7cM8f9Lv3ZtSSXtfJIjyzKWMdAg8RhZLxbKWFdZnWB7K"
          + "uN/qR/eDH8iG6/mNQK5X11Y9r+FTok7n7phX0BMTIyLdZBbSGCz24/K8RnfC0OH8FNvylLMp94nH"
          + "02SH49IyGQaCcf1DtPPZ4RNU8+sNd8Nvz2vzk2BJayttTJLTs0v5Xvbh7dLyggjS2Kznrdv9o9Nk"
          + "P3e7X/Rc/37+OOpZn3ci2KrkeTfZJW4/Y+RIwp7chiP2G6NOcVzHMftlEn7J+c4zcV3eUO8AAAAA"
          + "AKC3bL2vqkpzd7sodopq+4X1oy+/0pQ0/zX1TQ+Vm7WWlZl2Bmhwmc60ZabpqVNxki58IZrdlFVt"
          + "+3ly0ApeGsb+0C+t1rx6yyNao1GtqZryVF25quAGLx7PaAKLDgAAADww/34fmQ1Ds+0pzE1eD+4h"
          + "vzudlKnOP6zc63qYe7Sr3w2GugXGP3NcWSeBUgMAAAAAQB99Qx8tLzWUPeij7ZfxPlo+ZB893iVu"
          + "qEsfLVFqAAAAAAD/FX8BDW2lPUAuAAA=";

  /**
   * A contiguous file, likewise:
   *
   * <pre>
   * f['image'] = np.arange(12, dtype='&gt;f4').reshape(3, 4)
   * f['scribble'] = np.full((3, 4), 4, 'u2')
   * </pre>
   */
  private static final String CONTIGUOUS =
      "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwo8OFD5MPkEKM0IpTug9AommDgjWE4CKi4I"
          + "NR9dXUiQqytI9X80ALPHgAVCo7puFIwU4OHqGACiI6B8BSh9gglVXWZuYnoqkC5OLspMSspJZUBL"
          + "nxYk2svIwArRywjja0BoJogAM1QdNHli4UuAtQoqykPFFBjEORjE66HyrAwcYHkmJoiBHNCcwszI"
          + "AM1xBmguqhjQeAj283dhZGCCOY5BgRm/elh+rWAdTcPUTVcCYK2g8GVCCmnc6ckAGmUSaC5pGI2M"
          + "EQ7sgUnAAUg7AAkHEHsBEB8A4gcMDI5AcUdg0nIEFriOBqD0hx0CAFNSIo1ICAAA";

  @TempDir Path folder;

  @Test
  void readsChunkedCompressedUnsignedDatasets() throws IOException {
    Path file = Files.write(folder.resolve("patient041_frame01_slice_3.h5"), h5py(H5PY));
    Slice slice = Hdf5Reader.readSlice(file, Labels.HEART, true);
    assertEquals("patient041_frame01_slice_3", slice.name());
    assertEquals(41, slice.patient());
    assertEquals(3, slice.height());
    assertEquals(4, slice.width());
    for (int i = 0; i < 12; i++) {
      assertEquals(i / 11f, slice.image()[i], 1e-7f);
      assertEquals(i % 4, slice.label()[i]);
      assertEquals(i % 5, slice.scribble()[i]);
    }
  }

  /** Written by h5py: see tools/hdf5/files.py. */
  @ParameterizedTest
  @FieldSource("tangram.pclmix.data.Hdf5Bytes#STORED")
  void readsEveryWayOfStorage(String name) throws IOException {
    Path file = Files.write(folder.resolve("a.h5"), Hdf5Bytes.of(name + ".h5").array());
    Slice slice = Hdf5Reader.readSlice(file, Labels.HEART, true);
    assertEquals(12, slice.height());
    assertEquals(10, slice.width());
    for (int i = 0; i < 120; i++) {
      assertEquals(i / 119f, slice.image()[i], 1e-3f);
      assertEquals(i % 5, slice.scribble()[i]);
      assertEquals(i % 4, slice.label()[i]);
    }
  }

  /** Of scribble and label only the first chunk was written: see tools/hdf5/files.py. */
  @ParameterizedTest
  @ValueSource(strings = {"tree-earliest", "tree-v110", "fixed-array", "extensible-array"})
  void whatWasNeverWrittenIsTheFillValue(String name) throws IOException {
    Path file = Files.write(folder.resolve("a.h5"), Hdf5Bytes.of("sparse/" + name + ".h5").array());
    Slice slice = Hdf5Reader.readSlice(file, Labels.HEART, true);
    for (int i = 0; i < 120; i++) {
      boolean written = i / 10 < 5 && i % 10 < 4;
      assertEquals(i / 119f, slice.image()[i], 1e-6f);
      assertEquals(written ? i % 5 : Labels.HEART.unlabelled(), slice.scribble()[i]);
      assertEquals(written ? i % 4 : 0, slice.label()[i]);
    }
  }

  /** Sound files that are not read say what to do, and are not called damaged. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "soft-link, 'image' is a link to another place",
        "external-link, 'image' is a link to another place",
        "grouped, dataset 'image' is missing at the top of the file",
        "virtual, 'image' is a virtual dataset",
        "lzf, 'image' is packed by 'lzf'",
        "dense-links, has more than eight members"
      })
  void formsThatAreNotRead(String name, String what) throws IOException {
    Path file =
        Files.write(folder.resolve("a.h5"), Hdf5Bytes.of("refused/" + name + ".h5").array());
    DataException e =
        assertThrows(DataException.class, () -> Hdf5Reader.readSlice(file, Labels.HEART, true));
    assertTrue(e.getMessage().contains(what), e.getMessage());
    assertFalse(e.getMessage().contains("damaged"), e.getMessage());
  }

  @Test
  void labelIsOptionalForTrainingOnly() {
    Path file = write(hdf -> put(hdf, new float[2][2], new byte[2][2], null));
    assertNull(Hdf5Reader.readSlice(file, Labels.HEART, false).label());
    refused(file, "dataset 'label' is missing", f -> Hdf5Reader.readSlice(f, Labels.HEART, true));
  }

  @Test
  void constantSliceBecomesZero() {
    Path file = write(hdf -> put(hdf, new float[][] {{5, 5}, {5, 5}}, new byte[2][2], null));
    assertArrayEquals(new float[4], Hdf5Reader.readSlice(file, Labels.HEART, false).image());
  }

  @Test
  void volumesAreScaledSliceBySlice() {
    float[][][] image = {{{-1, 0}, {1, 3}}, {{2, 2}, {2, 2}}, {{0, 1e-3f}, {0, 0}}};
    Path file = write(hdf -> hdf.putDataset("image", image));
    Volume volume = Hdf5Reader.readVolume(file, Labels.HEART, false);
    assertArrayEquals(
        new float[] {0, 0.25f, 0.5f, 1, 0, 0, 0, 0, 0, 1, 0, 0}, volume.image(), 1e-6f);
    assertEquals(3, volume.depth());
    assertNull(volume.label());
    assertNull(volume.scribble());
    assertNull(volume.spacing());
    refused(file, "'label' is missing", f -> Hdf5Reader.readVolume(f, Labels.HEART, true));
  }

  @Test
  void integersAndDoublesAreImagesToo() {
    for (Object image :
        new Object[] {
          new byte[][] {{-2, 0}, {1, 2}},
          new short[][] {{-2, 0}, {1, 2}},
          new int[][] {{-2, 0}, {1, 2}},
          new long[][] {{-2, 0}, {1, 2}},
          new double[][] {{-2, 0}, {1, 2}}
        }) {
      Path file = write(hdf -> put(hdf, image, new int[2][2], new long[2][2]));
      assertArrayEquals(
          new float[] {0, 0.5f, 0.75f, 1},
          Hdf5Reader.readSlice(file, Labels.HEART, true).image(),
          1e-7f);
    }
  }

  @Test
  void missingFileAndOtherFormats() throws IOException {
    refused(
        folder.resolve("absent.h5"),
        "no such file",
        f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    refused(folder, "cannot be read", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path empty = Files.createFile(folder.resolve("empty.h5"));
    refused(empty, "not a readable HDF5 file", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path text = Files.writeString(folder.resolve("text.h5"), "<html>404</html>".repeat(100));
    refused(text, "not a readable HDF5 file", f -> Hdf5Reader.readVolume(f, Labels.HEART, false));
  }

  @Test
  void missingDatasets() {
    Path noImage = write(hdf -> hdf.putDataset("scribble", new byte[2][2]));
    refused(
        noImage, "dataset 'image' is missing", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path noScribble = write(hdf -> hdf.putDataset("image", new float[2][2]));
    refused(
        noScribble,
        "dataset 'scribble' is missing",
        f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path group = write(hdf -> hdf.putGroup("image"));
    refused(group, "'image' is not a dataset", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
  }

  @Test
  void wrongRankAndShape() {
    Path volume = write(hdf -> put(hdf, new float[2][2][2], new byte[2][2][2], null));
    refused(
        volume,
        "has 3 dimensions where a slice has 2",
        f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path slice = write(hdf -> put(hdf, new float[2][2], new byte[2][2], null));
    refused(
        slice,
        "has 2 dimensions where a volume has 3",
        f -> Hdf5Reader.readVolume(f, Labels.HEART, false));
    Path differ = write(hdf -> put(hdf, new float[2][3], new byte[3][2], null));
    refused(
        differ,
        "'scribble' is 3x2 but 'image' 2x3",
        f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path label = write(hdf -> put(hdf, new float[2][3], new byte[2][3], new byte[2][2]));
    refused(
        label, "'label' is 2x2 but 'image' 2x3", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
  }

  @Test
  void badValues() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Path file = write(hdf -> put(hdf, new float[][] {{0, 1}, {bad, 2}}, new byte[2][2], null));
      refused(
          file,
          "'image' holds " + bad + " at [1, 0]",
          f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    }
    // Finite as a double, but not as the float that training uses.
    Path huge = write(hdf -> put(hdf, new double[][] {{0, 1e300}}, new byte[1][2], null));
    refused(
        huge,
        "'image' holds Infinity at [0, 1]",
        f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path scribble = write(hdf -> put(hdf, new float[1][2], new byte[][] {{4, 5}}, null));
    refused(
        scribble,
        "'scribble' holds 5.0 at [0, 1]",
        f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path negative = write(hdf -> put(hdf, new float[1][2], new byte[][] {{-1, 0}}, null));
    refused(
        negative,
        "'scribble' holds -1.0 at [0, 0]",
        f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path label = write(hdf -> put(hdf, new float[1][2], new byte[1][2], new short[][] {{3, 4}}));
    refused(
        label, "'label' holds 4.0 at [0, 1]", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path part = write(hdf -> put(hdf, new float[1][2], new float[][] {{1, 0.5f}}, null));
    refused(
        part, "'scribble' holds 0.5 at [0, 1]", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path nan = write(hdf -> put(hdf, new float[1][1], new float[][] {{Float.NaN}}, null));
    refused(nan, "'scribble' holds NaN", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    Path text = write(hdf -> put(hdf, new String[][] {{"ab"}}, new byte[1][1], null));
    refused(
        text, "'image' does not hold numbers", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
  }

  /** The dimensions are in the file as two little-endian longs, 3 and 4. */
  @Test
  void absurdDeclaredSizes() throws IOException {
    long[][] absurd = {
      {8192, 8192}, {3, 8193}, {8193, 1}, {0, 4}, {1L << 30, 4}, {Integer.MAX_VALUE, 4}
    };
    for (long[] dimensions : absurd) {
      byte[] bytes = h5py(H5PY);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int changed = 0;
      for (int at = 0; at + 16 <= bytes.length; at++) {
        if (buffer.getLong(at) == 3 && buffer.getLong(at + 8) == 4) {
          buffer.putLong(at, dimensions[0]).putLong(at + 8, dimensions[1]);
          changed++;
        }
      }
      assertTrue(changed >= 3, "dimensions found " + changed + " times");
      Path file = Files.write(folder.resolve("absurd.h5"), bytes);
      String shape = dimensions[0] + "x" + dimensions[1];
      refused(
          file,
          "'image' declares " + shape + " elements",
          f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
    }
    // Contiguous data must lie in the file as it is.
    byte[] bytes = h5py(CONTIGUOUS);
    Path contiguous = Files.write(folder.resolve("contiguous.h5"), bytes);
    assertEquals(1, Hdf5Reader.readSlice(contiguous, Labels.HEART, false).image()[11]);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at + 16 <= bytes.length; at++) {
      if (buffer.getLong(at) == 3 && buffer.getLong(at + 8) == 4) {
        buffer.putLong(at, 300).putLong(at + 8, 400);
      }
    }
    Files.write(contiguous, bytes);
    refused(
        contiguous, "'image' declares 300x400", f -> Hdf5Reader.readSlice(f, Labels.HEART, false));
  }

  /** Every file cut short is refused, wherever the cut. */
  @Test
  void truncated() throws IOException {
    byte[] bytes = h5py(H5PY);
    for (int length = 0; length < bytes.length; length += 97) {
      Path file = Files.write(folder.resolve("cut.h5"), Arrays.copyOf(bytes, length));
      int at = length;
      assertThrows(
          DataException.class,
          () -> Hdf5Reader.readSlice(file, Labels.HEART, true),
          () -> "cut at " + at);
    }
  }

  /** Damaged files are read, where the damage is in unused bytes, or refused; nothing else. */
  @Test
  void damaged() throws IOException {
    byte[] bytes = h5py(H5PY);
    Path contiguous = write(hdf -> put(hdf, new float[3][4], new byte[3][4], new byte[3][4]));
    damage(bytes, 1500);
    damage(Files.readAllBytes(contiguous), 1500);
  }

  private void damage(byte[] bytes, int trials) throws IOException {
    CounterRandom random = new CounterRandom(7, 7, 7, 7);
    Path file = folder.resolve("damaged.h5");
    int refused = 0;
    for (int trial = 0; trial < trials; trial++) {
      byte[] copy = bytes.clone();
      // Where there is something to damage: most of an HDF5 file are zeros kept free.
      int at;
      do {
        at = random.nextInt(copy.length);
      } while (copy[at] == 0);
      copy[at] = (byte) random.nextInt();
      Files.write(file, copy);
      try {
        assertNotNull(Hdf5Reader.readSlice(file, Labels.HEART, true));
      } catch (DataException e) {
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > trials / 10, refused + " of " + trials + " refused");
  }

  private static byte[] h5py(String text) throws IOException {
    byte[] zipped = Base64.getDecoder().decode(text);
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      return in.readAllBytes();
    }
  }

  private int files;

  private Path write(Consumer<WritableHdfFile> body) {
    Path file = folder.resolve("patient001_frame01_slice_" + files++ + ".h5");
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      body.accept(hdf);
    }
    return file;
  }

  private static void put(WritableHdfFile hdf, Object image, Object scribble, Object label) {
    hdf.putDataset("image", image);
    hdf.putDataset("scribble", scribble);
    if (label != null) {
      hdf.putDataset("label", label);
    }
  }

  private static void refused(Path file, String what, Consumer<Path> read) {
    DataException e = assertThrows(DataException.class, () -> read.accept(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(what), e.getMessage());
    assertTrue(e.getMessage().endsWith("."), e.getMessage());
  }
}
