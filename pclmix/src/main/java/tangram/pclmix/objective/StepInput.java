package tangram.pclmix.objective;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * What changes from step to step, on the device: the batch, the two orders in which it is shuffled
 * and the two CutMix masks. The tensors live as long as the training and are overwritten every
 * step.
 */
public final class StepInput {
  private static final int ORDER = 0x0B1E_0100;

  private final int batch;
  final Tensor image;
  final Tensor scribble;
  final Tensor[] order = new Tensor[2];
  final Tensor[] mask = new Tensor[2];

  private final Tensor absent;
  private final Map<String, Tensor> maps = new HashMap<>();
  private int shard;

  /** Creates the tensors for batches of square images without further maps. */
  public StepInput(Device device, int batch, int size) {
    this(device, batch, size, List.of());
  }

  /** Creates the tensors for batches of square images. */
  public StepInput(Device device, int batch, int size, List<String> mapNames) {
    this(device, batch, size, mapNames, 0);
  }

  /**
   * Creates the tensors for batches of square images.
   *
   * @param mapNames the further maps of every slice
   * @param classes number of classes where the step is told which of them a slice has, else 0
   */
  public StepInput(Device device, int batch, int size, List<String> mapNames, int classes) {
    this.batch = batch;
    try (Scope persistent = Scope.detached()) {
      for (String name : mapNames) {
        maps.put(name, device.emptyInts(batch, size, size));
      }
      absent = classes == 0 ? null : device.zeros(batch, classes);
      image = device.zeros(batch, 1, size, size);
      scribble = device.emptyInts(batch, size, size);
      for (int i = 0; i < 2; i++) {
        order[i] = device.emptyInts(batch);
        mask[i] = device.zeros(batch, size, size);
      }
    }
  }

  /** The batch's images, [N, 1, H, W]. */
  public Tensor image() {
    return image;
  }

  /** Its labels, integers [N, H, W]; what is no class is unlabelled. */
  public Tensor scribble() {
    return scribble;
  }

  /**
   * One of the two orders in which the batch is shuffled, integers [N].
   *
   * @param number 0 or 1
   */
  public Tensor order(int number) {
    return order[number];
  }

  /**
   * One of the two sets of CutMix masks, 0 or 1, [N, H, W].
   *
   * @param number 0 or 1
   */
  public Tensor mask(int number) {
    return mask[number];
  }

  /** Sets which shard of a batch is loaded next, from 0; a batch that is not divided is 0. */
  public void shard(int number) {
    shard = number;
  }

  /** Which shard of its batch this is: random numbers of the step are drawn by it. */
  public int shard() {
    return shard;
  }

  /** Number of images. */
  public int size() {
    return batch;
  }

  /**
   * Loads a step.
   *
   * @param images [batch, size, size]
   * @param scribbles 0..3 and 4 for unlabelled, [batch, size, size]
   * @param mask1 CutMix mask M1, [batch, size, size]
   * @param mask2 CutMix mask M2
   * @param seed the run's seed, which draws the two orders
   * @param step the training step
   */
  public void load(
      float[] images, int[] scribbles, float[] mask1, float[] mask2, long seed, long step) {
    image.copyFrom(images, 0);
    scribble.copyFrom(scribbles, 0);
    mask[0].copyFrom(mask1, 0);
    mask[1].copyFrom(mask2, 0);
    for (int i = 0; i < 2; i++) {
      order[i].copyFrom(order(batch, seed, step, i, shard), 0);
    }
  }

  /**
   * Loads a further map of a step.
   *
   * @param values [batch, size, size]
   */
  public void loadMap(String name, int[] values) {
    map(name).copyFrom(values, 0);
  }

  /**
   * Loads which classes the slices do not have.
   *
   * @param values 1 for classes that a slice does not have, else 0, [batch, classes]
   */
  public void loadAbsent(float[] values) {
    absent().copyFrom(values, 0);
  }

  /**
   * 1 for classes that a slice does not have, else 0, [batch, classes].
   *
   * @throws IllegalArgumentException if the step is not told
   */
  public Tensor absent() {
    if (absent == null) {
      throw new IllegalArgumentException("the step is not told which classes slices have");
    }
    return absent;
  }

  /**
   * A further map of the batch's slices, moved as they are: integers [batch, size, size].
   *
   * @throws IllegalArgumentException if the slices have none of this name
   */
  public Tensor map(String name) {
    Tensor map = maps.get(name);
    if (map == null) {
      throw new IllegalArgumentException("the slices have no map '" + name + "'");
    }
    return map;
  }

  /**
   * One of the two orders in which a step's batch is shuffled.
   *
   * @param number 0 for the first order, 1 for the second
   */
  public static int[] order(int batch, long seed, long step, int number) {
    return order(batch, seed, step, number, 0);
  }

  private static int[] order(int batch, long seed, long step, int number, int shard) {
    return new CounterRandom(seed, ORDER + number, step, shard).permutation(batch);
  }
}
