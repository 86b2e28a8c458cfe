package tangram.nn.data;

import java.util.function.IntFunction;
import tangram.tensor.CounterRandom;
import tangram.tensor.Tensor;

/** Samples that lie in arrays, one after the other. */
final class TensorDataset implements Dataset {
  private final Tensor[] arrays;

  TensorDataset(Tensor... arrays) {
    if (arrays.length == 0) {
      throw new IllegalArgumentException("a dataset needs at least one array");
    }
    for (Tensor array : arrays) {
      if (array.shape().rank() == 0 || array.dim(0) != arrays[0].dim(0)) {
        throw new IllegalArgumentException(
            "arrays of a dataset have equal first dimensions: %s and %s"
                .formatted(arrays[0].shape(), array.shape()));
      }
    }
    this.arrays = arrays.clone();
  }

  @Override
  public int size() {
    return arrays[0].dim(0);
  }

  @Override
  public Tensor[] get(int index) {
    Tensor[] sample = new Tensor[arrays.length];
    for (int a = 0; a < sample.length; a++) {
      sample[a] = arrays[a].select(0, index);
    }
    return sample;
  }

  @Override
  public Tensor[] batch(int[] indices, IntFunction<CounterRandom> random) {
    Tensor[] batch = new Tensor[arrays.length];
    try (Tensor index = arrays[0].device().tensor(indices)) {
      for (int a = 0; a < batch.length; a++) {
        batch[a] = arrays[a].indexSelect(0, index);
      }
    }
    return batch;
  }
}
