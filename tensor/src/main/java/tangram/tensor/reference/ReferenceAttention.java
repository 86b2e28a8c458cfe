package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionShape;

/**
 * For window b, head h and tokens i, j: {@code score[i, j] = q[i] . k[j] / sqrt(d) + bias[h, i, j]
 * + mask[b % windowsPerImage, i, j]; p = softmax_j(score); out[i] = sum_j p[i, j] v[j]}.
 */
final class ReferenceAttention implements Attention {
  /** Positions of query, key and value in the third dimension of qkv. */
  private static final int Q = 0;

  private static final int K = 1;
  private static final int V = 2;

  @Override
  public void windowAttention(
      AttentionShape shape,
      Buffer qkvBuffer,
      Buffer biasBuffer,
      Buffer maskBuffer,
      Buffer probabilitiesBuffer,
      Buffer outBuffer) {
    int tokens = shape.tokens();
    int d = shape.headDim();
    Reals qkv = qkv(shape, qkvBuffer);
    Reals bias = bias(shape, biasBuffer);
    Reals mask =
        maskBuffer == null ? null : Reals.of(maskBuffer, shape.windowsPerImage(), tokens, tokens);
    Reals probabilities = probabilities(shape, probabilitiesBuffer);
    Reals out = out(shape, outBuffer);
    for (int b = 0; b < shape.windows(); b++) {
      for (int h = 0; h < shape.heads(); h++) {
        for (int i = 0; i < tokens; i++) {
          double[] score = new double[tokens];
          double max = Double.NEGATIVE_INFINITY;
          for (int j = 0; j < tokens; j++) {
            double dot = 0;
            for (int e = 0; e < d; e++) {
              dot += qkv.get(b, i, Q, h, e) * qkv.get(b, j, K, h, e);
            }
            score[j] = dot / Math.sqrt(d) + bias.get(h, i, j);
            if (mask != null) {
              score[j] += mask.get(b % shape.windowsPerImage(), i, j);
            }
            max = Math.max(max, score[j]);
          }
          double sum = 0;
          for (int j = 0; j < tokens; j++) {
            sum += Math.exp(score[j] - max);
          }
          for (int j = 0; j < tokens; j++) {
            probabilities.set(b, h, i, j, Math.exp(score[j] - max) / sum);
          }
          for (int e = 0; e < d; e++) {
            double value = 0;
            for (int j = 0; j < tokens; j++) {
              value += probabilities.get(b, h, i, j) * qkv.get(b, j, V, h, e);
            }
            out.set(b, i, h, e, value);
          }
        }
      }
    }
  }

  /**
   * With {@code gp[i, j] = gOut[i] . v[j]} and the gradient of softmax {@code gs[i, j] = p[i, j]
   * (gp[i, j] - sum_l p[i, l] gp[i, l])}: {@code gv[j] = sum_i p[i, j] gOut[i]}, {@code gq[i] =
   * sum_j gs[i, j] k[j] / sqrt(d)}, {@code gk[j] = sum_i gs[i, j] q[i] / sqrt(d)} and {@code
   * gBias[i, j] = sum over windows of gs[i, j]}.
   */
  @Override
  public void windowAttentionBackward(
      AttentionShape shape,
      Buffer qkvBuffer,
      Buffer probabilitiesBuffer,
      Buffer gOutBuffer,
      Buffer gQkvBuffer,
      Buffer gBiasBuffer) {
    int tokens = shape.tokens();
    int d = shape.headDim();
    double scale = 1 / Math.sqrt(d);
    Reals qkv = qkv(shape, qkvBuffer);
    Reals probabilities = probabilities(shape, probabilitiesBuffer);
    Reals gOut = out(shape, gOutBuffer);
    Reals gQkv = qkv(shape, gQkvBuffer);
    Reals gBias = bias(shape, gBiasBuffer);
    gQkv.fill(0);
    gBias.fill(0);
    for (int b = 0; b < shape.windows(); b++) {
      for (int h = 0; h < shape.heads(); h++) {
        for (int i = 0; i < tokens; i++) {
          double[] gp = new double[tokens];
          double dot = 0;
          for (int j = 0; j < tokens; j++) {
            for (int e = 0; e < d; e++) {
              gp[j] += gOut.get(b, i, h, e) * qkv.get(b, j, V, h, e);
            }
            dot += probabilities.get(b, h, i, j) * gp[j];
          }
          for (int j = 0; j < tokens; j++) {
            double p = probabilities.get(b, h, i, j);
            double gs = p * (gp[j] - dot);
            gBias.add(h, i, j, gs);
            for (int e = 0; e < d; e++) {
              gQkv.add(b, i, Q, h, e, gs * scale * qkv.get(b, j, K, h, e));
              gQkv.add(b, j, K, h, e, gs * scale * qkv.get(b, i, Q, h, e));
              gQkv.add(b, j, V, h, e, p * gOut.get(b, i, h, e));
            }
          }
        }
      }
    }
  }

  private static Reals qkv(AttentionShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.windows(), shape.tokens(), 3, shape.heads(), shape.headDim());
  }

  private static Reals bias(AttentionShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.heads(), shape.tokens(), shape.tokens());
  }

  private static Reals probabilities(AttentionShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.windows(), shape.heads(), shape.tokens(), shape.tokens());
  }

  private static Reals out(AttentionShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.windows(), shape.tokens(), shape.heads(), shape.headDim());
  }
}
