package tangram.pclmix.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.pclmix.data.Slice;
import tangram.pclmix.phantom.PhantomData;

class SuperpixelsTest {
  /** L* of grey 0, 1, 119 and 255 is 0, 903.3 / (255 * 12.92), 50.0344 and 100. */
  @Test
  void lightness() {
    assertArrayEquals(
        new double[] {0, 0.274175, 50.034439, 100, 0, 100},
        Superpixels.lightness(new float[] {0, 1 / 255f, 119 / 255f, 1, -0.1f, 1.1f}),
        1e-5);
  }

  /** Without edges the superpixels stay squares of the grid: 4x4 pixels around each centre. */
  @Test
  void aConstantImageIsAGrid() {
    int[] superpixels = new Superpixels(9, 15).divide(new float[144], 12, 12);
    int[] expected = new int[144];
    for (int i = 0; i < 144; i++) {
      expected[i] = i / 12 / 4 * 3 + i % 12 / 4;
    }
    // Centres at 2, 6, 10: halfway, at 4 and 8, the first is taken, and means even that out.
    assertEquals(9, Arrays.stream(superpixels).distinct().count());
    int same = 0;
    for (int i = 0; i < 144; i++) {
      same += superpixels[i] == expected[i] ? 1 : 0;
    }
    assertTrue(same >= 100, same + " of 144");
  }

  /** An edge that the grid does not know: no superpixel crosses it. */
  @Test
  void edgesAreRespected() {
    int n = 40;
    float[] image = new float[n * n];
    for (int i = 0; i < image.length; i++) {
      int y = i / n - 17;
      int x = i % n - 21;
      image[i] = y * y + x * x < 121 ? 0.9f : 0.1f;
    }
    int[] superpixels = new Superpixels(25, 15).divide(image, n, n);
    boolean[][] seen = new boolean[2][25];
    for (int i = 0; i < image.length; i++) {
      seen[image[i] > 0.5 ? 1 : 0][superpixels[i]] = true;
    }
    for (int k = 0; k < 25; k++) {
      assertTrue(!seen[0][k] || !seen[1][k], "superpixel " + k + " crosses the edge");
    }
  }

  /** A high compactness leaves squares whatever the image. */
  @Test
  void compactnessOverrulesEdges() {
    int n = 24;
    float[] image = new float[n * n];
    for (int i = 0; i < image.length; i++) {
      image[i] = (i * 7919 % 101) / 100f;
    }
    int[] superpixels = new Superpixels(9, 1e6).divide(image, n, n);
    for (int i = 0; i < image.length; i++) {
      int y = i / n;
      int x = i % n;
      int cell = y / 8 * 3 + x / 8;
      boolean inner = y % 8 >= 2 && y % 8 <= 5 && x % 8 >= 2 && x % 8 <= 5;
      assertTrue(!inner || superpixels[i] == cell, "pixel " + y + ", " + x);
    }
  }

  @Test
  void oddSizes() {
    assertArrayEquals(new int[] {0}, new Superpixels(200, 15).divide(new float[1], 1, 1));
    assertArrayEquals(new int[16], new Superpixels(1, 15).divide(new float[16], 4, 4));
    assertEquals(
        3, Arrays.stream(new Superpixels(200, 15).divide(new float[3], 3, 1)).distinct().count());
    int[] wide = new Superpixels(10, 15).divide(new float[7 * 90], 7, 90);
    assertTrue(Arrays.stream(wide).allMatch(k -> k >= 0));
  }

  @Test
  void grows() {
    int[] superpixels = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    byte[] scribble = {4, 1, 4, 2, 4, 3, 4, 4, 4, 0, 0, 4};
    // One class; two of them, where the scribbles stay; none; background.
    assertArrayEquals(
        new byte[] {1, 1, 1, 2, 4, 3, 4, 4, 4, 0, 0, 0},
        Superpixels.grow(superpixels, scribble, 4));
    assertArrayEquals(new byte[] {4, 1, 4, 2, 4, 3, 4, 4, 4, 0, 0, 4}, scribble);
    // A third class does not make a mixed superpixel whole again, nor does the first.
    assertArrayEquals(
        new byte[] {1, 2, 1, 4, 3, 4},
        Superpixels.grow(new int[6], new byte[] {1, 2, 1, 4, 3, 4}, 4));
  }

  /** On generated hearts it labels several times as much, mostly right. */
  @Test
  void growsOnPhantoms() {
    int n = 128;
    Superpixels superpixels = new Superpixels(200, 15);
    int before = 0;
    int after = 0;
    int right = 0;
    for (Slice s : PhantomData.trainingSlices(n, 0, 1)) {
      byte[] grown = Superpixels.grow(superpixels.divide(s.image(), n, n), s.scribble(), 4);
      for (int i = 0; i < grown.length; i++) {
        before += s.scribble()[i] != 4 ? 1 : 0;
        after += grown[i] != 4 ? 1 : 0;
        right += grown[i] != 4 && grown[i] == s.label()[i] ? 1 : 0;
      }
    }
    assertTrue(after > 4 * before, before + " pixels become " + after);
    assertTrue(right > 0.85 * after, right + " of " + after + " are right");
  }

  @Test
  void refusesNonsense() {
    assertThrows(IllegalArgumentException.class, () -> new Superpixels(0, 15));
    assertThrows(IllegalArgumentException.class, () -> new Superpixels(1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new Superpixels(1, 1).divide(new float[5], 2, 2));
    assertThrows(
        IllegalArgumentException.class, () -> Superpixels.grow(new int[2], new byte[3], 4));
  }
}
