package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.fuzz.Fuzz;
import tangram.fuzz.Mutator;
import tangram.fuzz.Mutator.Original;
import tangram.nn.data.DataException;
import tangram.tensor.CounterRandom;

/** Damaged HDF5 files, stored in every way that is read. */
class Hdf5FuzzTest {
  /** What reading a file of some kilobytes may allocate: the library's objects and messages. */
  private static final long CONSTANT = 256 << 10;

  /** What may be allocated for a byte: headers become objects of some hundred times their size. */
  private static final long PER_BYTE = 64;

  @TempDir Path folder;

  @Test
  void slices() throws IOException {
    List<Original> originals = new ArrayList<>();
    for (String name : Hdf5Bytes.STORED) {
      originals.add(new Original(name + ".h5", Hdf5Bytes.of(name + ".h5").array()));
    }
    Path own = folder.resolve("own.h5");
    Hdf5Writer.writeSlice(own, new Slice("s", 1, 9, 8, new float[72], new byte[72], new byte[72]));
    originals.add(new Original("own.h5", Files.readAllBytes(own)));
    run(
        "slice.h5",
        originals,
        file -> {
          Slice slice = Hdf5Reader.readSlice(file, Labels.HEART, true);
          int pixels = slice.height() * slice.width();
          checkImage(pixels, slice.image());
          checkClasses(pixels, slice.scribble(), Labels.HEART.unlabelled());
          checkClasses(pixels, slice.label(), Labels.HEART.count() - 1);
        },
        12_000);
  }

  @Test
  void volumes() throws IOException {
    int voxels = 2 * 6 * 5;
    double[] spacing = {8, 1.5, 1.25};
    Path own = folder.resolve("own.h5");
    Hdf5Writer.writeVolume(
        own,
        new Volume(
            "v", 1, 2, 6, 5, new float[voxels], new byte[voxels], spacing, new byte[voxels]));
    run(
        "volume.h5",
        List.of(new Original("own.h5", Files.readAllBytes(own))),
        file -> {
          Volume volume = Hdf5Reader.readVolume(file, Labels.HEART, true);
          int read = volume.depth() * volume.height() * volume.width();
          checkImage(read, volume.image());
          checkClasses(read, volume.label(), Labels.HEART.count() - 1);
          if (volume.scribble() != null) {
            checkClasses(read, volume.scribble(), Labels.HEART.unlabelled());
          }
          assertTrue(volume.spacing() == null || Volume.isSpacing(volume.spacing()));
        },
        10_000);
  }

  private void run(String name, List<Original> originals, Fuzz.Reader reader, int count) {
    Mutator mutator =
        new Mutator(Fuzz.SEED, originals)
            // Or nearly all files of the newer form would be refused for their checksums.
            .with("damaged, checksums renewed", Hdf5FuzzTest::damageUnderChecksums)
            .with("damaged again, checksums renewed", Hdf5FuzzTest::damageUnderChecksums)
            .with("absurd part, checksums renewed", Hdf5FuzzTest::absurdPart)
            .with("address of another part", Hdf5FuzzTest::swapAddress)
            .with("other length of the file", (f, r) -> withItsLength(Mutator.general(f, r)))
            .with("chunk unpacks to more", Hdf5FuzzTest::enlargeChunk);
    Fuzz fuzz =
        new Fuzz(
            folder.resolve(name),
            reader,
            DataException.class,
            file -> CONSTANT + PER_BYTE * file.length);
    fuzz.run(mutator, count);
  }

  private static void checkImage(int pixels, float[] image) {
    assertTrue(pixels > 0);
    assertEquals(pixels, image.length);
    for (float value : image) {
      assertTrue(value >= 0 && value <= 1);
    }
  }

  private static void checkClasses(int pixels, byte[] classes, int max) {
    assertEquals(pixels, classes.length);
    for (byte c : classes) {
      assertTrue(c >= 0 && c <= max);
    }
  }

  // Damage of this format

  private static byte[] damageUnderChecksums(byte[] file, CounterRandom random) {
    return withChecksums(Mutator.general(file, random));
  }

