package tangram.tensor.vector.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;

/** Gradients by some keys and all queries of an attention, on one thread. */
final class AttentionBackward {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Queries of a block. */
  private static final int QUERIES = 64;

  /** Keys of a block. */
  static final int KEYS = 64;

  /**
   * What the passes read and write besides the operands.
   *
   * @param partial sums of the gradient of the bias, transposed, and from queriesAt on sums of that
   *     of the queries, one for each part of the keys
   * @param query elements of one of these; 0 if keys have one part, which then writes gQuery
   */
  record Gradients(
      View y,
      Buffer logSumExp,
      View gy,
      View gQuery,
      View gKey,
      View gValue,
      float[] partial,
      int queriesAt,
      int query) {}

  private final AttentionOperands o;
  private final Added bias;
  private final Added mask;
  private final Gradients g;
  private final Rows query = new Rows();
  private final Rows key = new Rows();
  private final Rows value = new Rows();
  private final Rows y = new Rows();
  private final Rows gy = new Rows();

  /** See {@link Rows#fetch}; kept, or the compiler would leave it out. */
  private int fetched;

  private final int width;
  private final int valueWidth;
  private final float[] work;

  // Parts of the work.
  private final int turnedQuery;
  private final int turnedGy;
  private final int scores;
  private final int gScores;
  private final int added;
  private final int queryRows;
  private final int gyRows;
  private final int yRows;
  private final int keyRows;
  private final int valueRows;
  private final int logs;
  private final int dots;
  private final int gQuery;
  private final int gKey;
  private final int gValue;

  AttentionBackward(AttentionOperands o, Added bias, Added mask, Gradients g, int keys) {
    this.o = o;
    this.bias = bias;
    this.mask = mask;
    this.g = g;
    width = Rows.padded(o.width());
    valueWidth = Rows.padded(o.valueWidth());
    int n = Rows.padded(Math.min(QUERIES, o.queries()));
    int m = Math.min(KEYS, keys);
    turnedQuery = Scratch.ALIGNED;
    turnedGy = turnedQuery + o.width() * n;
    scores = turnedGy + o.valueWidth() * n;
    gScores = scores + m * n;
    added = gScores + m * n;
    queryRows = added + m * n;
    gyRows = queryRows + n * width;
    yRows = gyRows + n * valueWidth;
    keyRows = yRows + n * valueWidth;
    valueRows = keyRows + m * width;
    logs = valueRows + m * valueWidth;
    dots = logs + n;
    gQuery = dots + n;
    gKey = gQuery + n * width;
    gValue = gKey + keys * width;
    work = Scratch.task(gValue + (long) keys * valueWidth);
  }

  /**
   * One attention, by keys j0 to j1.
   *
   * @param biasAt where its gradient of the bias is added; negative if none is wanted
   */
  void run(int attention, int j0, int j1, int part, int biasAt) {
    for (View view : new View[] {o.query(), g.gy(), g.y(), g.gQuery()}) {
      fetched += Rows.fetch(view, attention, o.queries());
    }
    if (o.causal()) {
      // Not every block of queries sees these keys.
      Arrays.fill(work, gKey, gKey + (j1 - j0) * width, 0);
      Arrays.fill(work, gValue, gValue + (j1 - j0) * valueWidth, 0);
    }
    for (int i0 = 0; i0 < o.queries(); i0 += QUERIES) {
      int count = Math.min(QUERIES, o.queries() - i0);
      int end = o.causal() ? Math.min(j1, i0 + count) : j1;
      if (j0 < end) {
        load(attention, i0, count);
      } else {
        Arrays.fill(work, gQuery, gQuery + count * width, 0);
      }
      for (int j = j0; j < end; j += KEYS) {
        block(attention, i0, count, j, Math.min(KEYS, end - j), j - j0, biasAt);
      }
      if (g.query() == 0) {
        int begin = AttentionOperands.begin(g.gQuery(), attention);
        Rows.store(work, gQuery, width, (float) o.scale(), g.gQuery(), begin, i0, count);
      } else {
        int at = g.queriesAt() + part * g.query() + (attention * o.queries() + i0) * width;
        System.arraycopy(work, gQuery, g.partial(), at, count * width);
      }
    }
    int begin = AttentionOperands.begin(g.gKey(), attention);
    Rows.store(work, gKey, width, (float) o.scale(), g.gKey(), begin, j0, j1 - j0);
    begin = AttentionOperands.begin(g.gValue(), attention);
    Rows.store(work, gValue, valueWidth, 1, g.gValue(), begin, j0, j1 - j0);
  }

