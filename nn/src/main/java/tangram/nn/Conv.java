package tangram.nn;

import java.util.Arrays;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvNormOp;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;

/** Convolutions along one to three dimensions, also transposed: what they have in common. */
public abstract class Conv extends Layer {
  private final int rank;
  private final boolean transposed;
  private final Tensor weight;
  private final Tensor bias;
  private final ConvOptions options;
  private final int[] begin;
  private final int[] end;
  private final Padding.Mode mode;

  /**
   * Creates the layer: weight [out, in / groups, kernel...], transposed [in, out / groups,
   * kernel...], and bias [out].
   *
   * @param kernel a side for each dimension, or one for all
   */
  Conv(
      Init init,
      int rank,
      boolean transposed,
      int in,
      int out,
      int[] kernel,
      ConvOptions options,
      boolean bias,
      Padding.Mode mode) {
    int groups = options.groups();
    if (groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          groups + " groups do not divide " + in + " input and " + out + " output channels");
    }
    if (kernel.length != rank && kernel.length != 1) {
      throw new IllegalArgumentException(
          "a kernel has one side or " + rank + ", not " + Arrays.toString(kernel));
    }
    this.rank = rank;
    this.transposed = transposed;
    int[] sides = each(kernel);
    int[] dims = new int[rank + 2];
    dims[0] = transposed ? in : out;
    dims[1] = (transposed ? out : in) / groups;
    int fan = dims[1];
    for (int d = 0; d < rank; d++) {
      dims[d + 2] = sides[d];
      fan *= dims[d + 2];
    }
    this.weight = parameter("weight", init.weight(Linear.WEIGHTS, dims));
    this.bias = bias ? parameter("bias", init.bias(Initializer.uniformByFan(fan), out)) : null;
    boolean zeros = mode == Padding.Mode.ZEROS;
    // Margins that are not zeros are made before the convolution.
    this.options = zeros ? options : options.padding(0);
    this.begin = zeros ? null : each(options.begin());
    this.end = zeros ? null : each(options.end());
    this.mode = mode;
  }

  /** Convolves [N, in, ...], or [in, ...] of one sample. */
  @Override
  public Tensor forward(Tensor x) {
    if (transposed) {
      return ConvOp.convTranspose(rank, x, weight, bias, options);
    }
    if (begin == null) {
      return ConvOp.conv(rank, x, weight, bias, options);
    }
    Tensor wide = Padding.pad(x, mode, begin, end);
    Tensor y = ConvOp.conv(rank, wide, weight, bias, options);
    if (wide != x) {
      wide.release();
    }
    return y;
  }

  /** Whether it is a convolution alone: not transposed, without margins of its own making. */
  final boolean isOneOperation() {
    return !transposed && begin == null;
  }

  /**
   * Convolves and normalises with the statistics that a layer keeps, see {@link
   * ConvNormOp#convBatchNormInference}; where it {@link #isOneOperation}.
   */
  final Tensor forward(Tensor x, BatchNorm norm, Tensor residual, boolean relu) {
    return ConvNormOp.convBatchNormInference(
        rank,
        x,
        weight,
        bias,
        options,
        residual,
        norm.weight,
        norm.bias,
        norm.runningMean,
        norm.runningVar,
        norm.options.eps(),
        relu);
  }

  /** A number for each dimension. */
  private int[] each(int[] numbers) {
    if (numbers.length == rank) {
      return numbers.clone();
    }
    int[] all = new int[rank];
    Arrays.fill(all, numbers[0]);
    return all;
  }
}
