package tangram.tensor.op;

import static tangram.tensor.op.CascadeOp.repeated;
import static tangram.tensor.op.CascadeOp.row;
import static tangram.tensor.op.CascadeOp.view;

import java.util.Arrays;
import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/**
 * Normalisation by mean and variance, {@code y = gamma (x - mean) / sqrt(var + eps) + beta} with
 * the biased variance: of the batch (Ioffe and Szegedy 2015), of an instance (Ulyanov et al. 2016),
 * of a group of channels (Wu and He 2018), of a layer (Ba, Kiros and Hinton 2016); and by the root
 * of the mean square (Zhang and Sennrich 2019). Conventions of PyTorch. Gamma and beta may be null.
 */
public final class NormOp {
  private static final double[] NONE = {};

  private NormOp() {}

  /**
   * What is normalised together.
   *
   * @param dims how the elements of x are counted
   * @param rows dims, with 1 along dimensions that are normalised together
   * @param weights dims of gamma and beta, with 1 along dimensions in which they repeat
   */
  private record Layout(String name, int[] dims, int[] rows, int[] weights) {
    int count() {
      int count = 1;
      for (int d = 0; d < dims.length; d++) {
        count *= rows[d] == 1 ? dims[d] : 1;
      }
      return count;
    }

    /** Whether gamma and beta are the same all along a row. */
    boolean weightsOfRow() {
      boolean same = true;
      for (int d = 0; d < dims.length; d++) {
        same &= rows[d] != 1 || weights[d] == 1;
      }
      return same;
    }

    Layout named(String other) {
      return new Layout(other, dims, rows, weights);
    }
  }

  /**
   * Batch normalisation in training, with the residual sum and the ReLU that follow it in a
   * residual network: {@code act(y + residual)}, one pass over memory instead of three. The running
   * statistics move towards those of the batch.
   *
   * @param x [N, C, ...]
   * @param residual added before the activation, of the shape of x, or null
   * @param gamma scale [C] or null
   * @param beta shift [C] or null
   * @param runningMean [C], updated, or null
   * @param runningVar [C], updated with the unbiased variance, or null
   * @param momentum weight of the new statistics
   * @param eps added to the variance
   * @param relu whether a ReLU follows
   */
  public static Tensor batchNorm(
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVar,
      double momentum,
      double eps,
      boolean relu) {
    Layout layout = channels("batch_norm", x, residual, gamma, beta, runningMean, runningVar);
    Checks.that(
        x.size() == 0 || layout.count() > 1,
        () ->
            "batch_norm needs more than one value a channel to train, not an input of "
                + x.shape());
    return normalize(
        layout, x, residual, gamma, beta, runningMean, runningVar, momentum, eps, relu, true);
  }

  /** Batch normalisation with fixed statistics; see {@link #batchNorm}. */
  public static Tensor batchNormInference(
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor var,
      double eps,
      boolean relu) {
    Layout layout = channels("batch_norm", x, residual, gamma, beta, mean, var);
    Layout fixed = layout.named("batch_norm_inference");
    NormCascades cascades =
        NormCascades.of(fixed.name, true, gamma, beta, residual, relu, false, true, true);
    double[] numbers = {layout.count(), eps, 0};
    Tensor y = Checks.like(x);
    Tensor invStd = row(x, layout.rows);
    View[] inputs = inputs(layout, x, residual, gamma, beta, mean, var);
    run(cascades.forward, numbers, layout, x, inputs, y, view(invStd, layout.rows));
    Autograd.record(
        fixed.name + "(x, residual, gamma, beta, mean)",
        y,
        new Tensor[] {x, residual, gamma, beta},
        new Tensor[] {mean},
        saved(x, relu ? y : null, gamma, invStd),
        gy -> gradients(layout, cascades, numbers, x, residual, gamma, beta, y, mean, invStd, gy));
    Tracer.current().batchNormInference(x, residual, gamma, beta, mean, var, eps, relu, y);
    return y;
  }

  /**
   * Instance normalisation: every channel of every sample by itself.
   *
   * @param x [N, C, ...]
   * @param gamma scale [C] or null
   * @param beta shift [C] or null
   * @param eps added to the variance
   */
  public static Tensor instanceNorm(Tensor x, Tensor gamma, Tensor beta, double eps) {
    Layout channels = channels("instance_norm", x, null, gamma, beta);
    int[] dims = channels.dims;
    Checks.that(
        x.size() == 0 || dims[2] > 1,
        () -> "instance_norm needs more than one value a channel, not an input of " + x.shape());
    Layout layout =
        new Layout(channels.name, dims, new int[] {dims[0], dims[1], 1}, channels.weights);
    return normalize(layout, x, null, gamma, beta, null, null, 0, eps, false, true);
  }

