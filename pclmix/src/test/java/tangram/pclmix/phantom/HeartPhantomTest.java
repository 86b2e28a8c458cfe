package tangram.pclmix.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartPhantomTest {
  private static final long SEED = 20;

  @Test
  void sameArgumentsGiveTheSameBits() {
    Phantom first = HeartPhantom.slice(64, SEED, 3, 4);
    Phantom second = HeartPhantom.slice(64, SEED, 3, 4);
    assertArrayEquals(first.image(), second.image());
    assertArrayEquals(first.label(), second.label());
    assertArrayEquals(first.scribble(), second.scribble());
  }

  /** Published figures name phantoms by seed and number: these must stay what they are. */
  @Test
  void phantomsStayWhatTheyWere() {
    CRC32 crc = new CRC32();
    Phantom volume = HeartPhantom.volume(64, 1, 1, 10);
    ByteBuffer bits = ByteBuffer.allocate(4 * volume.image().length);
    bits.asFloatBuffer().put(volume.image());
    crc.update(bits);
    crc.update(volume.label());
    crc.update(volume.scribble());
    assertEquals(1961624283L, crc.getValue());
  }

  @Test
  void otherSeedsPatientsAndPositionsDiffer() {
    float[] image = HeartPhantom.slice(64, SEED, 3, 4).image();
    assertFalse(Arrays.equals(image, HeartPhantom.slice(64, SEED + 1, 3, 4).image()));
    assertFalse(Arrays.equals(image, HeartPhantom.slice(64, SEED, 4, 4).image()));
    assertFalse(Arrays.equals(image, HeartPhantom.slice(64, SEED, 3, 5).image()));
  }

  @Test
  void aSliceIsASliceOfTheVolume() {
    Phantom volume = HeartPhantom.volume(64, SEED, 2, HeartPhantom.POSITIONS);
    for (int position = 0; position < HeartPhantom.POSITIONS; position++) {
      Phantom expected = volume.slice(position);
      Phantom slice = HeartPhantom.slice(64, SEED, 2, position);
      assertArrayEquals(expected.image(), slice.image());
      assertArrayEquals(expected.label(), slice.label());
      assertArrayEquals(expected.scribble(), slice.scribble());
      assertEquals(expected.spacing(), slice.spacing());
      assertEquals(expected.sliceSpacing(), slice.sliceSpacing());
      assertEquals(1, slice.depth());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 100, 128, 256})
  void intensitiesFillTheUnitInterval(int size) {
    Phantom phantom = HeartPhantom.slice(size, SEED, 1, 4);
    float low = 1;
    float high = 0;
    for (float value : phantom.image()) {
      assertTrue(value >= 0 && value <= 1, () -> "intensity " + value);
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    assertEquals(0, low);
    assertEquals(1, high);
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 64, 128})
  void scribblesAreTrueAndEveryClassHasOne(int size) {
    for (int patient = 1; patient <= 20; patient++) {
      Phantom volume = HeartPhantom.volume(size, SEED, patient, 8);
      for (int d = 0; d < 8; d++) {
        Phantom slice = volume.slice(d);
        boolean[] present = new boolean[4];
        boolean[] scribbled = new boolean[4];
        for (int i = 0; i < slice.label().length; i++) {
          int label = slice.label()[i];
          int scribble = slice.scribble()[i];
          present[label] = true;
          if (scribble != Phantom.UNLABELLED) {
            assertEquals(label, scribble);
            scribbled[label] = true;
          }
        }
        assertArrayEquals(present, scribbled, "patient " + patient + " slice " + d);
      }
    }
  }

  /**
   * ACDC's training slices: 1.04% scribbled (0.61, 0.14, 0.17, 0.12). A stroke is a pixel wide at
   * least, which weighs more in a small picture.
   */
  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void sharesOfScribblesAndClassesAreThoseOfTheTask(int size) {
    double[] scribble = new double[5];
    double[] label = new double[4];
    int[] slices = new int[4];
    int count = 0;
    for (int patient = 1; patient <= 30; patient++) {
      for (int position = patient % 3; position < HeartPhantom.POSITIONS; position += 3) {
        Phantom phantom = HeartPhantom.slice(size, SEED, patient, position);
        boolean[] present = new boolean[4];
        for (int i = 0; i < phantom.label().length; i++) {
          scribble[phantom.scribble()[i]]++;
          label[phantom.label()[i]]++;
          present[phantom.label()[i]] = true;
        }
        for (int c = 0; c < 4; c++) {
          slices[c] += present[c] ? 1 : 0;
        }
        count++;
      }
    }
    double pixels = (double) count * size * size;
    double scribbled = 100 * (1 - scribble[Phantom.UNLABELLED] / pixels);
    System.out.printf(
        "size %d: %.2f%% scribbled (%.2f, %.2f, %.2f, %.2f); area RV %.1f%%, Myo %.1f%%, LV %.1f%%%n",
        size,
        scribbled,
        100 * scribble[0] / pixels,
        100 * scribble[1] / pixels,
        100 * scribble[2] / pixels,
        100 * scribble[3] / pixels,
        100 * label[1] / pixels,
        100 * label[2] / pixels,
        100 * label[3] / pixels);
    assertTrue(scribbled > 0.5 && scribbled < 1.8, "scribbled " + scribbled + "%");
    for (int c = 1; c < 4; c++) {
      double area = label[c] / pixels;
      assertTrue(area > 0.015 && area < 0.06, "area of class " + c + " " + area);
      assertTrue(scribble[c] / label[c] > 0.02, "scribbled share of class " + c);
      assertTrue(slices[c] > 0.8 * count, "slices with class " + c + ": " + slices[c]);
    }
    assertTrue(slices[Phantom.RV] < 0.97 * count, "slices with RV: " + slices[Phantom.RV]);
  }

  @Test
  void everyVolumeHasAllClasses() {
    for (int patient = 1; patient <= 30; patient++) {
      for (int depth : new int[] {3, 10}) {
        int[] area = areas(HeartPhantom.volume(64, SEED, patient, depth));
        for (int c = 0; c < 4; c++) {
          assertTrue(area[c] > 20, "patient " + patient + ", depth " + depth + ", class " + c);
        }
      }
    }
  }

  @Test
  void theHeartNarrowsTowardsTheApex() {
    int lastSliceWithoutRight = 0;
    for (int patient = 1; patient <= 20; patient++) {
      Phantom volume = HeartPhantom.volume(64, SEED, patient, 10);
      int[] middle = areas(volume.slice(4));
      int[] apex = areas(volume.slice(9));
      assertTrue(apex[Phantom.LV] < 0.6 * middle[Phantom.LV], "LV of patient " + patient);
      assertTrue(apex[Phantom.RV] < 0.4 * middle[Phantom.RV], "RV of patient " + patient);
      lastSliceWithoutRight += apex[Phantom.RV] == 0 ? 1 : 0;
    }
    assertTrue(lastSliceWithoutRight >= 8, "apex without RV: " + lastSliceWithoutRight);
  }

  /** The wall is closed: no pixel of the left cavity touches anything but cavity and wall. */
  @Test
  void theWallSurroundsTheLeftCavity() {
    for (int patient = 1; patient <= 20; patient++) {
      Phantom slice = HeartPhantom.slice(128, SEED, patient, 4);
      byte[] label = slice.label();
      for (int i = 0; i < label.length; i++) {
        if (label[i] == Phantom.LV) {
          for (int step : new int[] {-1, 1, -128, 128}) {
            byte beside = label[i + step];
            assertTrue(beside == Phantom.LV || beside == Phantom.MYO, "patient " + patient);
          }
        }
      }
    }
  }

  @Test
  void neighbouringSlicesFitTogether() {
    for (int patient = 1; patient <= 10; patient++) {
      Phantom volume = HeartPhantom.volume(64, SEED, patient, 16);
      for (int d = 3; d < 10; d++) {
        byte[] a = volume.slice(d).label();
        byte[] b = volume.slice(d + 1).label();
        int both = 0;
        int sum = 0;
        for (int i = 0; i < a.length; i++) {
          both += a[i] == Phantom.LV && b[i] == Phantom.LV ? 2 : 0;
          sum += (a[i] == Phantom.LV ? 1 : 0) + (b[i] == Phantom.LV ? 1 : 0);
        }
        assertTrue(both > 0.75 * sum, "patient " + patient + " slice " + d);
      }
    }
  }

  @Test
  void patientsDiffer() {
    double[] area = new double[30];
    for (int patient = 0; patient < area.length; patient++) {
      area[patient] = areas(HeartPhantom.slice(64, SEED, patient, 4))[Phantom.LV];
    }
    Arrays.sort(area);
    assertTrue(area[27] > 2 * area[2], "LV areas " + Arrays.toString(area));
  }

  /**
   * For every class the best interval of intensities, chosen in full knowledge of the truth of the
   * very slices it is judged on, gives a poor Dice: the classes cannot be told by intensity.
   */
  @Test
  void intensityAloneDoesNotSolveTheTask() {
    int bins = 100;
    long[][] histogram = new long[4][bins];
    for (int patient = 1; patient <= 30; patient++) {
      for (int position = 1; position < 9; position += 2) {
        Phantom slice = HeartPhantom.slice(64, SEED, patient, position);
        for (int i = 0; i < slice.label().length; i++) {
          int bin = Math.min(bins - 1, (int) (slice.image()[i] * bins));
          histogram[slice.label()[i]][bin]++;
        }
      }
    }
    for (int c = 1; c < 4; c++) {
      double best = bestDice(histogram, c);
      System.out.printf("best Dice of an interval of intensities, class %d: %.3f%n", c, best);
      assertTrue(best > 0.02 && best < 0.4, "class " + c + ": " + best);
    }
  }

  private static double bestDice(long[][] histogram, int kind) {
    long total = Arrays.stream(histogram[kind]).sum();
    double best = 0;
    for (int from = 0; from < histogram[kind].length; from++) {
      long hit = 0;
      long chosen = 0;
      for (int to = from; to < histogram[kind].length; to++) {
        hit += histogram[kind][to];
        for (long[] row : histogram) {
          chosen += row[to];
        }
        best = Math.max(best, 2.0 * hit / (chosen + total));
      }
    }
    return best;
  }

  @Test
  void spacingIsThatOfAHeart() {
    for (int patient = 1; patient <= 20; patient++) {
      Phantom volume = HeartPhantom.volume(128, SEED, patient, 10);
      assertTrue(volume.spacing() * 128 >= 170 && volume.spacing() * 128 <= 220);
      assertTrue(volume.sliceSpacing() > 5 && volume.sliceSpacing() < 12);
      // The left cavity of adults holds some 10 to 250 ml.
      double voxel = volume.spacing() * volume.spacing() * volume.sliceSpacing();
      double millilitres = areas(volume)[Phantom.LV] * voxel / 1000;
      assertTrue(millilitres > 10 && millilitres < 250, "LV of " + millilitres + " ml");
    }
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> HeartPhantom.slice(16, SEED, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> HeartPhantom.slice(64, SEED, -1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> HeartPhantom.slice(64, SEED, 1, 10));
    assertThrows(IndexOutOfBoundsException.class, () -> HeartPhantom.slice(64, SEED, 1, -1));
    assertThrows(IllegalArgumentException.class, () -> HeartPhantom.volume(64, SEED, 1, 2));
    assertThrows(IllegalArgumentException.class, () -> HeartPhantom.volume(64, SEED, 1, 2000));
    Phantom slice = HeartPhantom.slice(64, SEED, 1, 0);
    assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Phantom(1, 2, new float[4], new byte[4], new byte[3], 1, 1));
  }

  private static int[] areas(Phantom phantom) {
    int[] area = new int[4];
    for (byte label : phantom.label()) {
      area[label]++;
    }
    return area;
  }
}
