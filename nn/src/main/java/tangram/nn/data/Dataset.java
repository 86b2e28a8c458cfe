package tangram.nn.data;

import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import tangram.tensor.CounterRandom;
import tangram.tensor.Tensor;

/**
 * Samples by number. A sample is a few arrays, such as an image and the number of its class; those
 * of all samples have the same types, and the same shapes where they are to make a batch.
 */
public interface Dataset {
  /** How many samples there are. */
  int size();

  /**
   * A sample. {@link DataLoader} calls this from several threads at once.
   *
   * @param index from 0 to below the size
   * @throws DataException if the sample's file is missing or damaged
   */
  Tensor[] get(int index);

  /**
   * A random version of a sample, where the data are {@linkplain #augment augmented}.
   *
   * @param random where all that is random in it comes from
   */
  default Tensor[] get(int index, CounterRandom random) {
    return get(index);
  }

  /**
   * Samples as one batch, in the given order.
   *
   * @param random where all that is random in the first, second, ... of them comes from; null takes
   *     the samples as they are
   */
  default Tensor[] batch(int[] indices, IntFunction<CounterRandom> random) {
    Tensor[][] samples = new Tensor[indices.length][];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = random == null ? get(indices[i]) : get(indices[i], random.apply(i));
    }
    return collate(samples);
  }

  /** Arrays whose first dimension counts samples; they must stay as they are. */
  static Dataset of(Tensor... arrays) {
    return new TensorDataset(arrays);
  }

  /** The same samples, each changed when it is asked for. */
  default Dataset map(UnaryOperator<Tensor[]> change) {
    return new ChangedDataset(this, (sample, random) -> change.apply(sample), false);
  }

  /**
   * The same samples, each changed at random when it is asked for in training: turned, cut, or made
   * noisy. {@link #get(int)} gives them unchanged.
   */
  default Dataset augment(BiFunction<Tensor[], CounterRandom, Tensor[]> change) {
    return new ChangedDataset(this, change, true);
  }

  /** Some of the samples, in the given order. */
  default Dataset subset(int... indices) {
    int[] numbers = indices.clone();
    for (int i : numbers) {
      if (i < 0 || i >= size()) {
        throw new IllegalArgumentException("there is no sample " + i + " of " + size());
      }
    }
    return new SubsetDataset(this, numbers);
  }

  /**
   * Splits the samples at random in two.
   *
   * @param fraction how many of them are in the first part, rounded
   */
  default Dataset[] split(double fraction, long seed) {
    int[] order = new CounterRandom(seed, SubsetDataset.SPLIT, 0, 0).permutation(size());
    int first = (int) Math.round(fraction * size());
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("a fraction from 0 to 1, not " + fraction);
    }
    return new Dataset[] {
      subset(Arrays.copyOf(order, first)), subset(Arrays.copyOfRange(order, first, order.length))
    };
  }

  /** Samples as one batch: every array stacked along a new first dimension. */
  static Tensor[] collate(Tensor[][] samples) {
    Tensor[] batch = new Tensor[samples[0].length];
    for (int a = 0; a < batch.length; a++) {
      Tensor[] parts = new Tensor[samples.length];
      for (int i = 0; i < parts.length; i++) {
        if (samples[i].length != batch.length) {
          throw new IllegalArgumentException(
              "one sample has %d arrays and another %d".formatted(batch.length, samples[i].length));
        }
        parts[i] = samples[i][a];
      }
      batch[a] = Tensor.stack(0, parts);
    }
    return batch;
  }
}
