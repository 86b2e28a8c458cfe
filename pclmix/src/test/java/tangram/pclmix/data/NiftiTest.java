package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.fuzz.Allocations;
import tangram.nn.data.DataException;
import tangram.tensor.CounterRandom;

class NiftiTest {
  /** Offsets in the header, as nifti1.h declares its fields. */
  private static final int DIM = 40;

  private static final int DATATYPE = 70;
  private static final int BITPIX = 72;
  private static final int PIXDIM = 76;
  private static final int VOX_OFFSET = 108;
  private static final int SLOPE = 112;
  private static final int INTER = 116;
  private static final int UNITS = 123;

  @TempDir Path folder;

  /**
   * As nibabel 5 writes it, gzipped:
   *
   * <pre>
   * a = np.arange(24, dtype='i2').reshape(2, 3, 4) * 100 - 700   # x, y, z
   * affine = [[-1.5, 0, 0, 10], [0, -1.25, 0, 20], [0, 0, 8, 30], [0, 0, 0, 1]]
   * i = nibabel.Nifti1Image(a, affine); i.header.set_xyzt_units('mm'); i.to_filename('a.nii')
   * </pre>
   */
  private static final String NIBABEL =
      "H4sIAAAAAAACA4thZCAKMDMwATELAyMUogIWBgEw3WDPwHAAiBcAMYMjhI+MNzhDaDBgYhhwgOwE"
          + "kLsUgG5eAMQfgPjAfoQcSBwEFkDFFjgiaYSqRwV52oZg2uXvF8Yr/1qYUxhEWFf8jWCy+P+C+QRD"
          + "BSvPvz1Mc/77sOgw3mEt+KfADAwblgmMDmwA10Z34pABAAA=";

