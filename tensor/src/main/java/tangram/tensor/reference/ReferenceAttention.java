package tangram.tensor.reference;

import java.util.Arrays;
import tangram.tensor.Buffer;
import tangram.tensor.View;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;

/** One query at a time. */
final class ReferenceAttention implements Attention {
  /** One attention's part of a view. */
  private record Matrix(double[] x, int at, int row, int col) {
    static Matrix of(View view, int attention) {
      return view == null
          ? null
          : new Matrix(
              view.buffer().doubles(),
              AttentionOperands.begin(view, attention),
              AttentionOperands.rowStep(view),
              AttentionOperands.colStep(view));
    }

    double get(int i, int j) {
      return x[at + i * row + j * col];
    }

    void set(int i, int j, double value) {
      x[at + i * row + j * col] = value;
    }

    void add(int i, int j, double value) {
      x[at + i * row + j * col] += value;
    }
  }

  @Override
  public void attention(AttentionOperands o, View y, Buffer logSumExp) {
    for (int b = 0; b < o.batch(); b++) {
      Matrix value = Matrix.of(o.value(), b);
      Matrix out = Matrix.of(y, b);
      for (int i = 0; i < o.queries(); i++) {
        double[] p = scores(o, b, i);
        double max = Arrays.stream(p).max().orElse(Double.NEGATIVE_INFINITY);
        double shift = max == Double.NEGATIVE_INFINITY ? 0 : max;
        double sum = 0;
        for (int j = 0; j < p.length; j++) {
          p[j] = Math.exp(p[j] - shift);
          sum += p[j];
        }
        logSumExp.doubles()[logSumExp.offset() + b * o.queries() + i] =
            sum == 0 ? Double.POSITIVE_INFINITY : shift + Math.log(sum);
        for (int e = 0; e < o.valueWidth(); e++) {
          double total = 0;
          for (int j = 0; j < p.length; j++) {
            total += p[j] * value.get(j, e);
          }
          out.set(i, e, sum == 0 ? 0 : total / sum);
        }
      }
    }
  }

  /** The scores of a query with the keys that it may see. */
  private static double[] scores(AttentionOperands o, int b, int i) {
    Matrix query = Matrix.of(o.query(), b);
    Matrix key = Matrix.of(o.key(), b);
    Matrix bias = Matrix.of(o.bias(), b);
    Matrix mask = Matrix.of(o.mask(), b);
    double[] score = new double[o.causal() ? Math.min(i + 1, o.keys()) : o.keys()];
    for (int j = 0; j < score.length; j++) {
      double dot = 0;
      for (int e = 0; e < o.width(); e++) {
        dot += query.get(i, e) * key.get(j, e);
      }
      score[j] = dot * o.scale();
      score[j] += bias == null ? 0 : bias.get(i, j);
      score[j] += mask == null ? 0 : mask.get(i, j);
    }
    return score;
  }

  /**
   * With {@code gp[i, j] = gy[i] . value[j]} and the gradient of the scores {@code gs[i, j] = p[i,
   * j] (gp[i, j] - gy[i] . y[i])}: {@code gValue[j] = sum_i p[i, j] gy[i]}, {@code gQuery[i] =
   * scale sum_j gs[i, j] key[j]}, {@code gKey[j] = scale sum_i gs[i, j] query[i]} and {@code gBias
   * = gs}.
   */
  @Override
  public void attentionBackward(
      AttentionOperands o,
      View y,
      Buffer logSumExp,
      View gy,
      View gQuery,
      View gKey,
      View gValue,
      View gBias) {
    View biases = gBias;
    if (gBias != null) {
      int[] dims = o.query().dims().clone();
      dims[dims.length - 1] = o.keys();
      biases = gBias.expand(dims);
    }
    for (View gradient : new View[] {gQuery, gKey, gValue, biases}) {
      for (int b = 0; gradient != null && b < o.batch(); b++) {
        Matrix m = Matrix.of(gradient, b);
        int rank = gradient.dims().length;
        for (int i = 0; i < gradient.dims()[rank - 2]; i++) {
          for (int j = 0; j < gradient.dims()[rank - 1]; j++) {
            m.set(i, j, 0);
          }
        }
      }
    }
    for (int b = 0; b < o.batch(); b++) {
      Matrix query = Matrix.of(o.query(), b);
      Matrix key = Matrix.of(o.key(), b);
      Matrix value = Matrix.of(o.value(), b);
      Matrix out = Matrix.of(y, b);
      Matrix g = Matrix.of(gy, b);
      Matrix gq = Matrix.of(gQuery, b);
      Matrix gk = Matrix.of(gKey, b);
      Matrix gv = Matrix.of(gValue, b);
      Matrix gb = Matrix.of(biases, b);
      for (int i = 0; i < o.queries(); i++) {
        double[] scores = scores(o, b, i);
        double log = logSumExp.doubles()[logSumExp.offset() + b * o.queries() + i];
        double dot = 0;
        for (int e = 0; e < o.valueWidth(); e++) {
          dot += g.get(i, e) * out.get(i, e);
        }
        for (int j = 0; j < scores.length; j++) {
          double p = Math.exp(scores[j] - log);
          double gp = 0;
          for (int e = 0; e < o.valueWidth(); e++) {
            gp += g.get(i, e) * value.get(j, e);
            gv.add(j, e, p * g.get(i, e));
          }
          double gs = p * (gp - dot);
          for (int e = 0; e < o.width(); e++) {
            gq.add(i, e, gs * o.scale() * key.get(j, e));
            gk.add(j, e, gs * o.scale() * query.get(i, e));
          }
          if (gb != null) {
            gb.add(i, j, gs);
          }
        }
      }
    }
  }
}
