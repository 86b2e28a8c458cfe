package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  /** The values of {@code np.flip(np.rot90(np.arange(9).reshape(3,3), turns), flip)}. */
  @Test
  void quarterTurnsAndFlipsAsNumPy() {
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, quarter(0, Motion.NO_FLIP));
    assertArrayEquals(new int[] {2, 5, 8, 1, 4, 7, 0, 3, 6}, quarter(1, Motion.NO_FLIP));
    assertArrayEquals(new int[] {8, 7, 6, 5, 4, 3, 2, 1, 0}, quarter(2, Motion.NO_FLIP));
    assertArrayEquals(new int[] {6, 3, 0, 7, 4, 1, 8, 5, 2}, quarter(3, Motion.NO_FLIP));
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
    Motion.rotation(0, 1).move(in, Window.all(3), image, 0);
    assertArrayEquals(new float[] {2, 5, 8, 1, 4, 7, 0, 3, 6}, image, 1e-6f);
    int[] map = new int[9];
    Motion.rotation(0, 1).move(new byte[] {0, 1, 2, 3, 4, 0, 1, 2, 3}, Window.all(3), 4, map, 0);
    assertArrayEquals(new int[] {2, 0, 3, 1, 4, 2, 0, 3, 1}, map);
  }

  /** By 45 degrees the corner of a 3x3 image falls at (1, 1 + sqrt 2): outside. */
  @Test
  void outsideIsFilled() {
    double half = Math.sqrt(0.5);
    float[] image = new float[9];
    Motion.rotation(half, half)
        .move(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, Window.all(3), image, 0);
    // 1 + sqrt 2 lies 0.4142 beyond the last centre: 1 - 0.4142 of the border pixel is left.
    assertEquals(2 - Math.sqrt(2), image[0], 1e-6);
    assertEquals(1, image[4], 1e-6);
    byte[] big = new byte[25];
    int[] map = new int[25];
    Motion.rotation(half, half).move(big, Window.all(5), 4, map, 0);
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
    Motion.rotation(Math.cos(angle), Math.sin(angle)).move(ramp, Window.all(n), out, 0);
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
    Augmentation augmentation = new Augmentation(5, false);
    int steps = 4000;
    int same = 0;
    Map<String, Integer> quarters = new HashMap<>();
    int rotated = 0;
    float[] image = new float[n * n];
    int[] scribble = new int[n * n];
    int[] label = new int[n * n];
    for (int step = 0; step < steps; step++) {
      Motion motion = augmentation.motion(step, step % 3);
      motion.move(slice.image(), Window.all(n), image, 0);
      motion.move(slice.scribble(), Window.all(n), 4, scribble, 0);
      motion.move(slice.label(), Window.all(n), 0, label, 0);
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
      Motion motion = new Augmentation(1, false).motion(step, 0);
      motion.move(equal.image(), Window.all(n), image, 0);
      motion.move(equal.scribble(), Window.all(n), 4, scribble, 0);
      motion.move(equal.label(), Window.all(n), 0, label, 0);
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
      Motion motion = new Augmentation(9, false).motion(step, 2);
      motion.move(slice.image(), Window.all(n), a, 4);
      motion.move(slice.scribble(), Window.all(n), 4, scribble, 2);
      assertEquals(-1, a[3]);
      assertEquals(-1, a[n * n + 4]);
      assertEquals(-1, scribble[1]);
      assertEquals(-1, scribble[n * n + 2]);
      float[] b = new float[n * n];
      new Augmentation(9, false).motion(step, 2).move(slice.image(), Window.all(n), b, 0);
      assertArrayEquals(b, Arrays.copyOfRange(a, 4, 4 + n * n));
      float[] c = new float[n * n];
      new Augmentation(9, false).motion(step, 3).move(slice.image(), Window.all(n), c, 0);
      different += Arrays.equals(b, c) ? 0 : 1;
    }
    assertTrue(different > 30, "only " + different + " of 50 samples differ");
  }

  /** The bits of every run since the first version hang on it. */
  @Test
  void theBitsStay() {
    int n = 16;
    Slice slice = random(n);
    CRC32 crc = new CRC32();
    float[] image = new float[n * n];
    int[] scribble = new int[n * n];
    int[] label = new int[n * n];
    for (int step = 0; step < 500; step++) {
      Motion motion = new Augmentation(7, false).motion(step, step % 12);
      motion.move(slice.image(), Window.all(n), image, 0);
      motion.move(slice.scribble(), Window.all(n), 4, scribble, 0);
      motion.move(slice.label(), Window.all(n), 0, label, 0);
      ByteBuffer bytes = ByteBuffer.allocate(12 * n * n);
      for (int i = 0; i < n * n; i++) {
        bytes.putFloat(image[i]).putInt(scribble[i]).putInt(label[i]);
      }
      crc.update(bytes.array());
    }
    assertEquals(3276371270L, crc.getValue());
  }

  @Test
  void refusesPlanesThatAreNotSquare() {
    Motion motion = Motion.none();
    assertThrows(
        IllegalArgumentException.class,
        () -> motion.move(new float[2], Window.all(1), new float[2], 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> motion.move(new byte[3], Window.all(2), 4, new int[4], 0));
  }

  /** Twice as large: every pixel becomes two by two, and the middle stays in the middle. */
  @Test
  void enlarging() {
    byte[] map = {0, 1, 2, 3, 1, 1, 2, 2, 3, 0, 1, 2, 0, 0, 3, 3};
    int[] moved = new int[16];
    Motion.none().enlarged(2).move(map, Window.all(4), 4, moved, 0);
    assertArrayEquals(new int[] {1, 1, 2, 2, 1, 1, 2, 2, 0, 0, 1, 1, 0, 0, 1, 1}, moved);
    // Half as large: a border of one pixel is filled.
    Motion.none().enlarged(0.5).move(map, Window.all(4), 4, moved, 0);
    assertEquals(4, moved[0]);
    assertEquals(4, moved[7]);
    assertEquals(4, moved[13]);
    for (int i : new int[] {5, 6, 9, 10}) {
      assertTrue(moved[i] < 4);
    }
    // A ramp stays one: its slope is halved.
    int n = 17;
    float[] ramp = new float[n * n];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i / n;
    }
    float[] out = new float[n * n];
    Motion.quarters(1, Motion.NO_FLIP).enlarged(2).move(ramp, Window.all(n), out, 0);
    for (int i = 0; i < ramp.length; i++) {
      assertEquals(8 + 0.5 * (i % n - 8), out[i], 1e-5);
    }
  }

  /** The paper's draws stay the same; a fifth is scaled besides, up as often as down. */
  @Test
  void scales() {
    int n = 48;
    Slice slice = random(n);
    byte[] disc = new byte[n * n];
    for (int i = 0; i < disc.length; i++) {
      double y = i / n - 23.5;
      double x = i % n - 23.5;
      disc[i] = (byte) (y * y + x * x < 225 ? 1 : 0);
    }
    int area = area(disc);
    int same = 0;
    int larger = 0;
    int smaller = 0;
    int steps = 2000;
    for (int step = 0; step < steps; step++) {
      float[] plain = new float[n * n];
      float[] scaled = new float[n * n];
      Motion motion = new Augmentation(3, true).motion(step, 1);
      new Augmentation(3, false).motion(step, 1).move(slice.image(), Window.all(n), plain, 0);
      motion.move(slice.image(), Window.all(n), scaled, 0);
      if (Arrays.equals(plain, scaled)) {
        same++;
        continue;
      }
      int[] moved = new int[n * n];
      motion.move(disc, Window.all(n), 0, moved, 0);
      int now = Arrays.stream(moved).sum();
      assertTrue(now > 0.45 * area && now < 2.05 * area, now + " of " + area);
      larger += now > area ? 1 : 0;
      smaller += now < area ? 1 : 0;
    }
    assertEquals(0.8, (double) same / steps, 0.03);
    assertEquals(0.1, (double) larger / steps, 0.025);
    assertEquals(0.1, (double) smaller / steps, 0.025);
  }

  private static int area(byte[] map) {
    int sum = 0;
    for (byte b : map) {
      sum += b;
    }
    return sum;
  }

  private static int[] quarter(int turns, int flip) {
    int[] out = new int[9];
    Motion.quarters(turns, flip)
        .move(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, Window.all(3), 4, out, 0);
    return out;
  }

  private static String kind(Slice slice, float[] image) {
    int n = slice.height();
    if (Arrays.equals(slice.image(), image)) {
      return "same";
    }
    for (int turns = 0; turns < 4; turns++) {
      float[] turned = new float[n * n];
      Motion.quarters(turns, 0).move(slice.image(), Window.all(n), turned, 0);
      if (Arrays.equals(turned, image)) {
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
