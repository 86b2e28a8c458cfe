package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileWriteException;

class Hdf5WriterTest {
  @TempDir Path folder;

  @Test
  void sliceRoundTrip() throws IOException {
    float[] image = {0, 0.25f, 1, 0.125f, 0.5f, 0.75f};
    byte[] label = {0, 1, 2, 3, 0, 1};
    byte[] scribble = {4, 4, 0, 1, 2, 3};
    Path file = folder.resolve("new").resolve("patient007_frame01_slice_2.h5");
    Hdf5Writer.writeSlice(file, new Slice("any", 7, 2, 3, image, label, scribble));
    Slice read = Hdf5Reader.readSlice(file, Labels.HEART, true);
    assertEquals("patient007_frame01_slice_2", read.name());
    assertEquals(7, read.patient());
    assertEquals(2, read.height());
    assertEquals(3, read.width());
    assertArrayEquals(image, read.image());
    assertArrayEquals(label, read.label());
    assertArrayEquals(scribble, read.scribble());

    // Replaced as a whole, and without leftovers.
    Hdf5Writer.writeSlice(file, new Slice("any", 7, 1, 2, new float[2], null, new byte[2]));
    Slice second = Hdf5Reader.readSlice(file, Labels.HEART, false);
    assertEquals(2, second.width());
    assertNull(second.label());
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void volumeRoundTrip() {
    float[] image = {0, 1, 0.5f, 0.25f, 1, 0, 0.75f, 0.5f};
    byte[] label = {0, 1, 2, 3, 3, 2, 1, 0};
    byte[] scribble = {4, 4, 4, 4, 0, 1, 2, 3};
    double[] spacing = {10, 1.5625, 1.25};
    Path file = folder.resolve("patient021_frame01.h5");
    Hdf5Writer.writeVolume(file, new Volume("v", 21, 2, 2, 2, image, label, spacing, scribble));
    Volume read = Hdf5Reader.readVolume(file, Labels.HEART, true);
    assertEquals(21, read.patient());
    assertArrayEquals(image, read.image());
    assertArrayEquals(label, read.label());
    assertArrayEquals(scribble, read.scribble());
    assertArrayEquals(spacing, read.spacing());

    Hdf5Writer.writeVolume(file, new Volume("v", 21, 2, 2, 2, image, null, null, null));
    Volume bare = Hdf5Reader.readVolume(file, Labels.HEART, false);
    assertNull(bare.label());
    assertNull(bare.scribble());
    assertNull(bare.spacing());
  }

  @Test
  void unwritablePlace() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path below = file.resolve("patient001_frame01_slice_0.h5");
    Slice slice = new Slice("s", 1, 1, 1, new float[1], null, new byte[1]);
    FileWriteException e =
        assertThrows(FileWriteException.class, () -> Hdf5Writer.writeSlice(below, slice));
    assertTrue(e.getMessage().startsWith(below + ": cannot be written"), e.getMessage());
  }

  @Test
  void refusesInconsistentArrays() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Slice("s", 1, 2, 2, new float[3], null, new byte[4]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Slice("s", 1, 2, 2, new float[4], new byte[5], new byte[4]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Volume("v", 1, 1, 1, 1, new float[1], null, new double[] {1, 0, 1}, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Volume("v", 1, 1, 1, 2, new float[2], null, null, new byte[1]));
  }
}