  @Test
  void readsWhatNibabelWrites() throws IOException {
    Path file = Files.write(folder.resolve("a.nii.gz"), Base64.getDecoder().decode(NIBABEL));
    NiftiImage image = Nifti.read(file);
    assertEquals(4, image.depth());
    assertEquals(3, image.height());
    assertEquals(2, image.width());
    assertArrayEquals(new double[] {8, 1.25, 1.5}, image.spacing());
    float[] values = image.floats();
    for (int z = 0; z < 4; z++) {
      for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 2; x++) {
          assertEquals((x * 12 + y * 4 + z) * 100 - 700, values[(z * 3 + y) * 2 + x]);
        }
      }
    }
    byte[] geometry = Arrays.copyOfRange(image.header().encode(NiftiType.INT16, 0), 252, 328);
    ByteBuffer form = ByteBuffer.wrap(geometry).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(2, form.getShort(2));
    float[] rows = new float[12];
    form.position(28).slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(rows);
    assertArrayEquals(new float[] {-1.5f, 0, 0, 10, 0, -1.25f, 0, 20, 0, 0, 8, 30}, rows);
  }

  @ParameterizedTest
  @EnumSource(NiftiType.class)
  void everyTypeInBothByteOrders(NiftiType type) throws IOException {
    int[][] values = {
      {0, 1, 2, 127, 128, 255}, // UINT8
      {0, -1, 2, 32767, -32768, 255}, // INT16
      {0, -1, 2, 1 << 20, -(1 << 24), 255}, // INT32
      {0, -1, 2, 1 << 20, -(1 << 24), 255}, // FLOAT32
      {0, -1, 2, 1 << 20, -(1 << 24), 255}, // FLOAT64
      {0, -1, 2, 127, -128, 5}, // INT8
      {0, 1, 2, 65535, 32768, 255}, // UINT16
      {0, 1, 2, 65535, 1 << 24, 255}, // UINT32
      {0, -1, 2, 1 << 20, -(1 << 24), 255}, // INT64
      {0, 1, 2, 65535, 1 << 24, 255} // UINT64
    };
    int[] expected = values[type.ordinal()];
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      ByteBuffer file = file(order, type, 1, 2, 3);
      for (int i = 0; i < 6; i++) {
        int at = 352 + i * type.bytes;
        switch (type) {
          case UINT8, INT8 -> file.put(at, (byte) expected[i]);
          case INT16, UINT16 -> file.putShort(at, (short) expected[i]);
          case INT32, UINT32 -> file.putInt(at, expected[i]);
          case FLOAT32 -> file.putFloat(at, expected[i]);
          case INT64, UINT64 -> file.putLong(at, expected[i]);
          case FLOAT64 -> file.putDouble(at, expected[i]);
        }
      }
      float[] read = Nifti.read(store(file)).floats();
      for (int i = 0; i < 6; i++) {
        assertEquals(expected[i], read[i], type + " " + order);
      }
    }
  }

  @Test
  void scalingAndLabels() throws IOException {
    ByteBuffer file = file(ByteOrder.BIG_ENDIAN, NiftiType.INT16, 1, 1, 3);
    file.putFloat(SLOPE, 0.5f).putFloat(INTER, 3);
    file.putShort(352, (short) -6).putShort(354, (short) 0).putShort(356, (short) 500);
    NiftiImage image = Nifti.read(store(file));
    assertArrayEquals(new float[] {0, 3, 253}, image.floats());
    assertArrayEquals(new byte[] {0, 3, (byte) 253}, image.labels());
    for (int bad : new int[] {-7, -8, 506}) {
      file.putShort(352, (short) bad);
      refused(store(file), "not a whole number in 0..255", f -> Nifti.read(f).labels());
    }
    // No scaling, in the standard's way and in nibabel's.
    for (float none : new float[] {0, Float.NaN}) {
      file.putShort(352, (short) 7).putFloat(SLOPE, none).putFloat(INTER, none);
      assertEquals(7, Nifti.read(store(file)).floats()[0]);
    }
    file.putFloat(SLOPE, Float.POSITIVE_INFINITY);
    refused(store(file), "is not finite", Nifti::read);
    file.putFloat(SLOPE, 2).putFloat(INTER, Float.NaN);
    refused(store(file), "is not finite", Nifti::read);
  }

  /** As tools leave them: products of a slope, or after resampling. */
  @Test
  void labelsNearlyWhole() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 2, 2);
    file.putFloat(SLOPE, 3 / 255f);
    file.put(352, (byte) 0).put(353, (byte) 85).put(354, (byte) 170).put(355, (byte) 255);
    assertArrayEquals(new byte[] {0, 1, 2, 3}, Nifti.read(store(file)).labels());
    ByteBuffer floats = file(ByteOrder.LITTLE_ENDIAN, NiftiType.FLOAT64, 1, 1, 2);
    floats.putDouble(352, 2.9999999).putDouble(360, -1e-9);
    assertArrayEquals(new byte[] {3, 0}, Nifti.read(store(floats)).labels());
    floats.putDouble(352, 2.99);
    refused(store(floats), "not a whole number in 0..255", f -> Nifti.read(f).labels());
  }

  @Test
  void notANumber() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.FLOAT32, 2, 2, 2);
    file.putFloat(352 + 4 * 6, Float.NaN);
    Path stored = store(file);
    refused(stored, "holds NaN at [1, 1, 0]", f -> Nifti.read(f).floats());
    refused(stored, "holds NaN at [1, 1, 0]", f -> Nifti.read(f).labels());
    file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.FLOAT64, 1, 1, 1).putDouble(352, 1e300);
    refused(store(file), "holds Infinity", f -> Nifti.read(f).floats());
  }

  @Test
  void spacingInMillimetresWhateverTheUnits() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 2, 2, 2);
    double[][] expected = {
      {8, 1.25, 1.5}, {8000, 1250, 1500}, {8, 1.25, 1.5}, {.008, .00125, .0015}
    };
    for (int units = 0; units < 4; units++) {
      // The unit of time in the higher bits changes nothing.
      file.put(UNITS, (byte) (units | 8));
      assertArrayEquals(expected[units], Nifti.read(store(file)).spacing(), 1e-9);
    }
    for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      file.putFloat(PIXDIM + 12, bad);
      refused(store(file), "pixdim[3] is " + bad, Nifti::read);
    }
    ByteBuffer flat = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 2, 2);
    flat.putFloat(PIXDIM + 12, 0);
    assertArrayEquals(new double[] {1, 1.25, 1.5}, Nifti.read(store(flat)).spacing());
  }

  @Test
  void dimensions() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 2, 3);
    file.putShort(DIM, (short) 2).putShort(DIM + 6, (short) 0);
    assertEquals(1, Nifti.read(store(file)).depth());
    file.putShort(DIM, (short) 5).putShort(DIM + 6, (short) 1);
    file.putShort(DIM + 8, (short) 1).putShort(DIM + 10, (short) 1);
    assertEquals(1, Nifti.read(store(file)).depth());
    file.putShort(DIM + 8, (short) 30);
    refused(store(file), "several volumes (dimension 4 is 30)", Nifti::read);
    file.putShort(DIM, (short) 8);
    refused(store(file), "declares 8 dimensions", Nifti::read);
    file.putShort(DIM, (short) 0);
    refused(store(file), "declares 0 dimensions", Nifti::read);
    file.putShort(DIM, (short) 3).putShort(DIM + 4, (short) -2);
    refused(store(file), "size of -2 in dimension 2", Nifti::read);
    file.putShort(DIM + 2, Short.MAX_VALUE).putShort(DIM + 4, Short.MAX_VALUE);
    refused(store(file), "more than the 67108864", Nifti::read);
    // Not absurd by itself, but the file does not hold it.
    file.putShort(DIM + 2, (short) 1000).putShort(DIM + 4, (short) 1000);
    refused(store(file), "cut short", Nifti::read);
    // Of the most voxels that are read.
    file.putShort(DIM + 2, (short) 8192).putShort(DIM + 4, (short) 8192);
    refused(store(file), "cut short", Nifti::read);
    file.putShort(DIM + 2, (short) 8193);
    refused(store(file), "more than the 67108864", Nifti::read);
  }

  @Test
  void otherHeaders() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 1, 1);
    refused(store(file.putShort(DATATYPE, (short) 128)), "data type 128", Nifti::read);
    file.putShort(DATATYPE, (short) 4);
    refused(store(file), "declares 8 bits a voxel where INT16 has 16", Nifti::read);
    file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 1, 1);
    for (float bad : new float[] {0, 348, 352.5f, -16, 1e30f, Float.NaN}) {
      refused(store(file.putFloat(VOX_OFFSET, bad)), "data starts at byte " + bad, Nifti::read);
    }
    refused(store(file.putFloat(VOX_OFFSET, 368)), "cut short", Nifti::read);
    file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 1, 1);
    refused(store(file.put(345, (byte) 'x')), "not a NIfTI-1 file (perhaps", Nifti::read);
    refused(store(file.put(344, (byte) 'n').put(345, (byte) 'i')), ".hdr/.img pair", Nifti::read);
    refused(store(file.putInt(0, 540)), "a NIfTI-2 file", Nifti::read);
    refused(store(file.putInt(0, Integer.reverseBytes(540))), "a NIfTI-2 file", Nifti::read);
    refused(store(file.putInt(0, 1)), "not a NIfTI-1 file;", Nifti::read);
  }

  @Test
  void dataAfterAnExtension() throws IOException {
    ByteBuffer file = ByteBuffer.allocate(368 + 2).order(ByteOrder.LITTLE_ENDIAN);
    file.put(0, file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 1, 2).array(), 0, 352);
    file.putFloat(VOX_OFFSET, 368).put(348, (byte) 1).putInt(352, 16);
    file.put(368, (byte) 5).put(369, (byte) 6);
    assertArrayEquals(new byte[] {5, 6}, Nifti.read(store(file)).labels());
    assertArrayEquals(new byte[] {5, 6}, Nifti.read(zip(file.array())).labels());
  }

  @Test
  void missingEmptyAndCutFiles() throws IOException {
    refused(folder.resolve("absent.nii"), "no such file", Nifti::read);
    refused(folder, "cannot be read", Nifti::read);
    byte[] bytes = file(ByteOrder.LITTLE_ENDIAN, NiftiType.INT16, 4, 5, 6).array();
    for (int length : new int[] {0, 1, 347, 348, 351, 352, bytes.length - 1}) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(DataException.class, () -> Nifti.read(store(ByteBuffer.wrap(cut))));
      // A whole gzip stream of a cut file.
      assertThrows(DataException.class, () -> Nifti.read(zip(cut)));
    }
    byte[] zipped = Files.readAllBytes(zip(bytes));
    for (int length = 0; length < zipped.length; length++) {
      Path file = Files.write(folder.resolve("cut.nii.gz"), Arrays.copyOf(zipped, length));
      assertThrows(DataException.class, () -> Nifti.read(file), "cut at " + length);
    }
    // The checksum is the last thing in the stream.
    zipped[zipped.length - 6] ^= 1;
    Path file = Files.write(folder.resolve("flipped.nii.gz"), zipped);
    refused(file, "gzip stream is damaged", Nifti::read);
  }

  /** A small stream that declares a quarter of a gigabyte: refused without allocating it. */
  @Test
  void declaredSizeIsNotBelieved() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.FLOAT32, 1, 1, 1);
    file.putShort(DIM + 2, (short) 8192).putShort(DIM + 4, (short) 8192);
    refused(zip(file.array()), "cut short", Nifti::read);
    // A file large enough that its size alone does not give the lie away.
    byte[] noise = new byte[2 << 20];
    CounterRandom random = new CounterRandom(3, 3, 3, 3);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) random.nextInt();
    }
    System.arraycopy(file.array(), 0, noise, 0, 352);
    Path stored = zip(noise);
    long before = Allocations.ofThisThread();
    refused(stored, "cut short", Nifti::read);
    long allocated = Allocations.ofThisThread() - before;
    assertTrue(allocated < 32 << 20, "allocated " + allocated);
  }

  /** The library's stream calls itself once for every member of the file that is empty. */
  @Test
  void manyEmptyMembersOfAGzipStream() throws IOException {
    byte[] empty = NiftiFuzzTest.zip(new byte[0]);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 200_000; i++) {
      bytes.writeBytes(empty);
    }
    bytes.writeBytes(
        NiftiFuzzTest.zip(file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 1, 1).array()));
    Path file = Files.write(folder.resolve("members.nii.gz"), bytes.toByteArray());
    refused(file, "gzip stream is damaged", Nifti::read);
  }

  /** A megabyte of compressed zeros that declares a gigabyte of voxels, and has them. */
  @Test
  void largestVolumeFitsIntoMemory() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.FLOAT32, 1, 1, 1);
    file.putShort(DIM + 2, (short) 16384).putShort(DIM + 4, (short) 16384);
    Path stored = Files.write(folder.resolve("bomb.nii.gz"), zeros(file.array(), 1 << 30));
    long before = Allocations.ofThisThread();
    refused(stored, "more than the 67108864", f -> Nifti.readVolume(f, null, Labels.HEART));
    assertTrue(Allocations.ofThisThread() - before < 1 << 20);
  }

  /** The checksum follows the zeros. */
  @Test
  void whatFollowsTheVolumeMayNotGoOnForLong() throws IOException {
    byte[] small = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 1, 1).array();
    Path stored = Files.write(folder.resolve("long.nii.gz"), zeros(small, 1 << 30));
    long before = Allocations.ofThisThread();
    refused(stored, "continues for more than", Nifti::read);
    assertTrue(Allocations.ofThisThread() - before < 1 << 20);
  }

  @Test
  void dataFarBehindTheHeader() throws IOException {
    ByteBuffer file = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 1, 1, 1);
    file.putFloat(VOX_OFFSET, 0x1p24f);
    refused(store(file), "data starts at byte 1.6777216E7", Nifti::read);
  }

  @Test
  void devicesAreNotFiles() {
    Path zero = Path.of("/dev/zero");
    assumeTrue(Files.exists(zero), "needs /dev/zero");
    refused(zero, "not a regular file", Nifti::read);
  }

  /** A gzip stream of some bytes and then zeros, without its end: made of one piece many times. */
  private static byte[] zeros(byte[] start, long count) throws IOException {
    Deflater deflater = new Deflater(9, true);
    byte[] part = new byte[1 << 20];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Arrays.copyOf(NiftiFuzzTest.zip(new byte[0]), 10));
    deflater.setInput(start);
    out.write(part, 0, deflater.deflate(part, 0, part.length, Deflater.FULL_FLUSH));
    deflater.setInput(new byte[1 << 24]);
    int length = deflater.deflate(part, 0, part.length, Deflater.FULL_FLUSH);
    for (long done = 0; done < count; done += 1 << 24) {
      out.write(part, 0, length);
    }
    deflater.end();
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mask.nii", "mask.nii.gz"})
  void writtenFilesKeepTheGeometry(String name) throws IOException {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      ByteBuffer file = file(order, NiftiType.INT16, 2, 3, 4);
      // Every field of the geometry its own value.
      file.put(39, (byte) 57).putFloat(PIXDIM, -1).put(122, (byte) 3).put(UNITS, (byte) 10);
      file.putShort(74, (short) 1).putShort(120, (short) 2);
      file.putFloat(132, 0.25f).putFloat(136, 0.75f).put(148, (byte) 'd').put(227, (byte) 'e');
      file.putShort(252, (short) 1).putShort(254, (short) 4);
      for (int i = 0; i < 18; i++) {
        file.putFloat(256 + 4 * i, i + 0.5f);
      }
      NiftiHeader header = Nifti.read(store(file)).header();
      Path written = folder.resolve(name);
      byte[] labels = new byte[24];
      for (int i = 0; i < 24; i++) {
        labels[i] = (byte) (i * 10);
      }
      Nifti.write(written, header, labels);
      NiftiImage read = Nifti.read(written);
      assertArrayEquals(labels, read.labels());
      assertEquals(2, read.depth());
      assertEquals(3, read.height());
      assertEquals(4, read.width());
      assertArrayEquals(new double[] {8, 1.25, 1.5}, read.spacing());
      byte[] bytes = read.header().encode(NiftiType.INT16, 0);
      ByteBuffer back = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(57, back.get(39));
      assertEquals(-1, back.getFloat(PIXDIM));
      assertEquals(3, back.get(122));
      assertEquals(10, back.get(UNITS));
      assertEquals(1, back.getShort(74));
      assertEquals(2, back.getShort(120));
      assertEquals(0.25f, back.getFloat(132));
      assertEquals(0.75f, back.getFloat(136));
      assertEquals('d', back.get(148));
      assertEquals('e', back.get(227));
      assertEquals(1, back.getShort(252));
      assertEquals(4, back.getShort(254));
      for (int i = 0; i < 18; i++) {
        assertEquals(i + 0.5f, back.getFloat(256 + 4 * i));
      }

      short[] shorts = new short[24];
      float[] floats = new float[24];
      for (int i = 0; i < 24; i++) {
        shorts[i] = (short) (1000 * i - 12000);
        floats[i] = i / 7f;
      }
      Nifti.write(written, header, shorts);
      assertEquals(11000, Nifti.read(written).floats()[23]);
      assertEquals(NiftiType.INT16, Nifti.read(written).header().type());
      Nifti.write(written, header, floats);
      assertArrayEquals(floats, Nifti.read(written).floats());
    }
    boolean zipped = Files.readAllBytes(folder.resolve(name))[0] == 0x1f;
    assertEquals(name.endsWith(".gz"), zipped);
  }

  /** What numpy calls the shape, singleton dimensions included, is the input's. */
  @Test
  void writtenFilesKeepTheNumberOfDimensions() throws IOException {
    ByteBuffer flat = file(ByteOrder.LITTLE_ENDIAN, NiftiType.INT16, 1, 2, 3);
    flat.putShort(DIM, (short) 2).putShort(DIM + 6, (short) 0).putFloat(PIXDIM + 12, 0);
    assertShape(Nifti.read(store(flat)).header(), 0, 2, 3, 2, 1, 1, 1);
    assertShape(Nifti.read(store(flat)).header(), 4, 4, 3, 2, 1, 4, 1);
    ByteBuffer single = file(ByteOrder.BIG_ENDIAN, NiftiType.INT16, 4, 2, 3);
    single.putShort(DIM, (short) 4).putShort(DIM + 8, (short) 1).putFloat(PIXDIM + 16, 30);
    assertShape(Nifti.read(store(single)).header(), 0, 4, 3, 2, 4, 1, 1);
    assertShape(Nifti.read(store(single)).header(), 4, 4, 3, 2, 4, 4, 1);
  }

  private static void assertShape(NiftiHeader header, int components, int... dim) {
    ByteBuffer bytes =
        ByteBuffer.wrap(header.encode(NiftiType.FLOAT32, components))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < dim.length; i++) {
      assertEquals(dim[i], bytes.getShort(DIM + 2 * i), "dim[" + i + "]");
    }
    if (components > 0) {
      assertEquals(1, bytes.getFloat(PIXDIM + 4 * dim[0]), "spacing of the classes");
    }
  }

  @Test
  void seriesOverTime() throws IOException {
    ByteBuffer file = file(ByteOrder.BIG_ENDIAN, NiftiType.FLOAT32, 6, 2, 2);
    file.putShort(DIM, (short) 4).putShort(DIM + 6, (short) 2).putShort(DIM + 8, (short) 3);
    file.putFloat(PIXDIM + 16, 30);
    for (int i = 0; i < 24; i++) {
      file.putFloat(352 + 4 * i, i * i);
    }
    Path stored = store(file);
    refused(stored, "several volumes (dimension 4 is 3)", Nifti::read);
    NiftiImage series = Nifti.readSeries(stored);
    assertEquals(3, series.frames());
    assertEquals(2, series.depth());
    assertEquals(8, series.header().voxels());
    // A frame is what it would be in a file of its own.
    Path own = folder.resolve("own.nii");
    for (int frame = 0; frame < 3; frame++) {
      float[] values = new float[8];
      for (int i = 0; i < 8; i++) {
        values[i] = (frame * 8 + i) * (frame * 8 + i);
      }
      assertArrayEquals(values, series.floats(frame));
      Nifti.write(own, NiftiHeader.of(2, 2, 2, series.spacing()), values);
      Volume alone = Nifti.readVolume(own, null, Labels.HEART);
      assertArrayEquals(alone.image(), series.volume(frame).image());
      assertArrayEquals(alone.spacing(), series.volume(frame).spacing());
    }
    assertThrows(IndexOutOfBoundsException.class, () -> series.floats(3));

    Path written = folder.resolve("series.nii.gz");
    byte[][] labels = {new byte[8], new byte[8], {1, 2, 3, 0, 1, 2, 3, 0}};
    Nifti.writeSeries(written, series.header(), labels);
    NiftiImage back = Nifti.readSeries(written);
    assertEquals(3, back.frames());
    assertArrayEquals(new float[] {1, 2, 3, 0, 1, 2, 3, 0}, back.floats(2));
    assertShape(back.header(), 0, 4, 2, 2, 2, 3, 1);
    assertShape(back.header(), 4, 5, 2, 2, 2, 3, 4);
    assertThrows(
        IllegalArgumentException.class,
        () -> Nifti.writeSeries(written, series.header(), new byte[2][8]));
    assertThrows(
        IllegalArgumentException.class, () -> Nifti.write(written, series.header(), new byte[8]));

    file.putFloat(352 + 4 * 13, Float.NaN);
    refused(
        store(file), "NaN at [1, 0, 1] (z, y, x) of frame 2", f -> Nifti.readSeries(f).floats(1));
    file.putShort(DIM, (short) 5).putShort(DIM + 8, (short) 1).putShort(DIM + 10, (short) 3);
    refused(store(file), "several volumes (dimension 5 is 3)", Nifti::readSeries);
  }

  @Test
  void severalValuesAVoxel() throws IOException {
    Path file = folder.resolve("prob.nii.gz");
    float[][][] values = new float[1][4][6];
    for (int c = 0; c < 4; c++) {
      Arrays.fill(values[0][c], c + 0.5f);
    }
    Nifti.writeComponents(file, NiftiHeader.of(1, 2, 3, null), values);
    NiftiImage volume = Nifti.readSeries(file);
    assertEquals(4, volume.frames());
    assertArrayEquals(values[0][3], volume.floats(3));

    // Of a series: first all frames of component 0.
    ByteBuffer series = file(ByteOrder.LITTLE_ENDIAN, NiftiType.UINT8, 2, 1, 1);
    series.putShort(DIM, (short) 4).putShort(DIM + 6, (short) 1).putShort(DIM + 8, (short) 2);
    NiftiHeader header = Nifti.readSeries(store(series)).header();
    Path plain = folder.resolve("prob.nii");
    Nifti.writeComponents(plain, header, new float[][][] {{{1}, {2}, {3}}, {{4}, {5}, {6}}});
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(plain)).order(ByteOrder.LITTLE_ENDIAN);
    float[] expected = {1, 4, 2, 5, 3, 6};
    assertEquals(352 + 4 * expected.length, bytes.capacity());
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], bytes.getFloat(352 + 4 * i));
    }
    for (float[][][] bad :
        new float[][][][] {{{{1}}}, {{{1}}, {{1}, {2}}}, {{{1, 2}}, {{1}}}, {{}, {}}}) {
      assertThrows(IllegalArgumentException.class, () -> Nifti.writeComponents(plain, header, bad));
    }
  }

  @Test
  void freshHeader() {
    Path file = folder.resolve("new").resolve("p.nii");
    Nifti.write(file, NiftiHeader.of(1, 2, 3, new double[] {10, 1.5, 1.25}), new byte[6]);
    NiftiImage read = Nifti.read(file);
    assertEquals(3, read.width());
    assertArrayEquals(new double[] {10, 1.5, 1.25}, read.spacing());
    Nifti.write(file, NiftiHeader.of(1, 2, 3, null), new byte[6]);
    assertArrayEquals(new double[] {1, 1, 1}, Nifti.read(file).spacing());
    assertThrows(
        IllegalArgumentException.class,
        () -> Nifti.write(file, NiftiHeader.of(1, 2, 3, null), new byte[5]));
    assertThrows(IllegalArgumentException.class, () -> NiftiHeader.of(1, 2, 40000, null));
    assertThrows(
        IllegalArgumentException.class, () -> NiftiHeader.of(1, 1, 1, new double[] {1, 1}));
  }

  @Test
  void volumeFromTwoFiles() {
    Path image = folder.resolve("patient021_frame01.nii.gz");
    Path label = folder.resolve("patient021_frame01_gt.nii.gz");
    NiftiHeader header = NiftiHeader.of(2, 1, 2, new double[] {10, 1, 2});
    Nifti.write(image, header, new float[] {10, 30, -1, 1});
    Nifti.write(label, header, new byte[] {0, 1, 2, 3});
    Volume volume = Nifti.readVolume(image, label, Labels.HEART);
    assertEquals("patient021_frame01", volume.name());
    assertEquals(21, volume.patient());
    assertArrayEquals(new float[] {0, 1, 0, 1}, volume.image());
    assertArrayEquals(new byte[] {0, 1, 2, 3}, volume.label());
    assertArrayEquals(new double[] {10, 1, 2}, volume.spacing());
    assertNull(volume.scribble());
    assertNull(Nifti.readVolume(image, null, Labels.HEART).label());
    Nifti.write(label, header, new byte[] {0, 1, 2, 4});
    refused(label, "holds class 4", f -> Nifti.readVolume(image, f, Labels.HEART));
    Nifti.write(label, NiftiHeader.of(2, 2, 1, null), new byte[4]);
    refused(label, "is 2x2x1 but the image", f -> Nifti.readVolume(image, f, Labels.HEART));
  }

  /** The HDF5 volumes were made from these files: the same voxels in the same order. */
  @Test
  void realFilesAgreeWithTheHdf5Volumes() throws IOException {
    Path acdc = AcdcData.folder();
    Path nifti = acdc.resolve("nifti");
    int compared = 0;
    for (Path file : DataFolder.volumes(acdc, Patients.range(21, 40), new Notices())) {
      String name = CaseName.withoutExtension(file);
      Volume hdf = Hdf5Reader.readVolume(file, Labels.HEART, true);
      Volume nii =
          Nifti.readVolume(
              nifti.resolve(name + ".nii.gz"), nifti.resolve(name + "_gt.nii.gz"), Labels.HEART);
      assertEquals(hdf.depth(), nii.depth());
      assertEquals(hdf.height(), nii.height());
      assertEquals(hdf.width(), nii.width());
      assertEquals(hdf.patient(), nii.patient());
      assertArrayEquals(hdf.label(), nii.label());
      // The HDF5 files were clipped at nearly the same value.
      assertArrayEquals(hdf.image(), nii.image(), 0.005f, name);
      double[] spacing = nii.spacing();
      assertTrue(spacing[0] >= 5 && spacing[0] <= 10 && spacing[1] > 0.7 && spacing[1] < 2);
      compared++;
    }
    assertEquals(40, compared);
    try (Stream<Path> all = Files.list(nifti)) {
      assertEquals(80, all.count());
    }
  }

  private static ByteBuffer file(
      ByteOrder order, NiftiType type, int depth, int height, int width) {
    ByteBuffer file = ByteBuffer.allocate(352 + depth * height * width * type.bytes).order(order);
    file.putInt(0, 348);
    file.putShort(DIM, (short) 3);
    file.putShort(DIM + 2, (short) width);
    file.putShort(DIM + 4, (short) height);
    file.putShort(DIM + 6, (short) depth);
    file.putShort(DATATYPE, (short) type.code).putShort(BITPIX, (short) (8 * type.bytes));
    file.putFloat(PIXDIM + 4, 1.5f).putFloat(PIXDIM + 8, 1.25f).putFloat(PIXDIM + 12, 8);
    file.putFloat(VOX_OFFSET, 352);
    file.put(344, (byte) 'n').put(345, (byte) '+').put(346, (byte) '1');
    return file;
  }

  private Path store(ByteBuffer file) throws IOException {
    return Files.write(folder.resolve("test.nii"), file.array());
  }

  private Path zip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return Files.write(folder.resolve("test.nii.gz"), zipped.toByteArray());
  }

  private static void refused(Path file, String what, Consumer<Path> read) {
    DataException e = assertThrows(DataException.class, () -> read.accept(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(what), e.getMessage());
    assertTrue(e.getMessage().endsWith("."), e.getMessage());
  }
}
