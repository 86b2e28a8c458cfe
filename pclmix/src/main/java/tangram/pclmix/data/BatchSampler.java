package tangram.pclmix.data;

import tangram.tensor.CounterRandom;

/**
 * Which samples make up the batch of a step.
 *
 * <p>The samples of every epoch are shuffled anew, and the epochs follow each other as one endless
 * list that is cut into batches. The last batch of an epoch is thus filled from the next epoch:
 * every sample is seen once an epoch, none is dropped, and all batches are full (a batch across the
 * border may hold a sample twice). A batch depends on (seed, step) alone, so training resumes from
 * the number of the step.
 */
public final class BatchSampler {
  private final long seed;
  private final int samples;
  private final int batch;
  private long cachedEpoch = -1;
  private int[] order;

  /**
   * Creates a sampler.
   *
   * @param seed the run's seed
   * @param samples number of samples
   * @param batch samples a step
   */
  public BatchSampler(long seed, int samples, int batch) {
    if (samples <= 0 || batch <= 0) {
      throw new IllegalArgumentException(batch + " of " + samples + " samples a step");
    }
    this.seed = seed;
    this.samples = samples;
    this.batch = batch;
  }

  /** The epoch (from 0) that the first sample of a step's batch belongs to. */
  public long epoch(long step) {
    return step * batch / samples;
  }

  /** Writes the sample indices of a step (from 0) to {@code indices} [batch]. */
  public synchronized void indices(long step, int[] indices) {
    if (step < 0 || indices.length != batch) {
      throw new IllegalArgumentException(
          "step " + step + ", room for " + indices.length + " of " + batch + " indices");
    }
    for (int i = 0; i < batch; i++) {
      long position = Math.addExact(Math.multiplyExact(step, (long) batch), i);
      long epoch = position / samples;
      if (epoch != cachedEpoch) {
        order = new CounterRandom(seed, Purpose.SHUFFLE, epoch, 0).permutation(samples);
        cachedEpoch = epoch;
      }
      indices[i] = order[(int) (position % samples)];
    }
  }
}
