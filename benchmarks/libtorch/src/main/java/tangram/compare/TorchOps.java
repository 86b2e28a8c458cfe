package tangram.compare;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * The network's operations with libtorch, as PyTorch programs write them. What is one kernel here
 * and several there is several there; intermediate arrays are closed as soon as nothing reads them.
 */
final class TorchOps {
  private static final double BATCH_NORM_MOMENTUM = 0.1;
  private static final double EPS = 1e-5;

  /** The nearest neighbour, as DJL numbers modes of interpolation. */
  private static final int NEAREST = 0;

  private TorchOps() {}

  /** An array under another shape: a view where libtorch can make one. */
  static PtNDArray reshape(PtNDArray x, long... dims) {
    return JniUtils.reshape(x, dims);
  }

  /** A view with other order of dimensions. */
  static PtNDArray permute(PtNDArray x, long... dims) {
    return JniUtils.permute(x, dims);
  }

  /**
   * An array times a number. DJL's own {@code mul} of a number keeps it in memory of Java, which
   * the collector frees while libtorch still needs it for the gradient.
   */
  static PtNDArray scaled(PtNDArray x, double factor) {
    try (NDArray number = x.getManager().create((float) factor);
        PtNDArray kept = (PtNDArray) number.duplicate()) {
      return JniUtils.mul(x, kept);
    }
  }

  static PtNDArray softmax(PtNDArray x, int dim) {
    return JniUtils.softmax(x, dim, DataType.FLOAT32);
  }

  static PtNDArray conv2d(PtNDArray x, PtNDArray weight, PtNDArray bias, int stride, int padding) {
    Shape one = new Shape(1, 1);
    return JniUtils.convolution(
        x, weight, bias, new Shape(stride, stride), new Shape(padding, padding), one, 1);
  }

  /** Batch normalisation in training, moving the running statistics. */
  static PtNDArray batchNorm(
      PtNDArray x, PtNDArray gamma, PtNDArray beta, PtNDArray runningMean, PtNDArray runningVar) {
    return batchNorm(x, gamma, beta, runningMean, runningVar, true);
  }

  /** Batch normalisation; in evaluation by the running statistics. */
  static PtNDArray batchNorm(
      PtNDArray x,
      PtNDArray gamma,
      PtNDArray beta,
      PtNDArray runningMean,
      PtNDArray runningVar,
      boolean training) {
    // DJL's parameter names are in another order than the values it passes on.
    return JniUtils.batchNorm(
        x, runningMean, runningVar, gamma, beta, training, BATCH_NORM_MOMENTUM, EPS);
  }

  /** The rectifier, closing its input. */
  static PtNDArray reluOf(PtNDArray temporary) {
    try (temporary) {
      return JniUtils.relu(temporary);
    }
  }

  /** A sum, closing the first operand. */
  static PtNDArray addTo(PtNDArray temporary, PtNDArray x) {
    try (temporary) {
      return JniUtils.add(temporary, x);
    }
  }

  static PtNDArray layerNorm(PtNDArray x, PtNDArray gamma, PtNDArray beta) {
    return JniUtils.layerNorm(x, gamma.getShape(), gamma, beta, EPS);
  }

  static PtNDArray maxPool(PtNDArray x, int kernel, int stride, int padding) {
    return JniUtils.maxPool(
        x,
        new Shape(kernel, kernel),
        new Shape(stride, stride),
        new Shape(padding, padding),
        false);
  }

  /** Doubles height and width of [N, C, H, W]. */
  static PtNDArray upsampleNearest2x(PtNDArray x) {
    long[] size = {2 * x.getShape().get(2), 2 * x.getShape().get(3)};
    return JniUtils.interpolate(x, size, NEAREST, false);
  }

  static PtNDArray cat(PtNDArray a, PtNDArray b, int dim) {
    return JniUtils.cat(new PtNDArray[] {a, b}, dim);
  }

