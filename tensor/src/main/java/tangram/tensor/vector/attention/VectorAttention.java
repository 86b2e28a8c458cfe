package tangram.tensor.vector.attention;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.reference.ReferenceDevice;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * {@link Attention} in blocks of queries and keys whose scores stay in the nearest caches. Double
 * precision, which is for checks, is left to the reference.
 */
public final class VectorAttention implements Attention {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** The gradient of the bias is summed over this many groups, then over the groups. */
  private static final int GROUPS = 32;

  /** Elements of such sums at most, so that large biases are summed one after the other. */
  private static final long SUMS = 1 << 24;

  /** Tasks that are wanted at least. */
  private static final int TASKS = 16;

  /** Multiply-adds of a task at least. */
  private static final long PRODUCTS = 1 << 19;

  private final Attention doubles = new ReferenceDevice().kernels().attention();

  @Override
  public void attention(AttentionOperands o, View y, Buffer logSumExp) {
    if (o.query().type() == DType.F64) {
      doubles.attention(o, y, logSumExp);
      return;
    }
    if (RowAttention.suits(o)) {
      long item = (long) o.keys() * (o.width() + o.valueWidth());
      VectorTiles.run(
          o.batch(),
          VectorTiles.items(item),
          (from, to) -> {
            for (int i = from; i < to; i++) {
              RowAttention.run(o, y, logSumExp, i);
            }
          });
      return;
    }
    Added bias = new Added(o.bias(), o);
    Added mask = new Added(o.mask(), o);
    turn(bias, mask, o);
    int blocks = VectorTiles.count(o.queries(), AttentionForward.QUERIES);
    VectorTiles.run(
        o.batch() * blocks,
        items(o, Math.min(AttentionForward.QUERIES, o.queries())),
        (from, to) -> {
          AttentionForward forward = new AttentionForward(o, bias, mask, y, logSumExp);
          for (int i = from; i < to; i++) {
            forward.run(i / blocks, i % blocks * AttentionForward.QUERIES);
          }
        });
  }

  private static void turn(Added bias, Added mask, AttentionOperands o) {
    long biases = bias.room(o);
    long masks = mask.room(o);
    float[] turned = Scratch.shared(biases + masks);
    bias.turnAll(turned, Scratch.ALIGNED, biases);
    mask.turnAll(turned, (int) (Scratch.ALIGNED + biases), masks);
  }

