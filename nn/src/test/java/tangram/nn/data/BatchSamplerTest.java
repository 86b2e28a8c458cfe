package tangram.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.nn.data.BatchSampler.Last;

class BatchSamplerTest {
  private static int[] stream(BatchSampler sampler, long from, long to) {
    int[] all = {};
    for (long step = from; step < to; step++) {
      int[] batch = sampler.indices(step);
      all = Arrays.copyOf(all, all.length + batch.length);
      System.arraycopy(batch, 0, all, all.length - batch.length, batch.length);
    }
    return all;
  }

  private static int[] sorted(int... numbers) {
    int[] copy = numbers.clone();
    Arrays.sort(copy);
    return copy;
  }

  private static final int[] TEN = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

  @Test
  void everySampleOnceAnEpoch() {
    int[] stream = stream(BatchSampler.shuffled(10, 4, Last.FILL, 3), 0, 5);
    int[] first = Arrays.copyOfRange(stream, 0, 10);
    int[] second = Arrays.copyOfRange(stream, 10, 20);
    assertArrayEquals(TEN, sorted(first));
    assertArrayEquals(TEN, sorted(second));
    assertFalse(Arrays.equals(first, second));
  }

  @Test
  void theLastBatchIsKeptDroppedOrFilled() {
    BatchSampler keep = BatchSampler.shuffled(10, 4, Last.KEEP, 3);
    assertEquals(3, keep.batchesPerEpoch());
    assertEquals(2, keep.indices(2).length);
    assertArrayEquals(TEN, sorted(stream(keep, 0, 3)));
    assertArrayEquals(TEN, sorted(stream(keep, 3, 6)));
    BatchSampler drop = BatchSampler.shuffled(10, 4, Last.DROP, 3);
    assertEquals(2, drop.batchesPerEpoch());
    assertArrayEquals(stream(keep, 0, 2), stream(drop, 0, 2));
    assertArrayEquals(stream(keep, 3, 5), stream(drop, 2, 4));
    BatchSampler fill = BatchSampler.shuffled(10, 4, Last.FILL, 3);
    assertArrayEquals(Arrays.copyOf(stream(keep, 0, 6), 12), Arrays.copyOf(stream(fill, 0, 5), 12));
    assertEquals(0, fill.epoch(2));
    assertEquals(1, fill.epoch(3));
    assertEquals(1, keep.epoch(3));
    assertEquals(1, drop.epoch(2));
  }

  @Test
  void inOrderWithoutSeed() {
    assertArrayEquals(TEN, stream(BatchSampler.inOrder(10, 4, Last.KEEP), 3, 6));
  }

  @Test
  void dependsOnTheStepAloneNotOnWhatWasDrawnBefore() {
    BatchSampler through = BatchSampler.shuffled(10, 4, Last.FILL, 3);
    int[] expected = {};
    for (int step = 0; step <= 107; step++) {
      expected = through.indices(step);
    }
    assertArrayEquals(expected, BatchSampler.shuffled(10, 4, Last.FILL, 3).indices(107));
    assertFalse(Arrays.equals(expected, BatchSampler.shuffled(10, 4, Last.FILL, 4).indices(107)));
  }

  @Test
  void batchesMayBeLargerThanTheDataSet() {
    int[] batch = BatchSampler.shuffled(2, 7, Last.FILL, 0).indices(5);
    assertEquals(7, Arrays.stream(batch).filter(i -> i == 0 || i == 1).count());
    assertEquals(1, Math.abs(Arrays.stream(batch).sum() - (7 - Arrays.stream(batch).sum())));
    assertEquals(2, BatchSampler.inOrder(2, 7, Last.KEEP).indices(5).length);
  }

  @Test
  void refusesNonsense() {
    assertThrows(IllegalArgumentException.class, () -> BatchSampler.inOrder(0, 1, Last.KEEP));
    assertThrows(IllegalArgumentException.class, () -> BatchSampler.inOrder(3, 4, Last.DROP));
    assertThrows(
        IllegalArgumentException.class, () -> BatchSampler.inOrder(5, 2, Last.KEEP).indices(-1));
  }
}
