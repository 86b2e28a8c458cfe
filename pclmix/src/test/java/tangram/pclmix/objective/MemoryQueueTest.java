package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

class MemoryQueueTest {
  private final Device device = Devices.get("reference");

  @Test
  void keepsTheNormalisedMeanOfEachForegroundClassOfAnImage() {
    MemoryQueue queue = new MemoryQueue(device, 3, 2, 2);
    // One image of four pixels: class 1 at (1, 0) and (0, 1), class 3 at (0, -1), background (1,
    // 0).
    Tensor embedding = device.tensor(new double[] {1, 0, 0, 1, 0, -1, 1, 0}, 4, 2);
    enqueue(queue, embedding, new int[] {1, 1, 3, 0}, 1);
    float half = (float) Math.sqrt(0.5);
    assertArrayEquals(
        new float[] {half, half, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0}, queue.vectors().toFloats(), 1e-7f);
    assertArrayEquals(new int[] {1, 0, 1}, queue.filled().toInts());
    assertArrayEquals(new int[] {1, 0, 1}, queue.next());
  }

  @Test
  void aFullRingOverwritesTheOldest() {
    MemoryQueue queue = new MemoryQueue(device, 1, 2, 1);
    for (double value : new double[] {1, -1, -1}) {
      enqueue(queue, device.tensor(new double[] {value}, 1, 1), new int[] {1}, 1);
    }
    assertArrayEquals(new float[] {-1, -1}, queue.vectors().toFloats());
    assertArrayEquals(new int[] {2}, queue.filled().toInts());
    assertArrayEquals(new int[] {1}, queue.next());
  }

  @Test
  void everyImageOfABatchPutsInItsOwn() {
    MemoryQueue queue = new MemoryQueue(device, 1, 4, 1);
    enqueue(queue, device.tensor(new double[] {1, -1}, 2, 1), new int[] {1, 1}, 2);
    assertArrayEquals(new float[] {1, -1, 0, 0}, queue.vectors().toFloats());
  }

  @Test
  void aMeanOfZeroHasNoDirection() {
    MemoryQueue queue = new MemoryQueue(device, 1, 2, 1);
    enqueue(queue, device.tensor(new double[] {1, -1}, 2, 1), new int[] {1, 1}, 1);
    assertArrayEquals(new float[] {0, 0}, queue.vectors().toFloats());
  }

  @Test
  void aBatchOfMoreImagesThanSlotsKeepsTheLast() {
    MemoryQueue queue = new MemoryQueue(device, 1, 2, 1);
    enqueue(queue, device.tensor(new double[] {1, 1, -1}, 3, 1), new int[] {1, 1, 1}, 3);
    assertArrayEquals(new float[] {-1, 1}, queue.vectors().toFloats());
    assertArrayEquals(new int[] {1}, queue.next());
  }

  @Test
  void slotsCountOnceTheyArePublished() {
    MemoryQueue queue = new MemoryQueue(device, 1, 2, 1);
    queue.reserve(new int[] {1}, 1);
    assertArrayEquals(new int[] {0}, queue.filled().toInts());
    queue.publish();
    assertArrayEquals(new int[] {1}, queue.filled().toInts());
  }

  @Test
  void positionsThatCannotBeAreRefused() {
    MemoryQueue queue = new MemoryQueue(device, 1, 2, 1);
    assertThrows(IllegalArgumentException.class, () -> queue.restore(new int[] {3}, new int[] {0}));
    assertThrows(IllegalArgumentException.class, () -> queue.restore(new int[] {1}, new int[] {2}));
  }

  private void enqueue(MemoryQueue queue, Tensor embedding, int[] labels, int images) {
    int[] rows = queue.reserve(labels, images);
    queue.enqueue(
        embedding,
        device.tensor(labels, labels.length),
        device.tensor(rows, images, rows.length / images));
    queue.publish();
  }
}
