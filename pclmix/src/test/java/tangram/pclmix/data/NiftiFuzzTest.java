package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.fuzz.Fuzz;
import tangram.fuzz.Mutator;
import tangram.fuzz.Mutator.Original;
import tangram.nn.data.DataException;
import tangram.tensor.CounterRandom;

/** Damaged NIfTI files, plain and compressed. */
class NiftiFuzzTest {
  /** What reading a small file may allocate: buffers of streams and messages. */
  private static final long CONSTANT = 512 << 10;

  /**
   * What may be allocated for a byte of the volumes, unpacked: the byte four times, its voxel as a
   * float five times and as a label.
   */
  private static final long PER_BYTE = 32;

  private static final int[] FIELDS_OF_TWO = {40, 42, 44, 46, 48, 50, 54, 70, 72};
  private static final int[] FIELDS_OF_FOUR = {0, 76, 80, 84, 88, 108, 112, 116};

  @TempDir Path folder;

  @Test
  void plainFiles() {
    run("plain.nii", plain());
  }

  @Test
  void compressedFiles() {
    List<Original> originals = new ArrayList<>();
    for (Original original : plain()) {
      originals.add(new Original(original.name() + ".gz", zip(original.bytes())));
    }
    run("compressed.nii.gz", originals);
  }

  private void run(String name, List<Original> originals) {
    Mutator mutator =
        new Mutator(Fuzz.SEED, originals)
            .with("absurd header", NiftiFuzzTest::absurdHeader)
            .with("absurd header again", NiftiFuzzTest::absurdHeader)
            .with("damaged before compression", NiftiFuzzTest::damageInside)
            .with("several members", NiftiFuzzTest::splitIntoMembers)
            .with("empty members", NiftiFuzzTest::addEmptyMembers)
            .with("odd gzip header", NiftiFuzzTest::oddGzipHeader)
            .with("absurd gzip trailer", NiftiFuzzTest::absurdTrailer)
            .with("zeros behind the volume", NiftiFuzzTest::appendZeros);
    Fuzz fuzz =
        new Fuzz(
            folder.resolve(name),
            NiftiFuzzTest::read,
            DataException.class,
            file -> CONSTANT + PER_BYTE * unpackedLength(file));
    fuzz.run(mutator, 10_000);
  }

  /** Reads a series, its first and last volume and labels, and checks what was read. */
  private static void read(Path file) {
    NiftiImage image = Nifti.readSeries(file);
    int voxels = image.depth() * image.height() * image.width();
    assertTrue(voxels > 0 && image.frames() > 0);
    assertEquals(NiftiHeader.BYTES, image.header().encode(NiftiType.UINT8, 0).length);
    for (int frame : new int[] {0, image.frames() - 1}) {
      Volume volume = image.volume(frame);
      assertEquals(voxels, volume.image().length);
      for (float value : volume.image()) {
        assertTrue(value >= 0 && value <= 1);
      }
      assertTrue(Volume.isSpacing(volume.spacing()));
    }
    if (image.frames() == 1) {
      assertEquals(voxels, Nifti.read(file).floats().length);
    }
    // Not every image is one of labels.
    try {
      assertEquals(voxels, image.labels().length);
    } catch (DataException e) {
      assertTrue(e.getMessage().contains("not a whole number in 0..255"), e.getMessage());
    }
  }

  /** Small volumes of several types in both byte orders; one flat, one with an extension. */
  private static List<Original> plain() {
    List<Original> originals = new ArrayList<>();
    for (NiftiType type : NiftiType.values()) {
      ByteOrder order =
          type.bytes == 1 || type == NiftiType.INT32
              ? ByteOrder.LITTLE_ENDIAN
              : ByteOrder.BIG_ENDIAN;
      int start = type == NiftiType.INT16 ? 368 : 352;
      int depth = type == NiftiType.UINT8 ? 1 : 2;
      originals.add(new Original(type + ".nii", volume(order, type, start, depth)));
    }
    byte[] series = originals.get(1).bytes().clone();
    ByteBuffer.wrap(series)
        .order(ByteOrder.BIG_ENDIAN)
        .putShort(40, (short) 4)
        .putShort(46, (short) 1)
        .putShort(48, (short) 2);
    originals.add(new Original("series.nii", series));
    return originals;
  }

