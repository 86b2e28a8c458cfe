package tangram.nn.data;

import java.util.function.BiFunction;
import tangram.tensor.CounterRandom;
import tangram.tensor.Tensor;

/** The samples of another dataset, changed: always, or at random where random ones are wanted. */
record ChangedDataset(
    Dataset of, BiFunction<Tensor[], CounterRandom, Tensor[]> change, boolean isRandom)
    implements Dataset {
  @Override
  public int size() {
    return of.size();
  }

  @Override
  public Tensor[] get(int index) {
    Tensor[] sample = of.get(index);
    return isRandom ? sample : change.apply(sample, null);
  }

  @Override
  public Tensor[] get(int index, CounterRandom random) {
    return change.apply(of.get(index, random), random);
  }
}