  private static int items(AttentionOperands o, int queries) {
    long item = (long) queries * o.keys() * (o.width() + o.valueWidth());
    return (int) Math.max(1, PRODUCTS / Math.max(1, item));
  }

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
    if (o.query().type() == DType.F64) {
      doubles.attentionBackward(o, y, logSumExp, gy, gQuery, gKey, gValue, gBias);
      return;
    }
    Added bias = new Added(o.bias(), o);
    Added mask = new Added(o.mask(), o);
    turn(bias, mask, o);
    int batch = o.batch();
    int matrices = gBias == null ? 1 : AttentionOperands.batch(gBias);
    boolean shared = gBias != null && matrices < batch;
    int matrix = gBias == null ? 0 : Math.multiplyExact(o.keys(), Rows.padded(o.queries()));
    // Attentions in groups. Where they share a bias, each group has sums, which are added in the
    // end.
    int each = shared ? VectorTiles.count(batch, GROUPS) : items(o, o.queries());
    if (shared && (long) VectorTiles.count(batch, each) * matrices * matrix > SUMS) {
      each = batch;
    }
    int group = each;
    int groups = VectorTiles.count(batch, group);
    int sums = Math.multiplyExact(matrices, matrix);
    // Keys in parts, if there is not enough else to do at the same time.
    int blocks = VectorTiles.count(o.keys(), AttentionBackward.KEYS);
    int wanted = Math.min(blocks, VectorTiles.count(TASKS, groups));
    int keys = VectorTiles.count(blocks, wanted) * AttentionBackward.KEYS;
    int parts = VectorTiles.count(o.keys(), keys);
    int query = parts == 1 ? 0 : batch * o.queries() * Rows.padded(o.width());
    int biases = Math.multiplyExact(shared ? groups : 1, sums);
    float[] partial = Scratch.floats(Scratch.PARTIAL, biases + (long) parts * query);
    AttentionBackward.Gradients gradients =
        new AttentionBackward.Gradients(
            y, logSumExp, gy, gQuery, gKey, gValue, partial, biases, query);
    VectorTiles.run(
        groups * parts,
        1,
        (from, to) -> {
          AttentionBackward backward =
              new AttentionBackward(o, bias, mask, gradients, Math.min(keys, o.keys()));
          for (int task = from; task < to; task++) {
            int part = task % parts;
            int first = task / parts * group;
            int last = Math.min(batch, first + group);
            int j0 = part * keys;
            int j1 = Math.min(o.keys(), j0 + keys);
            int sum = shared ? task / parts * sums : 0;
            int row = Rows.padded(o.queries());
            for (int i = shared ? 0 : first; gBias != null && i < (shared ? matrices : last); i++) {
              int at = sum + i * matrix;
              Arrays.fill(partial, at + j0 * row, at + j1 * row, 0);
            }
            for (int a = first; a < last; a++) {
              int at = gBias == null ? -1 : sum + matrixOf(gBias, o.query(), a) * matrix;
              backward.run(a, j0, j1, part, at);
            }
          }
        });
    if (parts > 1) {
      sumQueries(o, gQuery, partial, biases, parts, query);
    }
    if (gBias != null) {
      sumBiases(o, gBias, partial, shared ? groups : 1, matrices);
    }
  }

  /** Which of the matrices of the gradient of the bias an attention adds to. */
  private static int matrixOf(View gBias, View query, int attention) {
    int matrix = 0;
    int step = 1;
    int rest = attention;
    for (int d = query.dims().length - 3; d >= 0; d--) {
      int length = query.dims()[d];
      if (gBias.dims()[d] != 1) {
        matrix += rest % length * step;
        step *= length;
      }
      rest /= length;
    }
    return matrix;
  }

  private static void sumQueries(
      AttentionOperands o, View gQuery, float[] partial, int at, int parts, int size) {
    int step = Rows.padded(o.width());
    int rows = o.queries();
    VectorTiles.run(
        o.batch() * rows,
        VectorTiles.items((long) parts * step),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int sum = at + i * step;
            sumPartials(partial, sum, parts, size, step, partial, sum);
            int begin = AttentionOperands.begin(gQuery, i / rows);
            Rows.store(partial, sum, step, (float) o.scale(), gQuery, begin, i % rows, 1);
          }
        });
  }

  private static void sumBiases(
      AttentionOperands o, View gBias, float[] partial, int groups, int matrices) {
    int row = Rows.padded(o.queries());
    int matrix = o.keys() * row;
    int strip = 16;
    int strips = VectorTiles.count(o.keys(), strip);
    VectorTiles.run(
        matrices * strips,
        VectorTiles.items((long) groups * strip * row),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int j0 = i % strips * strip;
            int m = Math.min(strip, o.keys() - j0);
            int at = i / strips * matrix + j0 * row;
            sumPartials(partial, at, groups, matrices * matrix, m * row, partial, at);
            int step = AttentionOperands.rowStep(gBias);
            int col = AttentionOperands.colStep(gBias);
            int to0 = AttentionOperands.begin(gBias, i / strips) + j0 * col;
            float[] y = gBias.buffer().floats();
            Rows.unturn(partial, at, row, m, o.queries(), y, to0, step, col);
          }
        });
  }

  /**
   * y[j] = sum over i of p[i * stride + j], in order of i and with Kahan's compensation, so that
   * the number of partial sums costs no accuracy.
   */
  private static void sumPartials(
      float[] p, int po, int count, int stride, int cols, float[] y, int yo) {
    int j = 0;
    for (; j < S.loopBound(cols); j += LANES) {
      FloatVector s = FloatVector.zero(S);
      FloatVector lost = FloatVector.zero(S);
      for (int i = 0; i < count; i++) {
        FloatVector v = FloatVector.fromArray(S, p, po + i * stride + j).sub(lost);
        FloatVector t = v.add(s);
        lost = t.sub(s).sub(v);
        s = t;
      }
      s.intoArray(y, yo + j);
    }
    for (; j < cols; j++) {
      float s = 0;
      float lost = 0;
      for (int i = 0; i < count; i++) {
        float v = p[po + i * stride + j] - lost;
        float t = s + v;
        lost = t - s - v;
        s = t;
      }
      y[yo + j] = s;
    }
  }
}
