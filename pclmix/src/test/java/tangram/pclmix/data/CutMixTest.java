package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.tensor.CounterRandom;

class CutMixTest {
  @Test
  void areaAspectAndPosition() {
    int n = 20_000;
    int size = 128;
    double area = 0;
    double logHeight = 0;
    double centreY = 0;
    double centreX = 0;
    int tall = 0;
    for (int i = 0; i < n; i++) {
      CutMix.Rectangle r = CutMix.rectangle(new CounterRandom(1, 2, 0, i), size, size);
      assertTrue(r.top() >= 0 && r.left() >= 0);
      assertTrue(r.top() + r.height() <= size && r.left() + r.width() <= size);
      double ratio = (double) r.height() * r.width() / (size * size);
      assertEquals(0.2, ratio, 0.005);
      area += ratio;
      logHeight += Math.log((double) r.height() / size) / Math.log(0.2);
      centreY += (r.top() + r.height() / 2.0) / size;
      centreX += (r.left() + r.width() / 2.0) / size;
      tall += r.height() > r.width() ? 1 : 0;
    }
    assertEquals(0.2, area / n, 0.0005);
    assertEquals(0.5, logHeight / n, 0.01);
    assertEquals(0.5, centreY / n, 0.005);
    assertEquals(0.5, centreX / n, 0.005);
    assertEquals(0.5, (double) tall / n, 0.02);
  }

  @Test
  void masksAreOneRectangleASample() {
    int h = 32;
    int w = 48;
    float[] masks = new float[3 + 5 * h * w + 2];
    Arrays.fill(masks, 7);
    CutMix.fillMask(masks, 3, 5, h, w, 11, 4, 0);
    assertArrayEquals(new float[] {7, 7, 7}, Arrays.copyOf(masks, 3));
    assertArrayEquals(
        new float[] {7, 7}, Arrays.copyOfRange(masks, masks.length - 2, masks.length));
    for (int s = 0; s < 5; s++) {
      int count = 0;
      int top = h;
      int bottom = -1;
      int left = w;
      int right = -1;
      for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
          float value = masks[3 + (s * h + y) * w + x];
          assertTrue(value == 0 || value == 1);
          if (value == 1) {
            count++;
            top = Math.min(top, y);
            bottom = Math.max(bottom, y);
            left = Math.min(left, x);
            right = Math.max(right, x);
          }
        }
      }
      assertEquals((bottom - top + 1) * (right - left + 1), count);
      assertEquals(0.2, (double) count / (h * w), 0.02);
    }
  }

  @Test
  void dependsOnSeedStepMaskAndSample() {
    float[] a = mask(1, 2, 0);
    assertArrayEquals(a, mask(1, 2, 0));
    assertFalse(Arrays.equals(a, mask(2, 2, 0)));
    assertFalse(Arrays.equals(a, mask(1, 3, 0)));
    assertFalse(Arrays.equals(a, mask(1, 2, 1)));
    assertFalse(Arrays.equals(Arrays.copyOf(a, 4096), Arrays.copyOfRange(a, 4096, 8192)));
    assertThrows(IllegalArgumentException.class, () -> mask(1, 2, -1));
  }

  @Test
  void tinyImages() {
    float[] one = new float[1];
    CutMix.fillMask(one, 0, 1, 1, 1, 0, 0, 0);
    assertEquals(1, one[0]);
  }

  private static float[] mask(long seed, long step, int mask) {
    float[] masks = new float[2 * 64 * 64];
    CutMix.fillMask(masks, 0, 2, 64, 64, seed, step, mask);
    return masks;
  }
}
