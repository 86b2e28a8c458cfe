package tangram.nn.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final double[] P = {0.05, 0.3, 0.1, 0.3, 0.25, 0};
  private static final float[] LOGITS = new float[P.length];

  static {
    for (int i = 0; i < P.length; i++) {
      LOGITS[i] = (float) (Math.log(P[i]) - 3);
    }
  }

  private static double[] frequencies(Sampling sampling) {
    int draws = 40_000;
    double[] counts = new double[P.length];
    for (int i = 0; i < draws; i++) {
      counts[sampling.choose(LOGITS, i)] += 1.0 / draws;
    }
    return counts;
  }

  private static void assertFrequencies(double[] weights, Sampling sampling) {
    double sum = Arrays.stream(weights).sum();
    double[] found = frequencies(sampling);
    for (int i = 0; i < weights.length; i++) {
      double p = weights[i] / sum;
      // Four standard deviations and more; what is left out never comes.
      assertEquals(p, found[i], p == 0 ? 0 : 0.01, "token " + i);
    }
  }

  @Test
  void tokensComeByTheirProbability() {
    Sampling random = Sampling.random(1, 3);
    assertFrequencies(P, random);
    assertFrequencies(P, random.topK(6));
    assertFrequencies(new double[] {0, 0.3, 0, 0.3, 0, 0}, random.topK(2));
    assertFrequencies(new double[] {0, 0.3, 0, 0.3, 0.25, 0}, random.topP(0.8));
    assertFrequencies(new double[] {0, 0.3, 0.1, 0.3, 0.25, 0}, random.topP(0.86));
    // Of the four best, whose probabilities add up to 0.95, 0.9 are 0.855.
    assertFrequencies(new double[] {0, 0.3, 0.1, 0.3, 0.25, 0}, random.topK(4).topP(0.9));
    assertFrequencies(new double[] {0, 0.3, 0, 0.3, 0.25, 0}, random.topK(4).topP(0.89));
    assertFrequencies(new double[] {0, 1, 0, 0, 0, 0}, random.topP(0.001));
    double[] squares = Arrays.stream(P).map(p -> p * p).toArray();
    assertFrequencies(squares, random.temperature(0.5));
  }

  @Test
  void ofEqualsTheFirstIsTheBest() {
    assertEquals(1, Sampling.greedy(1).choose(LOGITS, 0));
    assertEquals(1, Sampling.random(1, 7).topK(1).choose(LOGITS, 0));
    assertEquals(2, Sampling.greedy(1).choose(new float[] {-3, -1, 5, -0f, 5}, 0));
    assertEquals(0, Sampling.random(1, 7).topK(1).choose(new float[] {-0f, 0, -1}, 0));
  }

  @Test
  void choicesFollowFromSeedAndPlace() {
    Sampling a = Sampling.random(1, 3);
    boolean differs = false;
    for (int i = 0; i < 20; i++) {
      assertEquals(a.choose(LOGITS, i), a.choose(LOGITS, i));
      differs |= a.choose(LOGITS, i) != Sampling.random(1, 4).choose(LOGITS, i);
    }
    assertTrue(differs);
  }

  @Test
  void wrongNumbersAreRefused() {
    Sampling random = Sampling.random(1, 3);
    assertThrows(IllegalArgumentException.class, () -> random.topP(0));
    assertThrows(IllegalArgumentException.class, () -> random.topK(-1));
    assertThrows(IllegalArgumentException.class, () -> random.temperature(Double.NaN));
    float[] broken = {1, Float.NaN};
    assertThrows(IllegalArgumentException.class, () -> random.choose(broken, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> random.choose(new float[] {Float.NEGATIVE_INFINITY}, 0));
  }
}
