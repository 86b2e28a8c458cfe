package tangram.tensor.vector.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * Blocks of queries, on one thread. Scores are computed transposed, [key, query]: then the softmax
 * of sixteen queries, say, runs in the lanes of a vector, and needs no sum or maximum across lanes.
 */
final class AttentionForward {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Queries of a block. */
  static final int QUERIES = 64;

  /** Keys that are looked at together. */
  private static final int KEYS = 128;

  private final AttentionOperands o;
  private final Added bias;
  private final Added mask;
  private final View y;
  private final Buffer logSumExp;
  private final Rows rows = new Rows();
  private final float[] work;

  /** See {@link Rows#fetch}; kept, or the compiler would leave it out. */
  private int fetched;

  private final int queries;
  private final int scores;
  private final int added;
  private final int loaded;
  private final int sums;
  private final int largest;
  private final int total;

  AttentionForward(AttentionOperands o, Added bias, Added mask, View y, Buffer logSumExp) {
    this.o = o;
    this.bias = bias;
    this.mask = mask;
    this.y = y;
    this.logSumExp = logSumExp;
    int n = Rows.padded(Math.min(QUERIES, o.queries()));
    int keys = Math.min(KEYS, o.keys());
    int width = Rows.padded(Math.max(o.width(), o.valueWidth()));
    queries = Scratch.ALIGNED;
    scores = queries + o.width() * n;
    added = scores + keys * n;
    loaded = added + keys * n;
    sums = loaded + keys * width;
    largest = sums + o.valueWidth() * n;
    total = largest + n;
    work = Scratch.task(total + n);
  }

  /** Computes the results of some queries. */
  void run(int attention, int i0) {
    int count = Math.min(QUERIES, o.queries() - i0);
    int n = Rows.padded(count);
    if (i0 == 0) {
      fetched +=
          Rows.fetch(o.query(), attention, o.queries())
              + Rows.fetch(o.value(), attention, o.keys());
    }
    int key = AttentionOperands.begin(o.key(), attention);
    int value = AttentionOperands.begin(o.value(), attention);
    int query = AttentionOperands.begin(o.query(), attention);
    Rows.columns(o.query(), query, i0, count, o.width(), (float) o.scale(), work, queries);
    Arrays.fill(work, sums, sums + o.valueWidth() * n, 0);
    Arrays.fill(work, largest, largest + n, Float.NEGATIVE_INFINITY);
    Arrays.fill(work, total, total + n, 0);
    int end = o.causal() ? Math.min(o.keys(), i0 + count) : o.keys();
    for (int j0 = 0; j0 < end; j0 += KEYS) {
      int m = Math.min(KEYS, end - j0);
      rows.load(o.key(), key, j0, m, o.width(), work, loaded);
      scores(o, bias, mask, attention, i0, count, j0, m, rows, work, queries, scores, added);
      softmax(m, n);
      rows.load(o.value(), value, j0, m, o.valueWidth(), work, loaded);
      VectorSmallProduct.multiply(
          o.valueWidth(),
          n,
          m,
          rows.a,
          rows.at,
          1,
          rows.step,
          work,
          scores,
          n,
          work,
          sums,
          n,
          true);
    }
    finish(attention, i0, count, n);
  }

  /** Scores of some queries, as columns in the work, with some keys. */
  static void scores(
      AttentionOperands o,
      Added bias,
      Added mask,
      int attention,
      int i0,
      int count,
      int j0,
      int m,
      Rows keys,
      float[] work,
      int queries,
      int scores,
      int added) {
    int n = Rows.padded(count);
    VectorSmallProduct.multiply(
        m, n, o.width(), keys.a, keys.at, keys.step, 1, work, queries, n, work, scores, n, false);
    bias.add(attention, i0, count, j0, m, work, scores, added);
    mask.add(attention, i0, count, j0, m, work, scores, added);
    if (o.causal()) {
      for (int j = Math.max(0, i0 + 1 - j0); j < m; j++) {
        int unseen = Math.min(n, j0 + j - i0);
        Arrays.fill(work, scores + j * n, scores + j * n + unseen, Float.NEGATIVE_INFINITY);
      }
    }
  }

  /**
   * Turns scores s into exp(s - largest), adds them to the totals, and scales what was summed
   * before down to the largest score that is known now.
   */
  private void softmax(int m, int n) {
    for (int i = 0; i < n; i += LANES) {
      int s = scores + i;
      FloatVector before = FloatVector.fromArray(S, work, largest + i);
      FloatVector even = before;
      FloatVector odd = before;
      int j = 0;
      for (; j <= m - 2; j += 2) {
        even = VectorMath.max(even, FloatVector.fromArray(S, work, s + j * n));
        odd = VectorMath.max(odd, FloatVector.fromArray(S, work, s + j * n + n));
      }
      if (j < m) {
        even = VectorMath.max(even, FloatVector.fromArray(S, work, s + j * n));
      }
      FloatVector max = VectorMath.max(even, odd);
      max.intoArray(work, largest + i);
      // A query that has seen nothing so far has no largest score to subtract.
      max = max.blend(0f, max.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
      FloatVector factor = VectorMath.exp(before.sub(max));
      FloatVector sum = FloatVector.fromArray(S, work, total + i).mul(factor);
      for (j = 0; j < m; j++) {
        FloatVector e = VectorMath.exp(FloatVector.fromArray(S, work, s + j * n).sub(max));
        e.intoArray(work, s + j * n);
        sum = e.add(sum);
      }
      sum.intoArray(work, total + i);
      if (factor.compare(VectorOperators.NE, 1f).anyTrue()) {
        for (int e = sums + i; e < largest; e += n) {
          FloatVector.fromArray(S, work, e).mul(factor).intoArray(work, e);
        }
      }
    }
  }

  private void finish(int attention, int i0, int count, int n) {
    int width = o.valueWidth();
    for (int i = 0; i < n; i += LANES) {
      FloatVector sum = FloatVector.fromArray(S, work, total + i);
      var empty = sum.compare(VectorOperators.EQ, 0f);
      FloatVector inverse = FloatVector.broadcast(S, 1f).div(sum).blend(0f, empty);
      for (int e = 0; e < width; e++) {
        int at = sums + e * n + i;
        FloatVector.fromArray(S, work, at).mul(inverse).intoArray(work, at);
      }
      // The logarithm knows nothing of NaN, which this difference keeps.
      VectorMath.log(sum)
          .add(FloatVector.fromArray(S, work, largest + i))
          .add(sum.sub(sum))
          .blend(Float.POSITIVE_INFINITY, empty)
          .intoArray(work, largest + i);
    }
    System.arraycopy(
        work,
        largest,
        logSumExp.floats(),
        logSumExp.offset() + attention * o.queries() + i0,
        count);
    int row = AttentionOperands.rowStep(y);
    int col = AttentionOperands.colStep(y);
    int at = AttentionOperands.begin(y, attention) + i0 * row;
    Rows.unturn(work, sums, n, width, count, y.buffer().floats(), at, row, col);
  }
}
