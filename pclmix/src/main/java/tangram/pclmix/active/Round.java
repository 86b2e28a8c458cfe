package tangram.pclmix.active;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import tangram.nn.data.BatchSampler;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Supervision;
import tangram.pclmix.training.Batch;

/**
 * Steps on all scribbles that there are when it begins; half of every batch are slices whose
 * scribbles changed since the last round. What it leaves is the mean of the weights of its second
 * half, since those of single steps on a few slices scatter (Izmailov et al. 2018, Averaging
 * weights leads to wider optima).
 */
final class Round {
  /** The most steps of a round: their random numbers follow from the round and the step in it. */
  static final int MOST_STEPS = 256;

  private static final int WARM_UP = 20;

  /** How often a slice that changed may be in a batch. */
  private static final int MOST_IN_BATCH = 2;

  private final ActiveNetwork network;
  private final int number;
  private final int steps;
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
   * @param steps that are planned
   * @param rate learning rate after the warm-up
   * @throws tangram.nn.data.DataException if nothing to learn from is left at the network's size
   */
  Round(
      ActiveNetwork network,
      Frames frames,
      SortedMap<SliceKey, byte[]> scribbles,
      Set<SliceKey> changed,
      int number,
      int steps,
      double rate) {
    this.network = network;
    this.number = number;
    this.steps = steps;
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

  /**
   * Which slices make up the batch of a step: one half are recent ones, but none of them is there
   * more often than twice; the others are the rest.
   *
   * @param all number of slices
   * @param recent the numbers of the recent ones, in order
   */
  static LongFunction<int[]> order(int all, int[] recent, int batch, long seed) {
    int[] rest = IntStream.range(0, all).filter(i -> Arrays.binarySearch(recent, i) < 0).toArray();
    int first = rest.length == 0 ? batch : Math.min(batch / 2, MOST_IN_BATCH * recent.length);
    LongFunction<int[]> some = shuffled(recent, first, seed);
    LongFunction<int[]> others = shuffled(rest, batch - first, seed);
    return step ->
        IntStream.concat(Arrays.stream(some.apply(step)), Arrays.stream(others.apply(step)))
            .toArray();
  }

  private static LongFunction<int[]> shuffled(int[] slices, int count, long seed) {
    if (count == 0) {
      return step -> new int[0];
    }
    BatchSampler sampler =
        BatchSampler.shuffled(slices.length, count, BatchSampler.Last.FILL, seed);
    return step -> Arrays.stream(sampler.indices(step)).map(i -> slices[i]).toArray();
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
    double loss = network.train(data, batch, number * MOST_STEPS + i, rate * warm).total();
    if (i >= steps / 2) {
      network.average();
    }
    return loss;
  }
}
