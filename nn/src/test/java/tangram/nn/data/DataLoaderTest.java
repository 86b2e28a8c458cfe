package tangram.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.nn.data.BatchSampler.Last;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

class DataLoaderTest {
  private final Device device = Devices.get("vector");

  /** Ten samples: [2 i, 2 i + 1] and the number i. */
  private Dataset ten() {
    return Dataset.of(device.arange(20, DType.I32).reshape(10, 2), device.arange(10, DType.I32));
  }

  /** The same, made one by one. */
  private Dataset slow() {
    return new Dataset() {
      @Override
      public int size() {
        return 10;
      }

      @Override
      public Tensor[] get(int i) {
        return new Tensor[] {
          device.tensor(new int[] {2 * i, 2 * i + 1}), device.tensor(new int[] {i}).view(Shape.of())
        };
      }
    };
  }

  private static List<int[]> epoch(DataLoader loader, long epoch) {
    List<int[]> batches = new ArrayList<>();
    for (Tensor[] batch : loader.epoch(epoch)) {
      assertEquals(Shape.of(batch[1].dim(0), 2), batch[0].shape());
      int[] numbers = batch[1].toInts();
      int[] pairs = batch[0].toInts();
      for (int i = 0; i < numbers.length; i++) {
        assertEquals(2 * numbers[i] + 1, pairs[2 * i + 1]);
      }
      batches.add(numbers);
    }
    return batches;
  }

  private static void assertEqual(List<int[]> expected, List<int[]> actual) {
    assertArrayEquals(expected.toArray(), actual.toArray());
  }

  @Test
  void inOrder() {
    List<int[]> batches = epoch(new DataLoader(ten(), 4), 7);
    assertArrayEquals(new int[] {0, 1, 2, 3}, batches.get(0));
    assertArrayEquals(new int[] {8, 9}, batches.get(2));
    assertEquals(3, batches.size());
  }

  @Test
  void theSameBatchesWithAnyNumberOfWorkers() {
    List<int[]> expected = epoch(new DataLoader(ten(), 4).shuffle(5), 2);
    assertFalse(Arrays.equals(new int[] {0, 1, 2, 3}, expected.get(0)));
    assertEqual(expected, epoch(new DataLoader(slow(), 4).shuffle(5), 2));
    for (int workers : new int[] {1, 3, 20}) {
      assertEqual(expected, epoch(new DataLoader(slow(), 4).shuffle(5).workers(workers), 2));
      assertEqual(expected, epoch(new DataLoader(ten(), 4).shuffle(5).workers(workers), 2));
    }
  }

  @Test
  void goesOnFromAStep() {
    for (int workers : new int[] {0, 2}) {
      DataLoader loader = new DataLoader(slow(), 4).shuffle(5).last(Last.FILL).workers(workers);
      try (DataLoader.Batches batches = loader.from(0);
          DataLoader.Batches resumed = loader.from(6)) {
        for (int step = 0; step < 6; step++) {
          batches.next();
        }
        for (int step = 6; step < 12; step++) {
          int[] expected = batches.next()[1].toInts();
          assertArrayEquals(expected, resumed.next()[1].toInts());
          assertArrayEquals(expected, loader.load(step)[1].toInts());
        }
      }
      assertThrows(IllegalStateException.class, () -> loader.epoch(0));
    }
  }

  @Test
  void batchesBelongToTheScopeOfWhoTakesThem() {
    for (int workers : new int[] {0, 2}) {
      long before = device.usedBytes();
      try (DataLoader.Batches batches =
          new DataLoader(slow(), 4).last(Last.FILL).workers(workers).from(0)) {
        Tensor[] taken;
        try (Scope step = Scope.open()) {
          taken = batches.next();
          assertFalse(taken[0].isReleased());
        }
        assertTrue(taken[0].isReleased());
        assertTrue(taken[1].isReleased());
        Tensor[] free = batches.next();
        assertFalse(free[0].isReleased());
        free[0].close();
        free[1].close();
      }
      assertTrue(before <= device.usedBytes());
    }
  }

