package tangram.nn.data;

import java.util.Arrays;
import tangram.tensor.CounterRandom;

/**
 * Which samples make up the batch of a step. Epochs follow each other; every sample is seen once an
 * epoch. A batch depends on (seed, step) alone, so training resumes from the number of the step.
 */
public final class BatchSampler {
  /** What becomes of the last batch of an epoch, for which too few samples may be left. */
  public enum Last {
    /** It is smaller. */
    KEEP,
    /** It is left out. */
    DROP,
    /** It is filled from the next epoch, so that a batch may hold a sample twice. */
    FILL
  }

  /** The purpose under which orders draw random numbers. */
  private static final int SHUFFLE = 0xDA7A_0001;

  private final int samples;
  private final int batch;
  private final Last last;

  /** Null where samples come in their own order. */
  private final Long seed;

  private long cachedEpoch = -1;
  private int[] order;

  private BatchSampler(int samples, int batch, Last last, Long seed) {
    if (samples <= 0 || batch <= 0 || (last == Last.DROP && batch > samples)) {
      throw new IllegalArgumentException(
          "there are no batches of " + batch + " samples from " + samples);
    }
    this.samples = samples;
    this.batch = batch;
    this.last = last;
    this.seed = seed;
  }

  /**
   * Samples in their own order.
   *
   * @param samples number of samples
   * @param batch samples a step
   */
  public static BatchSampler inOrder(int samples, int batch, Last last) {
    return new BatchSampler(samples, batch, last, null);
  }

  /** Samples in another random order in each epoch, which follows from the seed. */
  public static BatchSampler shuffled(int samples, int batch, Last last, long seed) {
    return new BatchSampler(samples, batch, last, seed);
  }

  /** Steps until all samples were seen once; with {@link Last#FILL} the last of them goes on. */
  public long batchesPerEpoch() {
    return last == Last.DROP ? samples / batch : (samples + batch - 1L) / batch;
  }

  /** The epoch (from 0) that the first sample of a step's batch belongs to. */
  public long epoch(long step) {
    return last == Last.FILL ? step * batch / samples : step / batchesPerEpoch();
  }

  /** The numbers of the samples of a step, counted from 0. */
  public synchronized int[] indices(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("steps are counted from 0, not " + step);
    }
    if (last == Last.FILL) {
      int[] indices = new int[batch];
      for (int i = 0; i < batch; i++) {
        long position = Math.addExact(Math.multiplyExact(step, (long) batch), i);
        indices[i] = order(position / samples)[(int) (position % samples)];
      }
      return indices;
    }
    int from = Math.toIntExact(step % batchesPerEpoch()) * batch;
    return Arrays.copyOfRange(order(epoch(step)), from, Math.min(samples, from + batch));
  }

  private int[] order(long epoch) {
    if (order == null || (seed != null && epoch != cachedEpoch)) {
      if (seed == null) {
        order = new int[samples];
        Arrays.setAll(order, i -> i);
      } else {
        order = new CounterRandom(seed, SHUFFLE, epoch, 0).permutation(samples);
      }
      cachedEpoch = epoch;
    }
    return order;
  }
}
