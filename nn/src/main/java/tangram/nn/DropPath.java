package tangram.nn;

import java.util.Arrays;
import tangram.tensor.CounterRandom;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Stochastic depth: in training each sample's branch is dropped with a probability and scaled up
 * otherwise. The mask is a tensor that {@link #resampleAll} refreshes, so that a forward pass
 * itself draws nothing.
 */
public final class DropPath extends Layer {
  /** The purpose under which masks draw random numbers. */
  public static final int PURPOSE = 2;

  private final Init init;
  private final double probability;
  private Tensor mask;

  /** Creates the layer. */
  public DropPath(Init init, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("a drop-path probability from 0 to 1, not " + probability);
    }
    this.init = init;
    this.probability = probability;
  }

  /** Scales the samples of [N, ...] by the current mask; the identity in evaluation. */
  @Override
  public Tensor forward(Tensor x) {
    return isActive() ? x.mul(maskFor(x)) : x;
  }

  /** {@code x + forward(branch)}, of [N, ...]. */
  public Tensor addTo(Tensor x, Tensor branch) {
    return isActive() ? x.addcmul(branch, maskFor(branch)) : x.add(branch);
  }

  private boolean isActive() {
    return isTraining() && probability != 0;
  }

  private Tensor maskFor(Tensor x) {
    if (mask == null || mask.dim(0) != x.dim(0)) {
      throw new IllegalStateException(
          "drop-path masks are missing for a batch of " + x.dim(0) + ": call resampleAll first");
    }
    int[] dims = new int[x.shape().rank()];
    Arrays.fill(dims, 1);
    dims[0] = x.dim(0);
    return mask.reshape(dims);
  }

  /**
   * Draws new masks for every drop-path layer of a network.
   *
   * @param batch samples in the batch
   * @param seed the run's seed
   * @param step the training step
   * @param pass which of the step's forward passes
   */
  public static void resampleAll(Module network, int batch, long seed, long step, int pass) {
    CounterRandom random = new CounterRandom(seed, PURPOSE, step, pass);
    network.forEachModule(
        m -> {
          if (m instanceof DropPath) {
            ((DropPath) m).resample(batch, random);
          }
        });
  }

  private void resample(int batch, CounterRandom random) {
    if (probability == 0) {
      return;
    }
    float[] values = new float[batch];
    for (int i = 0; i < batch; i++) {
      values[i] = random.nextDouble() < probability ? 0 : (float) (1 / (1 - probability));
    }
    if (mask == null || mask.dim(0) != batch) {
      if (mask != null) {
        mask.close();
      }
      try (Scope persistent = Scope.detached()) {
        mask = init.device().empty(batch);
      }
    }
    mask.copyFrom(values, 0);
  }
}
