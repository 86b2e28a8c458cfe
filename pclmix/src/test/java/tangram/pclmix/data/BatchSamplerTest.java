package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BatchSamplerTest {
  @Test
  void everySampleOnceAnEpoch() {
    BatchSampler sampler = new BatchSampler(3, 10, 4);
    int[] batch = new int[4];
    int[] stream = new int[20];
    for (int step = 0; step < 5; step++) {
      sampler.indices(step, batch);
      System.arraycopy(batch, 0, stream, 4 * step, 4);
    }
    for (int epoch = 0; epoch < 2; epoch++) {
      int[] sorted = Arrays.copyOfRange(stream, 10 * epoch, 10 * epoch + 10);
      Arrays.sort(sorted);
      assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, sorted);
    }
    assertFalse(
        Arrays.equals(Arrays.copyOfRange(stream, 0, 10), Arrays.copyOfRange(stream, 10, 20)));
    assertEquals(0, sampler.epoch(2));
    assertEquals(1, sampler.epoch(3));
  }

  @Test
  void dependsOnTheStepAloneNotOnWhatWasDrawnBefore() {
    BatchSampler through = new BatchSampler(3, 10, 4);
    int[] expected = new int[4];
    for (int step = 0; step <= 107; step++) {
      through.indices(step, expected);
    }
    int[] resumed = new int[4];
    new BatchSampler(3, 10, 4).indices(107, resumed);
    assertArrayEquals(expected, resumed);
    int[] other = new int[4];
    new BatchSampler(4, 10, 4).indices(107, other);
    assertFalse(Arrays.equals(expected, other));
  }

  @Test
  void batchesMayBeLargerThanTheDataSet() {
    int[] batch = new int[7];
    new BatchSampler(0, 2, 7).indices(5, batch);
    assertEquals(7, Arrays.stream(batch).filter(i -> i == 0 || i == 1).count());
    assertEquals(1, Math.abs(Arrays.stream(batch).sum() - (7 - Arrays.stream(batch).sum())));
  }

  @Test
  void refusesNonsense() {
    assertThrows(IllegalArgumentException.class, () -> new BatchSampler(0, 0, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new BatchSampler(0, 5, 2).indices(0, new int[3]));
  }
}