  /**
   * Group normalisation: groups of neighbouring channels of every sample.
   *
   * @param x [N, C, ...]
   * @param groups divides C
   * @param gamma scale [C] or null
   * @param beta shift [C] or null
   * @param eps added to the variance
   */
  public static Tensor groupNorm(Tensor x, int groups, Tensor gamma, Tensor beta, double eps) {
    int[] dims = channels("group_norm", x, null, gamma, beta).dims;
    Checks.that(
        groups > 0 && dims[1] % groups == 0,
        () -> "group_norm: " + groups + " groups of the channels of " + x.shape());
    int each = dims[1] / groups;
    Layout layout =
        new Layout(
            "group_norm",
            new int[] {dims[0], groups, each, dims[2]},
            new int[] {dims[0], groups, 1, 1},
            new int[] {1, groups, each, 1});
    return normalize(layout, x, null, gamma, beta, null, null, 0, eps, false, true);
  }

  /**
   * Layer normalisation over the last dimensions.
   *
   * @param shape those dimensions
   * @param gamma scale of that shape, or null
   * @param beta shift of that shape, or null
   * @param eps added to the variance
   */
  public static Tensor layerNorm(Tensor x, Shape shape, Tensor gamma, Tensor beta, double eps) {
    Layout layout = last("layer_norm", x, shape, gamma, beta);
    Tensor y = normalize(layout, x, null, gamma, beta, null, null, 0, eps, false, true);
    Tracer.current().operation("layer_norm", y, new Tensor[] {x, gamma, beta}, shape.rank(), eps);
    return y;
  }

  /**
   * Division by the root of the mean square over the last dimensions.
   *
   * @param shape those dimensions
   * @param gamma scale of that shape, or null
   * @param eps added to the mean square
   */
  public static Tensor rmsNorm(Tensor x, Shape shape, Tensor gamma, double eps) {
    Layout layout = last("rms_norm", x, shape, gamma, null);
    return normalize(layout, x, null, gamma, null, null, null, 0, eps, false, false);
  }

  /** Checks the operands of {@link #batchNormInference}. */
  static void check(Tensor x, Tensor residual, Tensor... perChannel) {
    channels("batch_norm", x, residual, perChannel);
  }

  private static Layout channels(String name, Tensor x, Tensor residual, Tensor... perChannel) {
    Checks.alike(name, x, residual);
    Checks.alike(name, x, perChannel);
    Checks.that(
        x.shape().rank() >= 2, () -> name + " needs an input of [N, C, ...], not " + x.shape());
    for (Tensor t : perChannel) {
      Checks.that(
          t == null || t.size() == x.dim(1),
          () -> name + ": " + t.shape() + " for the channels of an input of " + x.shape());
    }
    if (residual != null) {
      Checks.sameShape(name + " residual", x, residual);
    }
    int n = x.dim(0);
    int c = x.dim(1);
    int rest = 1;
    for (int d = 2; d < x.shape().rank(); d++) {
      rest *= x.dim(d);
    }
    int[] weights = {1, c, 1};
    return new Layout(name, new int[] {n, c, rest}, weights, weights);
  }

  private static Layout last(String name, Tensor x, Shape shape, Tensor gamma, Tensor beta) {
    Checks.alike(name, x, gamma, beta);
    int added = x.shape().rank() - shape.rank();
    int rows = 1;
    boolean fits = added >= 0 && shape.rank() > 0;
    for (int d = 0; fits && d < x.shape().rank(); d++) {
      rows *= d < added ? x.dim(d) : 1;
      fits = d < added || x.dim(d) == shape.dim(d - added);
    }
    Checks.that(fits, () -> name + ": " + x.shape() + " does not end with " + shape);
    for (Tensor t : new Tensor[] {gamma, beta}) {
      Checks.that(
          t == null || t.shape().equals(shape),
          () -> name + ": weights of " + t.shape() + " where " + shape + " is normalised");
    }
    int cols = shape.size();
    return new Layout(name, new int[] {rows, cols}, new int[] {rows, 1}, new int[] {1, cols});
  }

  private static View[] inputs(
      Layout layout, Tensor x, Tensor residual, Tensor gamma, Tensor beta, Tensor m, Tensor v) {
    return new View[] {
      view(x, layout.dims),
      repeated(gamma, layout.weights, layout.dims),
      repeated(beta, layout.weights, layout.dims),
      view(residual, layout.dims),
      repeated(m, layout.weights, layout.dims),
      repeated(v, layout.weights, layout.dims)
    };
  }

