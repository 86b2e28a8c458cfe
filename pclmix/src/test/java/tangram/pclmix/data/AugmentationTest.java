package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  /** The values of {@code np.flip(np.rot90(np.arange(9).reshape(3,3), turns), flip)}. */
  @Test
  void quarterTurnsAndFlipsAsNumPy() {
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, quarter(0, Augmentation.NO_FLIP));
    assertArrayEquals(new int[] {2, 5, 8, 1, 4, 7, 0, 3, 6}, quarter(1, Augmentation.NO_FLIP));
    assertArrayEquals(new int[] {8, 7, 6, 5, 4, 3, 2, 1, 0}, quarter(2, Augmentation.NO_FLIP));
    assertArrayEquals(new int[] {6, 3, 0, 7, 4, 1, 8, 5, 2}, quarter(3, Augmentation.NO_FLIP));
    assertArrayEquals(new int[] {6, 7, 8, 3, 4, 5, 0, 1, 2}, quarter(0, 0));
    assertArrayEquals(new int[] {2, 1, 0, 5, 4, 3, 8, 7, 6}, quarter(0, 1));
    assertArrayEquals(new int[] {0, 3, 6, 1, 4, 7, 2, 5, 8}, quarter(1, 0));
    assertArrayEquals(new int[] {8, 5, 2, 7, 4, 1, 6, 3, 0}, quarter(1, 1));
    assertArrayEquals(new int[] {8, 5, 2, 7, 4, 1, 6, 3, 0}, quarter(3, 0));
  }

  @Test
  void rotationByAQuarterTurnIsRot90() {
    float[] in = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    float[] image = new float[9];
    Augmentation.rotateBilinear(in, 3, 0, 1, image, 0);
    assertArrayEquals(new float[] {2, 5, 8, 1, 4, 7, 0, 3, 6}, image, 1e-6f);
    int[] map = new int[9];
    Augmentation.rotateNearest(new byte[] {0, 1, 2, 3, 4, 0, 1, 2, 3}, 3, 0, 1, 4, map, 0);
    assertArrayEquals(new int[] {2, 0, 3, 1, 4, 2, 0, 3, 1}, map);
  }

  /** By 45 degrees the corner of a 3x3 image falls at (1, 1 + sqrt 2): outside. */
  @Test
  void outsideIsFilled() {
    double half = Math.sqrt(0.5);
    float[] image = new float[9];
    Augmentation.rotateBilinear(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, 3, half, half, image, 0);
    // 1 + sqrt 2 lies 0.4142 beyond the last centre: 1 - 0.4142 of the border pixel is left.
    assertEquals(2 - Math.sqrt(2), image[0], 1e-6);
    assertEquals(1, image[4], 1e-6);
    byte[] big = new byte[25];
    int[] map = new int[25];
    Augmentation.rotateNearest(big, 5, half, half, 4, map, 0);
    assertEquals(4, map[0]);
    assertEquals(4, map[4]);
    assertEquals(0, map[2]);
    assertEquals(0, map[12]);
  }

  /** A linear ramp stays one under bilinear sampling: value = the rotated coordinate. */
  @Test
  void bilinearRotationOfARamp() {
    int n = 21;
    float[] ramp = new float[n * n];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i % n;
    }
    double angle = Math.toRadians(-17);
    float[] out = new float[n * n];
    Augmentation.rotateBilinear(ramp, n, Math.cos(angle), Math.sin(angle), out, 0);
    for (int y = 6; y < 15; y++) {
      for (int x = 6; x < 15; x++) {
        double expected = 10 - Math.sin(angle) * (y - 10) + Math.cos(angle) * (x - 10);
        assertEquals(expected, out[y * n + x], 1e-5);
      }
    }
  }

  @Test
  void frequenciesAndFills() {
    int n = 16;
    Slice slice = random(n);
    Augmentation augmentation = new Augmentation(5);
    int steps = 4000;
    int same = 0;
    Map<String, Integer> quarters = new HashMap<>();
    int rotated = 0;
    float[] image = new float[n * n];
    int[] scribble = new int[n * n];
    int[] label = new int[n * n];
    for (int step = 0; step < steps; step++) {
      augmentation.apply(slice, step, step % 3, image, 0, scribble, 0, label, 0);
      String kind = kind(slice, image);
      if (kind.equals("same")) {
        same++;
      } else if (kind.equals("rotated")) {
        rotated++;
      } else {
        quarters.merge(kind, 1, Integer::sum);
      }
      for (int i = 0; i < n * n; i++) {
        assertTrue(scribble[i] >= 0 && scribble[i] <= 4 && label[i] >= 0 && label[i] <= 3);
      }
    }
    assertEquals(0.25, (double) same / steps, 0.03);
    assertEquals(0.25, (double) rotated / steps, 0.03);
    // Four turns and two flips make each of the four mirrorings twice.
    assertEquals(4, quarters.size(), quarters.toString());
    quarters.values().forEach(count -> assertEquals(0.125, (double) count / steps, 0.025));
  }

  @Test
  void imageScribbleAndLabelMoveTogether() {
    int n = 16;
    Slice slice = random(n);
    // The same numbers in all three, so that they can be compared after the move.
    float[] same = new float[n * n];
    byte[] map = new byte[n * n];
    for (int i = 0; i < same.length; i++) {
      map[i] = slice.label()[i];
      same[i] = map[i];
    }
    Slice equal = new Slice("s", 1, n, n, same, map, map);
    float[] image = new float[n * n];
    int[] scribble = new int[n * n];
    int[] label = new int[n * n];
    int turned = 0;
    int filled = 0;
    for (int step = 0; step < 200; step++) {
      new Augmentation(1).apply(equal, step, 0, image, 0, scribble, 0, label, 0);
      boolean whole = true;
      for (int i = 0; i < n * n; i++) {
        whole &= image[i] == scribble[i];
        if (scribble[i] == 4) {
          assertEquals(0, label[i]);
          filled++;
        } else {
          assertEquals(scribble[i], label[i]);
        }
      }
      turned += whole ? 1 : 0;
    }
    // Three quarters of the steps move whole pixels only.
    assertEquals(150, turned, 25);
    assertTrue(filled > 0);
  }

  @Test
  void keyedBySeedStepAndSampleAndWrittenAtOffsets() {
    int n = 16;
    Slice slice = random(n);
    int different = 0;
    for (int step = 0; step < 50; step++) {
      float[] a = new float[n * n + 5];
      int[] scribble = new int[n * n + 3];
      Arrays.fill(a, -1);
      Arrays.fill(scribble, -1);
      new Augmentation(9).apply(slice, step, 2, a, 4, scribble, 2, null, 0);
      assertEquals(-1, a[3]);
      assertEquals(-1, a[n * n + 4]);
      assertEquals(-1, scribble[1]);
      assertEquals(-1, scribble[n * n + 2]);
      float[] b = new float[n * n];
      new Augmentation(9).apply(slice, step, 2, b, 0, new int[n * n], 0, null, 0);
      assertArrayEquals(b, Arrays.copyOfRange(a, 4, 4 + n * n));
      float[] c = new float[n * n];
      new Augmentation(9).apply(slice, step, 3, c, 0, new int[n * n], 0, null, 0);
      different += Arrays.equals(b, c) ? 0 : 1;
    }
    assertTrue(different > 30, "only " + different + " of 50 samples differ");
  }

  @Test
  void refusesOblongSlicesAndMissingLabels() {
    Slice oblong = new Slice("o", 1, 1, 2, new float[2], null, new byte[2]);
    Slice square = new Slice("s", 1, 1, 1, new float[1], null, new byte[1]);
    Augmentation augmentation = new Augmentation(0);
    assertThrows(
        IllegalArgumentException.class,
        () -> augmentation.apply(oblong, 0, 0, new float[2], 0, new int[2], 0, null, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> augmentation.apply(square, 0, 0, new float[1], 0, new int[1], 0, new int[1], 0));
  }

  private static int[] quarter(int turns, int flip) {
    int[] out = new int[9];
    for (int i = 0; i < 9; i++) {
      out[i] = Augmentation.quarterSource(i / 3, i % 3, 3, turns, flip);
    }
    return out;
  }

  private static String kind(Slice slice, float[] image) {
    int n = slice.height();
    if (Arrays.equals(slice.image(), image)) {
      return "same";
    }
    for (int turns = 0; turns < 4; turns++) {
      boolean equal = true;
      for (int i = 0; i < n * n && equal; i++) {
        equal = image[i] == slice.image()[Augmentation.quarterSource(i / n, i % n, n, turns, 0)];
      }
      if (equal) {
        return "flip" + turns;
      }
    }
    assertFalse(Arrays.equals(slice.image(), image));
    return "rotated";
  }

  private static Slice random(int n) {
    float[] image = new float[n * n];
    byte[] label = new byte[n * n];
    byte[] scribble = new byte[n * n];
    tangram.tensor.CounterRandom random = new tangram.tensor.CounterRandom(1, 1, 1, 1);
    for (int i = 0; i < n * n; i++) {
      image[i] = random.nextFloat();
      label[i] = (byte) random.nextInt(4);
      scribble[i] = (byte) random.nextInt(5);
    }
    return new Slice("random", 1, n, n, image, label, scribble);
  }
}