  /**
   * Attention within windows, as Swin's published code computes it: softmax(q k^T / sqrt(d) + bias
   * + mask) v.
   *
   * @param qkv [windows, tokens, 3 C], the last dimension ordered (q, k, v), then head
   * @param bias [heads, tokens, tokens]
   * @param mask [windows of an image, tokens, tokens], or null
   * @return [windows, tokens, C]
   */
  static PtNDArray windowAttention(PtNDArray qkv, PtNDArray bias, PtNDArray mask) {
    long windows = qkv.getShape().get(0);
    long tokens = qkv.getShape().get(1);
    long heads = bias.getShape().get(0);
    long dim = qkv.getShape().get(2) / (3 * heads);
    return Libtorch.scoped(
        () -> {
          PtNDArray split = permute(reshape(qkv, windows, tokens, 3, heads, dim), 2, 0, 3, 1, 4);
          PtNDArray q = JniUtils.getItem(split, new long[] {0}, qkv.getManager());
          PtNDArray k = JniUtils.getItem(split, new long[] {1}, qkv.getManager());
          PtNDArray v = JniUtils.getItem(split, new long[] {2}, qkv.getManager());
          PtNDArray scaled = scaled(q, 1 / Math.sqrt(dim));
          PtNDArray products = JniUtils.matmul(scaled, JniUtils.transpose(k, -2, -1));
          scaled.close();
          PtNDArray scores = addTo(products, bias);
          if (mask != null) {
            long perImage = mask.getShape().get(0);
            PtNDArray byImage =
                reshape(scores, windows / perImage, perImage, heads, tokens, tokens);
            scores.close();
            scores =
                reshape(
                    addTo(byImage, JniUtils.unsqueeze(mask, 1)), windows, heads, tokens, tokens);
          }
          PtNDArray probabilities = softmax(scores, -1);
          scores.close();
          PtNDArray attended = JniUtils.matmul(probabilities, v);
          return reshape(JniUtils.transpose(attended, 1, 2), windows, tokens, heads * dim);
        });
  }

  /** softmax(q k^T / sqrt(d) + mask) v over [batch, heads, tokens, d], composed. */
  static PtNDArray attention(PtNDArray q, PtNDArray k, PtNDArray v, boolean causal) {
    long tokens = q.getShape().get(2);
    long dim = q.getShape().get(3);
    return Libtorch.scoped(
        () -> {
          PtNDArray scaled = scaled(q, 1 / Math.sqrt(dim));
          PtNDArray scores = JniUtils.matmul(scaled, JniUtils.transpose(k, -2, -1));
          scaled.close();
          if (causal) {
            float[] later = new float[(int) (tokens * tokens)];
            for (int i = 0; i < tokens; i++) {
              for (int j = i + 1; j < tokens; j++) {
                later[(int) (i * tokens + j)] = Float.NEGATIVE_INFINITY;
              }
            }
            try (NDArray mask = q.getManager().create(later, new Shape(tokens, tokens))) {
              scores = addTo(scores, (PtNDArray) mask);
            }
          }
          PtNDArray probabilities = softmax(scores, -1);
          scores.close();
          return JniUtils.matmul(probabilities, v);
        });
  }

  /**
   * An LSTM or GRU of one layer in one direction.
   *
   * @param x input [T, N, in], state [N, size], which is the memory too, weights and biases of
   *     inputs and states
   */
  static PtNDArray recurrent(boolean lstm, PtNDArray[] x) {
    return Libtorch.scoped(
        () -> {
          PtNDArray state = reshape(x[1], 1, x[1].getShape().get(0), x[1].getShape().get(1));
          NDList parameters = new NDList(x[2], x[3], x[4], x[5]);
          NDList y =
              lstm
                  ? JniUtils.lstm(
                      x[0], new NDList(state, state), parameters, true, 1, 0, true, false, false)
                  : JniUtils.gru(x[0], state, parameters, true, 1, 0, true, false, false);
          return (PtNDArray) y.get(0);
        });
  }
}
