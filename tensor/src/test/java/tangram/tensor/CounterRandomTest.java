package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
  /** The known-answer vectors of Random123 (kat_vectors, philox4x32 10). */
  @Test
  void philoxKnownAnswers() {
    int[] out = new int[4];
    CounterRandom.philox(0, 0, 0, 0, 0, 0, out);
    assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, out);
    CounterRandom.philox(-1, -1, -1, -1, -1, -1, out);
    assertArrayEquals(new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, out);
  }

  @Test
  void streamsAreReproducibleAndDistinct() {
    assertEquals(new CounterRandom(1, 2, 3, 4).nextInt(), new CounterRandom(1, 2, 3, 4).nextInt());
    assertNotEquals(
        new CounterRandom(1, 2, 3, 4).nextInt(), new CounterRandom(1, 2, 4, 4).nextInt());
  }

  @Test
  void momentsOfTheGaussian() {
    CounterRandom random = new CounterRandom(5, 0, 0, 0);
    int n = 100_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double g = random.nextGaussian();
      sum += g;
      squares += g * g;
    }
    assertEquals(0, sum / n, 0.015);
    assertEquals(1, squares / n, 0.02);
  }

  @Test
  void permutationHoldsEveryIndexOnce() {
    int[] p = new CounterRandom(9, 1, 0, 0).permutation(37);
    int[] sorted = p.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      assertEquals(i, sorted[i]);
    }
    assertTrue(!Arrays.equals(p, sorted));
  }
}