  @Test
  void samplesThatTheDatasetKeepsStay() {
    Tensor kept = device.arange(3, DType.I32);
    Dataset same =
        new Dataset() {
          @Override
          public int size() {
            return 4;
          }

          @Override
          public Tensor[] get(int index) {
            return new Tensor[] {kept};
          }
        };
    for (int workers : new int[] {0, 2}) {
      for (Tensor[] batch : new DataLoader(same, 2).workers(workers).epoch(0)) {
        assertArrayEquals(new int[] {0, 1, 2, 0, 1, 2}, batch[0].toInts());
      }
    }
    assertFalse(kept.isReleased());
  }

  @Test
  void augmentationFollowsSeedAndStep() {
    Dataset noisy =
        slow()
            .augment(
                (sample, random) ->
                    new Tensor[] {sample[0].add(100 * random.nextInt(1000)), sample[1]});
    int[] first = new DataLoader(noisy, 4).shuffle(5).load(3)[0].toInts();
    assertTrue(Arrays.stream(first).max().getAsInt() >= 100);
    try (DataLoader.Batches batches = new DataLoader(noisy, 4).shuffle(5).workers(2).from(3)) {
      assertArrayEquals(first, batches.next()[0].toInts());
      assertFalse(Arrays.equals(first, batches.next()[0].toInts()));
    }
    assertArrayEquals(new int[] {0, 1}, noisy.get(0)[0].toInts());
    int[] plain = new DataLoader(noisy, 4).load(0)[0].toInts();
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7}, plain);
  }

  @Test
  void subsetsSplitsAndChanges() {
    Dataset doubled = ten().map(sample -> new Tensor[] {sample[1].mul(2)}).subset(7, 3);
    assertEquals(2, doubled.size());
    assertArrayEquals(new int[] {14, 6}, new DataLoader(doubled, 2).load(0)[0].toInts());
    Dataset[] parts = ten().split(0.7, 1);
    assertEquals(7, parts[0].size());
    assertEquals(3, parts[1].size());
    int[] all = new int[10];
    for (Dataset part : parts) {
      for (int i = 0; i < part.size(); i++) {
        all[(int) part.get(i)[1].item()]++;
      }
    }
    assertTrue(Arrays.stream(all).allMatch(n -> n == 1));
    assertThrows(IllegalArgumentException.class, () -> ten().subset(10));
  }

  @Test
  void bringsBatchesToADevice() {
    Device reference = Devices.get("reference");
    Tensor[] batch = new DataLoader(ten(), 4).to(reference).load(1);
    assertSame(reference, batch[0].device());
    assertArrayEquals(new int[] {4, 5, 6, 7}, batch[1].toInts());
  }

  @Test
  void whatGoesWrongInAWorkerIsThrownWhereTheBatchIsTaken() {
    Dataset broken =
        slow()
            .map(
                sample -> {
                  if (sample[1].item() == 5) {
                    throw new DataException("5.png: is damaged.");
                  }
                  return sample;
                });
    for (int workers : new int[] {0, 3}) {
      try (DataLoader.Batches batches = new DataLoader(broken, 4).workers(workers).from(0)) {
        batches.next();
        assertEquals(
            "5.png: is damaged.", assertThrows(DataException.class, batches::next).getMessage());
      }
    }
  }

  @Test
  void arraysOfADatasetHaveEqualLengths() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Dataset.of(device.arange(3, DType.I32), device.arange(4, DType.I32)));
    assertThrows(IllegalArgumentException.class, Dataset::of);
    Dataset uneven = slow().map(s -> s[1].item() == 2 ? s : new Tensor[] {s[0]});
    assertThrows(IllegalArgumentException.class, () -> new DataLoader(uneven, 4).load(0));
  }
}
