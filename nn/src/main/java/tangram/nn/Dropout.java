package tangram.nn;

import java.util.Arrays;
import tangram.tensor.Generator;
import tangram.tensor.Tensor;
import tangram.tensor.op.RandomOp;

/**
 * In training, elements become 0 with a probability and are divided by the rest of it otherwise
 * (Srivastava et al. 2014); in evaluation nothing changes. What is drawn follows from the seed, the
 * layer and {@link Module#seek}.
 */
public final class Dropout extends Layer {
  private final double p;

  /** Dimensions of [N, C, ...] that decide apart; along the others decisions are the same. */
  private final int apart;

  private final Generator generator;

  /** Creates a layer that drops single elements. */
  public Dropout(Init init, double p) {
    this(init, p, Integer.MAX_VALUE);
  }

  private Dropout(Init init, double p, int apart) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout: a probability from 0 to 1, not " + p);
    }
    this.p = p;
    this.apart = apart;
    this.generator = generator(init);
  }

  /** A layer that drops whole channels of [N, C, ...]: PyTorch's Dropout1d to Dropout3d. */
  public static Dropout ofChannels(Init init, double p) {
    return new Dropout(init, p, 2);
  }

  /**
   * A layer that drops whole samples of [N, ...]: stochastic depth (Huang et al. 2016) for the
   * branch beside a residual sum, torchvision's StochasticDepth by rows.
   */
  public static Dropout ofSamples(Init init, double p) {
    return new Dropout(init, p, 1);
  }

  /** Whether anything is dropped. */
  boolean isActive() {
    return isTraining() && p > 0;
  }

  @Override
  public Tensor forward(Tensor x) {
    if (!isActive()) {
      return x;
    }
    int[] dims = x.shape().dims();
    if (apart == 2 && dims.length < 3) {
      throw new IllegalArgumentException("dropout of channels needs [N, C, ...], not " + x.shape());
    }
    Arrays.fill(dims, Math.min(apart, dims.length), dims.length, 1);
    return RandomOp.dropout(x, p, generator, dims);
  }
}