  private static void run(
      Cascade cascade,
      double[] numbers,
      Layout layout,
      Tensor x,
      View[] inputs,
      Tensor y,
      View... rows) {
    View[] outputs = {view(y, layout.dims)};
    CascadeOp.run(cascade, numbers, x.device(), x.type(), layout.rows, inputs, outputs, rows);
  }

  private static Tensor normalize(
      Layout layout,
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVar,
      double momentum,
      double eps,
      boolean relu,
      boolean centred) {
    boolean statistics = runningMean != null;
    NormCascades cascades =
        NormCascades.of(
            layout.name,
            centred,
            gamma,
            beta,
            residual,
            relu,
            statistics,
            layout.weightsOfRow(),
            false);
    double[] numbers = {layout.count(), eps, momentum};
    Tensor y = Checks.like(x);
    Tensor mean = centred ? row(x, layout.rows) : null;
    Tensor invStd = row(x, layout.rows);
    View[] inputs = inputs(layout, x, residual, gamma, beta, runningMean, runningVar);
    View[] rows = {view(mean, layout.rows), view(invStd, layout.rows), null, null};
    if (statistics) {
      rows[2] = View.dense(x.type(), runningMean.bufferToWrite(), layout.rows);
      rows[3] = View.dense(x.type(), runningVar.bufferToWrite(), layout.rows);
    }
    rows = Arrays.stream(rows).filter(v -> v != null).toArray(View[]::new);
    run(cascades.forward, numbers, layout, x, inputs, y, rows);
    int[] w = layout.weights;
    int[][] read = {layout.dims, w, w, layout.dims, w, w};
    if (!statistics) {
      Tensor[] operands = {x, gamma, beta, residual, null, null};
      Tracer.current().cascade(cascades.forward, numbers, layout.rows, operands, read, 6, y);
    }
    return Autograd.record(
        layout.name + "(x, residual, gamma, beta)",
        y,
        new Tensor[] {x, residual, gamma, beta},
        saved(x, relu ? y : null, gamma, mean, invStd),
        gy -> gradients(layout, cascades, numbers, x, residual, gamma, beta, y, mean, invStd, gy));
  }

  private static Tensor[] saved(Tensor... tensors) {
    return Arrays.stream(tensors).filter(t -> t != null).toArray(Tensor[]::new);
  }

  private static Tensor[] gradients(
      Layout layout,
      NormCascades cascades,
      double[] numbers,
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor invStd,
      Tensor gy) {
    int[] dims = layout.dims;
    boolean through = residual != null && residual.requiresGrad();
    boolean masked = cascades.relu && through;
    Tensor gGamma = gamma != null ? Checks.like(gamma) : null;
    Tensor gBeta = beta != null ? Checks.like(beta) : null;
    View[] weights = {view(gGamma, layout.weights), view(gBeta, layout.weights)};
    // Without an activation the gradient of the residual is gy, which then must stay.
    Tensor gResidual = masked ? Checks.inPlaceOf(gy) : through ? gy : null;
    Tensor gx = through ? Checks.like(x) : Checks.inPlaceOf(gy);
    View[] inputs = {
      view(x, dims),
      repeated(gamma, layout.weights, dims),
      cascades.relu ? view(y, dims) : null,
      repeated(mean, layout.rows, dims),
      repeated(invStd, layout.rows, dims),
      view(gy, dims)
    };
    View[] outputs = {
      view(gx, dims),
      masked ? view(gResidual, dims) : null,
      cascades.weightsOfRow ? null : weights[0],
      cascades.weightsOfRow ? null : weights[1]
    };
    // Where there is one weight for each row, its gradient is what the row keeps.
    boolean direct = cascades.weightsOfRow && Arrays.equals(layout.rows, layout.weights);
    try (Tensor sum = direct && gBeta != null ? gBeta.detach() : row(x, layout.rows);
        Tensor product = direct && gGamma != null ? gGamma.detach() : row(x, layout.rows)) {
      CascadeOp.run(
          masked ? cascades.backwardWithResidual : cascades.backward,
          numbers,
          x.device(),
          x.type(),
          layout.rows,
          inputs,
          Arrays.stream(outputs).filter(v -> v != null).toArray(View[]::new),
          view(sum, layout.rows),
          view(product, layout.rows));
      if (cascades.weightsOfRow && !direct) {
        sum(x, new View[] {view(product, layout.rows)}, weights[0]);
        sum(x, new View[] {view(sum, layout.rows)}, weights[1]);
      }
    }
    return new Tensor[] {gx, gResidual, gGamma, gBeta};
  }

  private static void sum(Tensor x, View[] operands, View y) {
    if (y != null) {
      Maps maps = x.device().kernels().maps();
      maps.reduce(Reducer.SUM, Formula.IDENTITY, NONE, operands, y);
    }
  }
}