  private static byte[] volume(ByteOrder order, NiftiType type, int start, int depth) {
    int side = 12;
    ByteBuffer file = ByteBuffer.allocate(start + depth * side * side * type.bytes).order(order);
    file.putInt(0, 348).putShort(40, (short) (depth == 1 ? 2 : 3));
    file.putShort(42, (short) side).putShort(44, (short) side).putShort(46, (short) depth);
    file.putShort(70, (short) type.code).putShort(72, (short) (8 * type.bytes));
    file.putFloat(80, 1.5f).putFloat(84, 1.25f).putFloat(88, 8).put(123, (byte) 2);
    file.putFloat(108, start).putFloat(112, 2).putFloat(116, -1);
    file.put(344, (byte) 'n').put(345, (byte) '+').put(346, (byte) '1');
    if (start > 352) {
      file.put(348, (byte) 1).putInt(352, start - 352);
    }
    for (int i = 0; i < depth * side * side; i++) {
      int at = start + i * type.bytes;
      if (type == NiftiType.FLOAT32) {
        file.putFloat(at, i / 7f);
      } else if (type == NiftiType.FLOAT64) {
        file.putDouble(at, i / 7.0);
      } else {
        file.put(at, (byte) (i % 100));
      }
    }
    return file.array();
  }

  // Damage of this format

  private static byte[] absurdHeader(byte[] file, CounterRandom random) {
    if (isZipped(file)) {
      return zip(absurdHeader(unzip(file), random));
    }
    if (file.length < NiftiHeader.BYTES) {
      return file;
    }
    ByteBuffer buffer = ByteBuffer.wrap(file.clone());
    buffer.order(buffer.getInt(0) == 348 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (int n = 1 + random.nextInt(2); n > 0; n--) {
      if (random.nextInt(2) == 0) {
        int at = FIELDS_OF_TWO[random.nextInt(FIELDS_OF_TWO.length)];
        buffer.putShort(at, (short) Mutator.absurd(buffer.getShort(at), file.length, random));
      } else {
        int at = FIELDS_OF_FOUR[random.nextInt(FIELDS_OF_FOUR.length)];
        float value =
            random.nextInt(2) == 0
                ? Mutator.absurd((long) buffer.getFloat(at), file.length, random)
                : Mutator.absurdFloat(random);
        buffer.putFloat(at, value);
      }
    }
    return buffer.array();
  }

  private static byte[] damageInside(byte[] file, CounterRandom random) {
    return zip(Mutator.general(isZipped(file) ? unzip(file) : file, random));
  }

  private static byte[] splitIntoMembers(byte[] file, CounterRandom random) {
    byte[] plain = isZipped(file) ? unzip(file) : file;
    int at = random.nextInt(plain.length + 1);
    byte[] first = zip(Arrays.copyOf(plain, at));
    return join(first, zip(Arrays.copyOfRange(plain, at, plain.length)));
  }

  private static byte[] addEmptyMembers(byte[] file, CounterRandom random) {
    byte[] empty = zip(new byte[0]);
    byte[] zipped = isZipped(file) ? file : zip(file);
    for (int n = 1 + random.nextInt(20); n > 0; n--) {
      zipped = random.nextInt(2) == 0 ? join(zipped, empty) : join(empty, zipped);
    }
    return zipped;
  }

  /** Flags for fields that are not there, or another method of compression. */
  private static byte[] oddGzipHeader(byte[] file, CounterRandom random) {
    byte[] result = (isZipped(file) ? file : zip(file)).clone();
    result[random.nextInt(Math.min(10, result.length))] = (byte) random.nextInt();
    return result;
  }

  private static byte[] absurdTrailer(byte[] file, CounterRandom random) {
    byte[] result = (isZipped(file) ? file : zip(file)).clone();
    ByteBuffer buffer = ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN);
    int at = result.length - (random.nextInt(2) == 0 ? 4 : 8);
    if (at >= 0) {
      buffer.putInt(at, (int) Mutator.absurd(buffer.getInt(at), result.length, random));
    }
    return result;
  }

  /** Up to megabytes in a few kilobytes. */
  private static byte[] appendZeros(byte[] file, CounterRandom random) {
    byte[] plain = isZipped(file) ? unzip(file) : file;
    return zip(Arrays.copyOf(plain, plain.length + (1 << random.nextInt(21))));
  }

  private static boolean isZipped(byte[] file) {
    return file.length > 1 && file[0] == 0x1f && file[1] == (byte) 0x8b;
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  static byte[] zip(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** As much as can be unpacked. */
  private static byte[] unzip(byte[] file) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(file))) {
      byte[] part = new byte[4096];
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        bytes.write(part, 0, n);
      }
    } catch (IOException e) {
      // Damaged before: what came until then is what can be damaged further.
      return bytes.toByteArray();
    }
    return bytes.toByteArray();
  }

  private static long unpackedLength(byte[] file) {
    return isZipped(file) ? unzip(file).length : file.length;
  }
}
