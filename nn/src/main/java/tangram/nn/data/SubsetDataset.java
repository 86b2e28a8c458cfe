package tangram.nn.data;

import java.util.Arrays;
import java.util.function.IntFunction;
import tangram.tensor.CounterRandom;
import tangram.tensor.Tensor;

/** Some samples of another dataset. */
record SubsetDataset(Dataset of, int[] indices) implements Dataset {
  /** The purpose under which splits draw random numbers. */
  static final int SPLIT = 0xDA7A_1001;

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public Tensor[] get(int index) {
    return of.get(indices[index]);
  }

  @Override
  public Tensor[] get(int index, CounterRandom random) {
    return of.get(indices[index], random);
  }

  @Override
  public Tensor[] batch(int[] chosen, IntFunction<CounterRandom> random) {
    return of.batch(Arrays.stream(chosen).map(i -> indices[i]).toArray(), random);
  }
}
