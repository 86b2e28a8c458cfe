package tangram.pclmix.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.pclmix.data.Labels;

class RunningMeansTest {
  private static final int CLASSES = Labels.HEART.count();
  private static final byte NONE = Labels.HEART.unlabelled();

  /** Constant predictions of 1 give 1 - 0.8^n, which is above 0.8 from the eighth on. */
  @Test
  void eightPredictionsMakeALabel() {
    RunningMeans means = new RunningMeans(new int[] {3, 3}, CLASSES, 0.2);
    float[][] p = new float[CLASSES][3];
    Arrays.fill(p[2], 1);
    double[] expected = {.2, .36, .488, .5904, .67232, .737856, .790285, .832228};
    byte[] scribble = {NONE, 1, NONE};
    byte[] labels = new byte[3];
    for (int n = 0; n < expected.length; n++) {
      means.update(1, p, 0);
      assertEquals(expected[n], means.mean(1, 2, 1), 4e-5);
      assertEquals(0, means.mean(1, 1, 2));
      assertEquals(0, means.mean(0, 2, 1));
      means.label(1, 0.8, scribble, labels);
      byte label = n < 7 ? NONE : 2;
      assertArrayEquals(new byte[] {label, NONE, label}, labels);
    }
    for (int n = 0; n < 1000; n++) {
      means.update(1, p, 0);
    }
    assertEquals(1, means.mean(1, 2, 1), 4e-5);
  }

  /** Any numbers, an odd count of them, within what rounding to 16 bits leaves. */
  @Test
  void meansAreThoseOfRealNumbers() {
    int pixels = 5;
    RunningMeans means = new RunningMeans(new int[] {pixels}, 3, 0.3);
    double[] exact = new double[3 * pixels];
    for (int n = 0; n < 50; n++) {
      float[][] p = new float[3][2 + pixels];
      for (int i = 0; i < exact.length; i++) {
        float value = (i * 7 + n * 13) % 11 / 10f;
        p[i / pixels][2 + i % pixels] = value;
        exact[i] = 0.3 * value + 0.7 * exact[i];
      }
      means.update(0, p, 2);
    }
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], means.mean(0, i / pixels, i % pixels), 8e-6 / 0.3);
    }
  }

  /** A mean of exactly the confidence is no label; of several above it the largest is. */
  @Test
  void labelsAreAboveTheConfidence() {
    RunningMeans means = new RunningMeans(new int[] {2}, CLASSES, 1);
    means.update(0, new float[][] {{.8f, .3f}, {0, .2f}, {0, .5f}, {0, 0}}, 0);
    byte[] labels = new byte[2];
    means.label(0, 0.8, new byte[] {NONE, NONE}, labels);
    assertArrayEquals(new byte[] {NONE, NONE}, labels);
    means.label(0, 0.25, new byte[] {NONE, NONE}, labels);
    assertArrayEquals(new byte[] {0, 2}, labels);
  }

  @Test
  void packedMeansComeBack() {
    RunningMeans means = new RunningMeans(new int[] {2}, CLASSES, 1);
    means.update(0, new float[][] {{1, .25f}, {0, .75f}, {0, 0}, {0, 0}}, 0);
    RunningMeans other = new RunningMeans(new int[] {2}, CLASSES, 1);
    assertTrue(other.restore(0, means.packed(0).clone()));
    for (int c = 0; c < CLASSES; c++) {
      for (int i = 0; i < 2; i++) {
        assertEquals(means.mean(0, c, i), other.mean(0, c, i));
      }
    }
    assertFalse(other.restore(0, new int[3]));
  }

  /** 1134 slices of 128 x 128 pixels. */
  @Test
  void memory() {
    assertEquals(148.6e6, RunningMeans.bytes(1134, 4, 128 * 128), 0.1e6);
  }
}