  /** Something absurd just behind a signature. */
  private static byte[] absurdPart(byte[] file, CounterRandom random) {
    String[] signatures = {
      "TREE", "SNOD", "HEAP", "OHDR", "FAHD", "FADB", "EAHD", "EAIB", "EASB", "EADB", "BTHD", "BTLF"
    };
    List<Integer> places = new ArrayList<>();
    for (String signature : signatures) {
      places.addAll(new Hdf5Bytes(file).all(signature));
    }
    if (places.isEmpty()) {
      return Mutator.general(file, random);
    }
    ByteBuffer bytes = new Hdf5Bytes(file).buffer();
    int at = places.get(random.nextInt(places.size())) + 4 + random.nextInt(64);
    if (at + 8 > file.length) {
      return file;
    }
    switch (random.nextInt(3)) {
      case 0:
        bytes.put(at, (byte) Mutator.absurd(bytes.get(at), file.length, random));
        break;
      case 1:
        bytes.putShort(at, (short) Mutator.absurd(bytes.getShort(at), file.length, random));
        break;
      default:
        bytes.putLong(at, Mutator.absurd(bytes.getLong(at), file.length, random));
    }
    return withChecksums(bytes.array());
  }

  /** Makes one field that looks like an address equal to another: circles and shared parts. */
  private static byte[] swapAddress(byte[] file, CounterRandom random) {
    ByteBuffer bytes = new Hdf5Bytes(file).buffer();
    List<Integer> fields = new ArrayList<>();
    for (int at = 0; at + 8 <= file.length; at++) {
      long value = bytes.getLong(at);
      if (value >= 48 && value < file.length) {
        fields.add(at);
      }
    }
    if (!fields.isEmpty()) {
      long other = bytes.getLong(fields.get(random.nextInt(fields.size())));
      bytes.putLong(fields.get(random.nextInt(fields.size())), other);
    }
    return withChecksums(bytes.array());
  }

  /** Packs a chunk again with many zeros behind, at the end of the file. */
  private static byte[] enlargeChunk(byte[] file, CounterRandom random) {
    Hdf5Bytes bytes = new Hdf5Bytes(file);
    List<Integer> trees = bytes.all("TREE");
    trees.removeIf(at -> at + 64 > file.length || file[at + 4] != 1);
    if (trees.isEmpty()) {
      return Mutator.general(file, random);
    }
    int tree = trees.get(random.nextInt(trees.size()));
    long size = bytes.buffer().getInt(tree + 24);
    long address = bytes.buffer().getLong(tree + 56);
    if (size <= 0 || address < 0 || size > file.length || address > file.length - size) {
      return file;
    }
    byte[] larger =
        repack(file, (int) address, (int) size, random.nextInt(1 << (4 + random.nextInt(17))));
    int at = bytes.append(larger);
    bytes.buffer().putInt(tree + 24, larger.length).putLong(tree + 56, at);
    return bytes.withItsLength().array();
  }

  private static byte[] repack(byte[] file, int from, int length, int zeros) {
    byte[] part = new byte[4096];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Inflater inflater = new Inflater();
    inflater.setInput(file, from, length);
    try {
      for (int n = inflater.inflate(part); n > 0; n = inflater.inflate(part)) {
        out.write(part, 0, n);
      }
    } catch (DataFormatException e) {
      // Not packed, or damaged before: zeros alone will do.
      out.reset();
    }
    inflater.end();
    out.writeBytes(new byte[zeros]);
    Deflater deflater = new Deflater();
    deflater.setInput(out.toByteArray());
    deflater.finish();
    out.reset();
    while (!deflater.finished()) {
      out.write(part, 0, deflater.deflate(part));
    }
    deflater.end();
    return out.toByteArray();
  }

  private static byte[] withChecksums(byte[] file) {
    return file.length < 48 ? file : new Hdf5Bytes(file).withChecksums().array();
  }

  private static byte[] withItsLength(byte[] file) {
    return file.length < 48 ? file : new Hdf5Bytes(file).withItsLength().withChecksums().array();
  }
}
