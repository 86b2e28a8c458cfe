package tangram.pclmix.parity;

import java.util.SortedMap;
import java.util.TreeMap;
import tangram.nn.Module;
import tangram.tensor.CounterRandom;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Weights and inputs that Python draws too: see tools/parity, where each formula is described. */
final class Formula {
  private static final int IMAGES = 3;
  private static final int SCRIBBLES = 4;
  private static final int SIGNAL = 5;
  private static final int MEMORY = 6;
  private static final int UNLABELLED = 4;
  private static final int BLOCK = 16;

  private Formula() {}

  /** Parameters and buffers: {@code fill} of pclmix_torch.py. */
  static void fill(Module module, long seed) {
    SortedMap<String, Tensor> state = new TreeMap<>(module.state());
    int i = 0;
    for (var entry : state.entrySet()) {
      Tensor tensor = entry.getValue();
      tensor.copyFrom(weights(entry.getKey(), tensor.shape(), seed, i++), 0);
    }
  }

  /** The tensor at a place in the sorted order of names: a part of {@code fill}. */
  static float[] weights(String name, Shape shape, long seed, int place) {
    double offset = 0;
    double scale;
    if (name.endsWith("position") || name.endsWith("relative_position_bias_table")) {
      scale = 0.5;
    } else if (shape.rank() > 1) {
      scale = Math.sqrt(3.0 / (shape.size() / shape.dim(0)));
      if (name.endsWith("head.weight")) {
        scale *= 3;
      }
    } else if (name.endsWith(".weight") || name.endsWith("running_var")) {
      offset = 1;
      scale = 0.25;
    } else {
      scale = 0.1;
    }
    return uniform(new CounterRandom(seed, 0, place, 0), offset, scale, shape.size());
  }

  /** {@code signal} of network.py. */
  static float[] signal(long seed, int number, int size) {
    return uniform(new CounterRandom(seed, SIGNAL, number, 0), 0, 1, size);
  }

  private static float[] uniform(CounterRandom random, double offset, double scale, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (offset + scale * (2.0 * random.nextFloat() - 1));
    }
    return values;
  }

  /** Images of {@code counted_batch} of pclmix_step.py. */
  static float[] images(int batch, int size, long seed, int step) {
    int side = size / BLOCK;
    double[] blocks = new double[batch * side * side];
    CounterRandom random = new CounterRandom(seed, IMAGES, step, 0);
    for (int b = 0; b < blocks.length; b++) {
      blocks[b] = random.nextFloat();
    }
    CounterRandom noise = new CounterRandom(seed, IMAGES, step, 1);
    float[] values = new float[batch * size * size];
    for (int i = 0; i < values.length; i++) {
      int row = i / size;
      int block = row / size * side * side + row % size / BLOCK * side + i % size / BLOCK;
      values[i] = (float) ((3 * blocks[block] + noise.nextFloat()) / 4);
    }
    return values;
  }

  /** Scribbles of {@code counted_batch} of pclmix_step.py. */
  static int[] scribbles(int batch, int size, long seed, int step) {
    CounterRandom random = new CounterRandom(seed, SCRIBBLES, step, 0);
    int[] labels = new int[batch * size * size];
    for (int i = 0; i < labels.length; i++) {
      int label = Math.min(random.nextInt(40), UNLABELLED);
      labels[i] = i < size * size && label == 1 ? UNLABELLED : label;
    }
    return labels;
  }

  /** Unit vectors of {@code prefilled} of network.py. */
  static float[] memory(int slots, int dim, int[] filled, long seed) {
    CounterRandom random = new CounterRandom(seed, MEMORY, 0, 0);
    float[] vectors = new float[filled.length * slots * dim];
    double[] vector = new double[dim];
    for (int c = 0; c < filled.length; c++) {
      for (int s = 0; s < slots; s++) {
        double square = 0;
        for (int d = 0; d < dim; d++) {
          vector[d] = 2.0 * random.nextFloat() - 1;
          square += vector[d] * vector[d];
        }
        for (int d = 0; d < dim && s < filled[c]; d++) {
          vectors[(c * slots + s) * dim + d] = (float) (vector[d] / Math.sqrt(square));
        }
      }
    }
    return vectors;
  }
}