  /** Fetches all that belongs to some queries. */
  private void load(int attention, int i0, int count) {
    int n = Rows.padded(count);
    int begin = AttentionOperands.begin(o.query(), attention);
    Rows.columns(o.query(), begin, i0, count, o.width(), (float) o.scale(), work, turnedQuery);
    query.load(o.query(), begin, i0, count, o.width(), work, queryRows);
    begin = AttentionOperands.begin(g.gy(), attention);
    Rows.columns(g.gy(), begin, i0, count, o.valueWidth(), 1, work, turnedGy);
    gy.load(g.gy(), begin, i0, count, o.valueWidth(), work, gyRows);
    begin = AttentionOperands.begin(g.y(), attention);
    y.load(g.y(), begin, i0, count, o.valueWidth(), work, yRows);
    for (int i = 0; i < count; i++) {
      work[dots + i] = dot(gy.a, gy.at + i * gy.step, y.a, y.at + i * y.step, valueWidth);
    }
    Arrays.fill(work, dots + count, dots + n, 0);
    int from = g.logSumExp().offset() + attention * o.queries() + i0;
    System.arraycopy(g.logSumExp().floats(), from, work, logs, count);
    Arrays.fill(work, logs + count, logs + n, Float.POSITIVE_INFINITY);
  }

  private static float dot(float[] a, int ao, float[] b, int bo, int n) {
    FloatVector sum = FloatVector.zero(S);
    for (int i = 0; i < n; i += LANES) {
      sum = FloatVector.fromArray(S, a, ao + i).fma(FloatVector.fromArray(S, b, bo + i), sum);
    }
    return VectorMath.sum(sum);
  }

  private void block(int attention, int i0, int count, int j0, int m, int place, int biasAt) {
    int n = Rows.padded(count);
    int begin = AttentionOperands.begin(o.key(), attention);
    key.load(o.key(), begin, j0, m, o.width(), work, keyRows);
    begin = AttentionOperands.begin(o.value(), attention);
    value.load(o.value(), begin, j0, m, o.valueWidth(), work, valueRows);
    AttentionForward.scores(
        o, bias, mask, attention, i0, count, j0, m, key, work, turnedQuery, scores, added);
    int vw = o.valueWidth();
    VectorSmallProduct.multiply(
        m, n, vw, value.a, value.at, value.step, 1, work, turnedGy, n, work, gScores, n, false);
    softmaxGradient(m, n);
    if (biasAt >= 0) {
      int row = Rows.padded(o.queries());
      Added.addRows(work, gScores, n, g.partial(), biasAt + j0 * row + i0, row, m, n);
    }
    boolean more = o.causal() || i0 > 0;
    int to = gValue + place * valueWidth;
    VectorSmallProduct.multiply(
        m, valueWidth, count, work, scores, n, 1, gy.a, gy.at, gy.step, work, to, valueWidth, more);
    to = gKey + place * width;
    VectorSmallProduct.multiply(
        m, width, count, work, gScores, n, 1, query.a, query.at, query.step, work, to, width, more);
    more = place > 0;
    VectorSmallProduct.multiply(
        count, width, m, work, gScores, 1, n, key.a, key.at, key.step, work, gQuery, width, more);
  }

  /** Turns scores into probabilities p, and their gradient into p (g - dot) of the scores. */
  private void softmaxGradient(int m, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector log = FloatVector.fromArray(S, work, logs + i);
      FloatVector dot = FloatVector.fromArray(S, work, dots + i);
      for (int at = i; at < m * n; at += n) {
        FloatVector p = VectorMath.exp(FloatVector.fromArray(S, work, scores + at).sub(log));
        p.intoArray(work, scores + at);
        FloatVector.fromArray(S, work, gScores + at).sub(dot).mul(p).intoArray(work, gScores + at);
      }
    }
  }
}
