package tangram.pclmix.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.pclmix.data.Slice;
import tangram.pclmix.phantom.PhantomData;

class RandomWalkerTest {
  private static final RandomWalker EXACT = new RandomWalker(100, 1e-12);
  private static final RandomWalker USUAL = new RandomWalker(100, RandomWalker.TOLERANCE);

  /** sigma = 0.0623610, weights exp(-100 d^2 / (8.5 sigma)) for d = 0.1 and 0.05. */
  @Test
  void aChainOfThree() {
    byte[] scribble = {0, 4, 1};
    double[][] p = EXACT.probabilities(new float[] {.1f, .2f, .25f}, scribble, 4, 1, 3);
    assertArrayEquals(new double[] {0, 0.804540, 1}, p[1], 1e-6);
    assertArrayEquals(new double[] {1, 0.195460, 0}, p[0], 1e-6);
    assertNull(p[2]);
    assertNull(p[3]);
    assertArrayEquals(
        new byte[] {0, 1, 1}, USUAL.labels(new float[] {.1f, .2f, .25f}, scribble, 4, 1, 3));
    // A column is the same chain.
    assertArrayEquals(
        p[1], EXACT.probabilities(new float[] {.1f, .2f, .25f}, scribble, 4, 3, 1)[1], 0);
  }

  @Test
  void tiesGoToTheLowestClass() {
    float[] image = {0, .5f, 1};
    assertArrayEquals(new byte[] {0, 0, 1}, USUAL.labels(image, new byte[] {0, 4, 1}, 4, 1, 3));
    assertArrayEquals(new byte[] {1, 0, 0}, USUAL.labels(image, new byte[] {1, 4, 0}, 4, 1, 3));
    assertArrayEquals(new byte[] {3, 2, 2}, USUAL.labels(image, new byte[] {3, 4, 2}, 4, 1, 3));
  }

  /** The values that scikit-image 0.19.3 computes, to what is printed of them. */
  @Test
  void nineAsScikitImage() {
    float[] image = {0, .1f, .1f, .1f, .2f, .8f, .2f, .9f, 1};
    byte[] scribble = {0, 4, 4, 4, 4, 4, 4, 4, 1};
    double[] expected = {0, 9e-6, 1.0e-5, 9e-6, 1.8e-5, 0.999954, 1.0e-5, 0.999999, 1};
    assertArrayEquals(expected, EXACT.probabilities(image, scribble, 4, 3, 3)[1], 6e-7);
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 0, 1, 0, 1, 1}, USUAL.labels(image, scribble, 4, 3, 3));
  }

  /** Classes with gaps keep their numbers. */
  @Test
  void classesAreNotRenumbered() {
    float[] image = {0, 0, 0.5f, 0.5f, 1, 1};
    assertArrayEquals(
        new byte[] {0, 0, 2, 2, 3, 3}, USUAL.labels(image, new byte[] {0, 4, 2, 4, 4, 3}, 4, 1, 6));
  }

  @Test
  void oneClassTakesAllAndNoneTakesNothing() {
    float[] image = {0, .5f, 1, .3f};
    assertArrayEquals(
        new byte[] {2, 2, 2, 2}, USUAL.labels(image, new byte[] {4, 2, 4, 4}, 4, 2, 2));
    assertArrayEquals(
        new byte[] {4, 4, 4, 4}, USUAL.labels(image, new byte[] {4, 4, 4, 4}, 4, 2, 2));
  }

  /** Without edges the probability falls linearly with the distance. */
  @Test
  void aConstantImageHasEqualWeights() {
    double[][] p = EXACT.probabilities(new float[5], new byte[] {0, 4, 4, 4, 1}, 4, 1, 5);
    assertArrayEquals(new double[] {0, .25, .5, .75, 1}, p[1], 1e-9);
    assertArrayEquals(new byte[] {3}, USUAL.labels(new float[1], new byte[] {3}, 4, 1, 1));
    assertArrayEquals(new byte[] {4}, USUAL.labels(new float[1], new byte[] {4}, 4, 1, 1));
  }

  /** Every unlabelled pixel has the weighted mean of its neighbours: the definition. */
  @Test
  void probabilitiesAreHarmonic() {
    Slice slice = PhantomData.trainingSlices(32, 0, 1).get(2);
    double[][] p = EXACT.probabilities(slice.image(), slice.scribble(), 4, 32, 32);
    double sum = 0;
    double squares = 0;
    for (float x : slice.image()) {
      sum += x;
      squares += (double) x * x;
    }
    double sigma = Math.sqrt(squares / 1024 - sum / 1024 * sum / 1024);
    for (int i = 0; i < 1024; i++) {
      double total = 0;
      for (int c = 0; c < 4; c++) {
        double value = p[c] == null ? 0 : p[c][i];
        total += value;
        if (slice.scribble()[i] != 4) {
          assertEquals(slice.scribble()[i] == c ? 1 : 0, value, 1e-12);
        } else if (p[c] != null) {
          double mean = 0;
          double weights = 0;
          for (int[] step : new int[][] {{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
            int x = i % 32 + step[0];
            int y = i / 32 + step[1];
            if (x >= 0 && x < 32 && y >= 0 && y < 32) {
              double d = slice.image()[i] - slice.image()[y * 32 + x];
              double w = Math.exp(-100 * d * d / (8.5 * sigma)) + 1e-10;
              mean += w * p[c][y * 32 + x];
              weights += w;
            }
          }
          assertEquals(mean / weights, value, 1e-6);
        }
      }
      assertEquals(1, total, 1e-12);
    }
    byte[] before = slice.scribble().clone();
    byte[] labels = USUAL.labels(slice.image(), slice.scribble(), 4, 32, 32);
    assertArrayEquals(before, slice.scribble());
    int right = 0;
    for (int i = 0; i < 1024; i++) {
      right += labels[i] == slice.label()[i] ? 1 : 0;
    }
    assertTrue(right > 800, right + " of 1024 labels are right");
    assertEquals(0, Arrays.stream(classes(labels)).filter(c -> c == 4).count());
  }

  private static int[] classes(byte[] labels) {
    int[] classes = new int[labels.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = labels[i];
    }
    return classes;
  }

  @Test
  void refusesWhatIsNoSlice() {
    assertThrows(
        IllegalArgumentException.class, () -> USUAL.labels(new float[4], new byte[5], 4, 2, 2));
    assertThrows(
        IllegalArgumentException.class, () -> USUAL.labels(new float[4], new byte[4], 4, 2, 3));
    assertThrows(IllegalArgumentException.class, () -> new RandomWalker(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> new RandomWalker(1, 0));
  }
}
