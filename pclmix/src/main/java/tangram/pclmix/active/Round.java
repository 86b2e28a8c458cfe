package tangram.pclmix.active;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.LongFunction;
import tangram.nn.data.BatchSampler;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Supervision;
import tangram.pclmix.training.Batch;

/**
 * Steps on all scribbles that there are when it begins; half of every batch are slices whose
 * scribbles changed since the last round.
 */
final class Round {
  /** The most steps of a round: their random numbers follow from the round and the step in it. */
  static final int MOST_STEPS = 256;

  private static final int WARM_UP = 20;

  private final ActiveNetwork network;
  private final int number;
  private final double rate;
  private final Dataset data;
  private final Batch batch;
  private final List<String> doubts;

  /**
   * Prepares.
   *
   * @param scribbles of all slices to train on, at their own size
   * @param changed those that changed
   * @param number of the round, from 1
   * @param rate learning rate after the warm-up
   * @throws tangram.nn.data.DataException if nothing to learn from is left at the network's size
   */
  Round(
      ActiveNetwork network,
      Frames frames,
      SortedMap<SliceKey, byte[]> scribbles,
      Set<SliceKey> changed,
      int number,
      double rate) {
    this.network = network;
    this.number = number;
    this.rate = rate;
    List<Slice> slices = new ArrayList<>();
    List<Integer> recent = new ArrayList<>();
    scribbles.forEach(
        (key, scribble) -> {
          if (changed.contains(key)) {
            recent.add(slices.size());
          }
          slices.add(frames.training(key, scribble));
        });
    doubts = Supervision.doubts("The scribbles", slices);
    data = network.prepare(new Dataset(slices, network.framing()));
    batch =
        network.batch(
            data,
            order(
                slices.size(),
                recent.stream().mapToInt(i -> i).toArray(),
                network.config().batch(),
                network.config().seed()));
  }

  /** Which slices make up the batch of a step; half of them of the recent ones. */
  static LongFunction<int[]> order(int all, int[] recent, int batch, long seed) {
    int half = recent.length == 0 || recent.length == all ? 0 : batch / 2;
    BatchSampler any = BatchSampler.shuffled(all, batch - half, BatchSampler.Last.FILL, seed);
    if (half == 0) {
      return any::indices;
    }
    BatchSampler some = BatchSampler.shuffled(recent.length, half, BatchSampler.Last.FILL, seed);
    return step -> {
      int[] indices = new int[batch];
      int[] first = some.indices(step);
      for (int i = 0; i < half; i++) {
        indices[i] = recent[first[i]];
      }
      System.arraycopy(any.indices(step), 0, indices, half, batch - half);
      return indices;
    };
  }

  /** Sentences on what cannot be learnt from the scribbles. */
  List<String> doubts() {
    return doubts;
  }

  /**
   * Does a step.
   *
   * @param i counted from 0
   * @return the loss
   * @throws tangram.nn.training.DivergenceException if it is no finite number
   */
  double step(int i) {
    double warm = Math.min(1, (i + 1.0) / WARM_UP);
    return network.train(data, batch, number * MOST_STEPS + i, rate * warm).total();
  }
}
