package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.tensor.CounterRandom;

class IntensityAugmentationTest {
  private static final int N = 4;

  /** 0 to 15 over 15. */
  private static float[] ramp() {
    float[] image = new float[N * N];
    for (int i = 0; i < image.length; i++) {
      image[i] = i / 15f;
    }
    return image;
  }

  @Test
  void brightness() {
    float[] image = ramp();
    IntensityAugmentation.brightness(image, 0, N, 0.75);
    assertEquals(0, image[0]);
    assertEquals(0.75 * 7 / 15, image[7], 1e-6);
    assertEquals(0.75, image[15], 1e-6);
  }

  /** The mean is 0.5; what leaves the range is cut off. */
  @Test
  void contrast() {
    float[] image = ramp();
    IntensityAugmentation.contrast(image, 0, N, 0.8);
    assertEquals(0.5 - 0.8 * 0.5, image[0], 1e-6);
    assertEquals(0.5 + 0.8 * (10 / 15.0 - 0.5), image[10], 1e-6);
    image = ramp();
    IntensityAugmentation.contrast(image, 0, N, 1.25);
    assertEquals(0, image[0]);
    assertEquals(0, image[1]);
    assertEquals(0.5 + 1.25 * (10 / 15.0 - 0.5), image[10], 1e-6);
    assertEquals(1, image[15]);
  }

  /** The ends of the range stay; between, a square falls below. */
  @Test
  void gamma() {
    float[] image = ramp();
    for (int i = 0; i < image.length; i++) {
      image[i] = 2 + 3 * image[i];
    }
    IntensityAugmentation.gamma(image, 0, N, 2);
    assertEquals(2, image[0], 1e-6);
    assertEquals(2 + 3 * 36 / 225.0, image[6], 1e-6);
    assertEquals(5, image[15], 1e-6);
    float[] constant = {3, 3, 3, 3};
    IntensityAugmentation.gamma(constant, 0, 2, 0.7);
    assertArrayEquals(new float[] {3, 3, 3, 3}, constant);
  }

  /** A point becomes the product of two normalised bells; the sum stays. */
  @Test
  void blur() {
    int n = 15;
    float[] image = new float[n * n];
    image[7 * n + 7] = 1;
    IntensityAugmentation.blur(image, 0, n, 1);
    double sum = 0;
    for (int i = -4; i <= 4; i++) {
      sum += Math.exp(-i * i / 2.0);
    }
    assertEquals(1 / (sum * sum), image[7 * n + 7], 1e-6);
    assertEquals(Math.exp(-0.5) * Math.exp(-2) / (sum * sum), image[6 * n + 9], 1e-6);
    assertEquals(0, image[7 * n + 2]);
    double total = 0;
    for (float value : image) {
      total += value;
    }
    assertEquals(1, total, 1e-5);
    // Borders continue: a constant stays.
    float[] constant = new float[n * n];
    Arrays.fill(constant, 0.7f);
    IntensityAugmentation.blur(constant, 0, n, 0.6);
    for (float value : constant) {
      assertEquals(0.7, value, 1e-6);
    }
  }

  /** Half the size and back: 2x2 means, then interpolated between their centres. */
  @Test
  void resolution() {
    float[] image = {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1};
    IntensityAugmentation.resolution(image, 0, N, 0.5);
    for (int y = 0; y < N; y++) {
      assertArrayEquals(
          new float[] {0, 0.25f, 0.75f, 1}, Arrays.copyOfRange(image, 4 * y, 4 * y + 4), 1e-6f);
    }
    float[] same = ramp();
    IntensityAugmentation.resolution(same, 0, N, 1);
    assertArrayEquals(ramp(), same, 1e-6f);
  }

  @Test
  void noise() {
    int n = 128;
    float[] image = new float[n * n];
    for (int i = 0; i < image.length; i++) {
      image[i] = i % 2;
    }
    float[] noisy = image.clone();
    IntensityAugmentation.noise(noisy, 0, n, 0.1, new CounterRandom(1, 2, 3, 4));
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < image.length; i++) {
      double d = noisy[i] - image[i];
      sum += d;
      squares += d * d;
    }
    // The image's deviation is 0.5.
    assertEquals(0, sum / image.length, 2e-3);
    assertEquals(0.05, Math.sqrt(squares / image.length), 1e-3);
  }

  /** What is outside of the image stays, and what is drawn hangs on seed, step and sample alone. */
  @Test
  void keyedBySeedStepAndSample() {
    int changed = 0;
    int different = 0;
    int steps = 2000;
    for (int step = 0; step < steps; step++) {
      float[] a = new float[N * N + 2];
      Arrays.fill(a, -1);
      System.arraycopy(ramp(), 0, a, 1, N * N);
      new IntensityAugmentation(5).apply(a, 1, N, step, 2);
      assertEquals(-1, a[0]);
      assertEquals(-1, a[N * N + 1]);
      float[] b = ramp();
      new IntensityAugmentation(5).apply(b, 0, N, step, 2);
      assertArrayEquals(b, Arrays.copyOfRange(a, 1, N * N + 1));
      float[] c = ramp();
      new IntensityAugmentation(5).apply(c, 0, N, step, 3);
      changed += Arrays.equals(ramp(), b) ? 0 : 1;
      different += Arrays.equals(b, c) ? 0 : 1;
      for (float value : b) {
        assertTrue(value > -1 && value < 2, "value " + value);
      }
    }
    double none = 0.9 * 0.8 * 0.85 * 0.85 * 0.75 * 0.7;
    assertEquals(1 - none, (double) changed / steps, 0.03);
    assertEquals(1 - none * none, (double) different / steps, 0.03);
  }
}
