package tangram.pclmix.active;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import tangram.nn.data.BatchSampler;

/** Which slices the steps of a round see. */
class RoundTest {
  private static long recent(int[] batch, int... recent) {
    return Arrays.stream(batch).filter(i -> Arrays.binarySearch(recent, i) >= 0).count();
  }

  @Test
  void halfOfABatchIsRecentButNoSliceMoreThanTwice() {
    int[] times = new int[10];
    LongFunction<int[]> order = Round.order(10, new int[] {1, 4, 7, 8}, 12, 5);
    for (int step = 0; step < 100; step++) {
      int[] batch = order.apply(step);
      assertEquals(12, batch.length);
      assertEquals(6, recent(batch, 1, 4, 7, 8));
      Arrays.stream(batch).forEach(i -> times[i]++);
    }
    // All are seen, those alike equally often.
    assertArrayEquals(new int[] {100, 150, 100, 100, 150, 100, 100, 150, 150, 100}, times);
    order = Round.order(10, new int[] {3}, 12, 5);
    for (int step = 0; step < 20; step++) {
      assertEquals(2, recent(order.apply(step), 3));
    }
  }

  @Test
  void withoutOldOrWithoutRecentSlicesAllAreAlike() {
    LongFunction<int[]> all = Round.order(5, new int[] {0, 1, 2, 3, 4}, 3, 9);
    LongFunction<int[]> none = Round.order(5, new int[0], 3, 9);
    BatchSampler plain = BatchSampler.shuffled(5, 3, BatchSampler.Last.FILL, 9);
    for (int step = 0; step < 9; step++) {
      assertArrayEquals(plain.indices(step), all.apply(step));
      assertArrayEquals(plain.indices(step), none.apply(step));
    }
  }
}
