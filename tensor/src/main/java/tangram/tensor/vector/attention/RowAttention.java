package tangram.tensor.vector.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.vector.gemm.RowGemm;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * Attention of a single query to many keys, as when a text is continued token by token. Memory
 * limits it: keys and values are read once, where they lie.
 */
final class RowAttention {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private RowAttention() {}

  /** Whether there is one query, nothing is added or hidden, and rows are contiguous. */
  static boolean suits(AttentionOperands o) {
    return o.queries() == 1
        && o.bias() == null
        && o.mask() == null
        && (!o.causal() || o.keys() == 1)
        && AttentionOperands.colStep(o.key()) == 1
        && AttentionOperands.colStep(o.value()) == 1;
  }

  /** Computes the result of one attention of the batch. */
  static void run(AttentionOperands o, View y, Buffer logSumExp, int attention) {
    int width = o.width();
    int valueWidth = o.valueWidth();
    int keys = o.keys();
    float[] work = Scratch.task(Rows.padded(width) + Rows.padded(keys) + (long) valueWidth);
    int query = Scratch.ALIGNED;
    int scores = query + Rows.padded(width);
    int sums = scores + Rows.padded(keys);
    float[] q = o.query().buffer().floats();
    int from = AttentionOperands.begin(o.query(), attention);
    int step = AttentionOperands.colStep(o.query());
    for (int e = 0; e < width; e++) {
      work[query + e] = q[from + e * step] * (float) o.scale();
    }
    Arrays.fill(work, scores, scores + keys, 0);
    RowGemm.dots(
        width,
        work,
        query,
        o.key().buffer().floats(),
        AttentionOperands.begin(o.key(), attention),
        AttentionOperands.rowStep(o.key()),
        0,
        keys,
        work,
        scores);
    float largest = largest(work, scores, keys);
    // Without a score there is nothing to subtract.
    float total = exps(work, scores, keys, largest == Float.NEGATIVE_INFINITY ? 0 : largest);
    Arrays.fill(work, sums, sums + valueWidth, 0);
    RowGemm.sums(
        keys,
        work,
        scores,
        o.value().buffer().floats(),
        AttentionOperands.begin(o.value(), attention),
        AttentionOperands.rowStep(o.value()),
        work,
        sums,
        valueWidth);
    float inverse = total == 0 ? 0 : 1 / total;
    float[] to = y.buffer().floats();
    int at = AttentionOperands.begin(y, attention);
    int toStep = AttentionOperands.colStep(y);
    for (int e = 0; e < valueWidth; e++) {
      to[at + e * toStep] = work[sums + e] * inverse;
    }
    logSumExp.floats()[logSumExp.offset() + attention] =
        total == 0 ? Float.POSITIVE_INFINITY : largest + (float) Math.log(total);
  }

  private static float largest(float[] x, int at, int n) {
    FloatVector max = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      max = VectorMath.max(max, FloatVector.fromArray(S, x, at + i));
    }
    float largest = VectorMath.max(max);
    for (; i < n; i++) {
      largest = x[at + i] > largest ? x[at + i] : largest;
    }
    return largest;
  }

  /** Turns numbers into exponentials, a number subtracted, and adds them up. */
  private static float exps(float[] x, int at, int n, float largest) {
    FloatVector sum = FloatVector.zero(S);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, x, at + i).sub(largest));
      e.intoArray(x, at + i);
      sum = e.add(sum);
    }
    float total = VectorMath.sum(sum);
    for (; i < n; i++) {
      x[at + i] = VectorMath.exp(x[at + i] - largest);
      total += x[at + i];
    }
    return total;
  }
}
