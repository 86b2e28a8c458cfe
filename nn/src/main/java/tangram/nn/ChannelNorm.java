package tangram.nn;

import tangram.tensor.DType;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Parameters and running statistics of batch and instance normalisation. */
public abstract class ChannelNorm extends Layer {
  private static final String COUNT = "num_batches_tracked";

  final NormOptions options;
  final Tensor weight;
  final Tensor bias;
  final Tensor runningMean;
  final Tensor runningVar;
  private final int leastRank;
  private final int mostRank;

  /** How many batches the statistics are of; kept where their weight depends on it. */
  private final Tensor count;

  ChannelNorm(Init init, int channels, NormOptions options, int leastRank, int mostRank) {
    this.options = options;
    this.leastRank = leastRank;
    this.mostRank = mostRank;
    weight = options.affine() ? parameter("weight", init.full(1, channels)) : null;
    bias = options.affine() ? parameter("bias", init.full(0, channels)) : null;
    boolean track = options.trackRunningStats();
    runningMean = track ? buffer("running_mean", init.full(0, channels)) : null;
    runningVar = track ? buffer("running_var", init.full(1, channels)) : null;
    if (track && options.momentum() == null) {
      try (Scope persistent = Scope.detached()) {
        count = buffer(COUNT, init.device().zeros(DType.I32, Shape.of()));
      }
    } else {
      count = null;
      unused(COUNT);
    }
  }

  /** Whether the statistics are those of the input; else those that are kept. */
  final boolean usesInput() {
    return isTraining() || runningMean == null;
  }

  /** The weight of this batch in the statistics, which it counts in. */
  final double momentum() {
    if (count == null) {
      return options.momentum() == null ? 0 : options.momentum();
    }
    int batches = count.toInts()[0] + 1;
    count.fill(batches);
    return 1.0 / batches;
  }

  final void check(Tensor x) {
    int rank = x.shape().rank();
    if (rank < leastRank || rank > mostRank) {
      throw new IllegalArgumentException(
          "%s normalises arrays of %s dimensions, not of shape %s"
              .formatted(
                  getClass().getSimpleName(),
                  leastRank == mostRank ? mostRank : leastRank + " or " + mostRank,
                  x.shape()));
    }
  }
}
