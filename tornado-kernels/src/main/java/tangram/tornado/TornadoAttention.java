package tangram.tornado;

import static tangram.tornado.AttentionKernels.ROWS;
import static tangram.tornado.AttentionKernels.ROW_THREADS;
import static tangram.tornado.AttentionKernels.THREADS_X;
import static tangram.tornado.AttentionKernels.THREADS_Y;
import static tangram.tornado.AttentionKernels.TILE_COLS;
import static tangram.tornado.AttentionKernels.TILE_ROWS;
import static tangram.tornado.Launch.blocks;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tangram.tensor.Buffer;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;

/**
 * Attention on the device, a box of the batch and of the queries at a time, whose scores fit a
 * region of bounded size.
 */
final class TornadoAttention implements Attention {
  private static final Kernel PRODUCT = new Kernel("attentionProduct", AttentionKernels::product);
  private static final Kernel SOFTMAX = new Kernel("attentionSoftmax", AttentionKernels::softmax);
  private static final Kernel SOFTMAX_GRADIENT =
      new Kernel("attentionSoftmaxGradient", AttentionKernels::softmaxGradient);
  private static final Kernel SUM = new Kernel("attentionSum", AttentionKernels::sumMatrices);

  static final List<Kernel> KERNELS = List.of(PRODUCT, SOFTMAX, SOFTMAX_GRADIENT, SUM);

  /** Scores of a box at most. */
  static final int SCORES = 1 << 24;

  /** Dimensions of a box. */
  private static final int BOX = 3;

  /** Matrices that are summed by one thread, at least. */
  private static final int CHUNK = 32;

  private static final int THREADS = 128;

  private final Launcher launcher;
  private final int most;

  TornadoAttention(Launcher launcher) {
    this(launcher, SCORES);
  }

  /** As the other, with another limit. */
  TornadoAttention(Launcher launcher, int most) {
    this.launcher = launcher;
    this.most = most;
  }

  /**
   * A matrix for every attention of a box: where the first begins, and the distances of rows,
   * columns and the box's dimensions.
   */
  private record Matrices(int at, int row, int col, int[] box) {
    Matrices transposed() {
      return new Matrices(at, col, row, box);
    }

    Matrices from(int i) {
      return new Matrices(at + i * row, row, col, box);
    }

    Launch addTo(Launch launch) {
      return launch.n(at, row, col, box[0], box[1], box[2]);
    }
  }

  /** Operands as matrices. */
  private record Matrix(int[] batch, int offset, int row, int col) {
    static Matrix of(View v) {
      if (v == null) {
        return null;
      }
      int rank = v.dims().length;
      int base = ((Slab) v.buffer().storage()).base();
      int[] strides = v.strides();
      int[] batch = Arrays.copyOf(strides, rank - 2);
      return new Matrix(batch, base + v.offset(), strides[rank - 2], strides[rank - 1]);
    }

    static Matrix ofSums(AttentionOperands o, Buffer logSumExp) {
      int rank = o.query().dims().length;
      int[] dims = Arrays.copyOf(o.query().dims(), rank - 1);
      int[] batch = Arrays.copyOf(View.rowMajor(dims), rank - 2);
      return new Matrix(batch, Launch.offset(logSumExp), 1, 0);
    }
  }

  /**
   * A part of the batch and of the queries.
   *
   * @param call which element of the walk's dimensions before those of a box
   * @param first where it begins along the dimensions of a box
   * @param i0 its first query
   * @param rows number of its queries
   */
  private record Box(
      AttentionOperands o,
      Matrix[] operands,
      Walk walk,
      int call,
      int[] first,
      int[] sizes,
      int i0,
      int rows) {
    /** Dimensions of the walk before those of a box. */
    int outer() {
      return Math.max(0, walk.rank() - BOX);
    }

    int count() {
      return sizes[0] * sizes[1] * sizes[2];
    }

    int scores() {
      return count() * rows * o.keys();
    }

    /** The distance of an operand along one of the box's dimensions. */
    int step(int operand, int d) {
      return TornadoAttention.step(walk, operand, d);
    }

    Matrices of(int operand) {
      Matrix m = operands[operand];
      if (m == null) {
        return new Matrices(0, 0, 0, new int[BOX]);
      }
      int at = walk.place(operand, outer(), call);
      int[] steps = new int[BOX];
      for (int d = 0; d < BOX; d++) {
        steps[d] = step(operand, d);
        at += first[d] * steps[d];
      }
      return new Matrices(at, m.row, m.col, steps);
    }

    /** Scores in scratch memory. */
    Matrices scores(int at) {
      int area = rows * o.keys();
      int[] steps = {sizes[1] * sizes[2] * area, sizes[2] * area, area};
      return new Matrices(at, o.keys(), 1, steps);
    }

    /** Whether nothing was added yet to a gradient that is shared along some dimensions. */
    boolean isFirst(int operand) {
      boolean isFirst = true;
      int rest = call;
      for (int d = outer() - 1; d >= 0; d--) {
        isFirst &= walk.stride(operand, d) != 0 || rest % walk.dim(d) == 0;
        rest /= walk.dim(d);
      }
      for (int d = 0; d < BOX; d++) {
        isFirst &= step(operand, d) != 0 || first[d] == 0;
      }
      return isFirst;
    }

    Launch product(int m, int n, int k, int kinds) {
      int tilesX = blocks(n, TILE_COLS);
      return Launch.of(PRODUCT)
          .n(m, n, k, tilesX, sizes[1], sizes[2])
          .groups(
              n == 0 ? 0 : count(), blocks(m, TILE_ROWS) * tilesX, kinds, THREADS_X, THREADS_Y, 1);
    }
  }

  /** Scores of a box, without bias and mask. */
  private void scores(Box box, int scores) {
    AttentionOperands o = box.o;
    Launch product = box.product(box.rows, o.keys(), o.width(), 1);
    Matrices q = box.of(Q).from(box.i0);
    launcher.launch(add(product, q, box.of(K).transposed(), box.scores(scores), o.scale(), false));
  }

  /** Turns scores of a box into probabilities, and the gradient of these into that of scores. */
  private void softmax(Kernel kernel, Box box, int scores, int gradient) {
    AttentionOperands o = box.o;
    int rows = box.count() * box.rows;
    Launch launch =
        Launch.of(kernel)
            .n(scores, gradient, rows, o.keys(), box.sizes[1], box.sizes[2], box.rows, box.i0)
            .flag(o.causal(), o.bias() != null, o.mask() != null);
    box.of(BIAS).addTo(launch);
    box.of(MASK).addTo(launch);
    Matrices sums = box.of(SUMS);
    launch.n(sums.at, sums.box[0], sums.box[1], sums.box[2]);
    launcher.launch(launch.groups(blocks(rows, ROWS), 1, 1, ROW_THREADS, ROWS, 1));
  }

  private interface Work {
    void on(Box box);
  }

  private static final int Q = 0;
  private static final int K = 1;
  private static final int V = 2;
  private static final int BIAS = 3;
  private static final int MASK = 4;
  private static final int SUMS = 5;
  private static final int Y = 6;
  private static final int GQ = 7;
  private static final int GK = 8;
  private static final int GV = 9;
  private static final int GBIAS = 10;

  private void boxes(AttentionOperands o, Buffer logSumExp, View[] further, Work work) {
    View[] views = {o.query(), o.key(), o.value(), o.bias(), o.mask()};
    Matrix[] operands = new Matrix[Y + further.length];
    for (int v = 0; v < views.length; v++) {
      operands[v] = Matrix.of(views[v]);
    }
    operands[SUMS] = Matrix.ofSums(o, logSumExp);
    for (int v = 0; v < further.length; v++) {
      operands[Y + v] = Matrix.of(further[v]);
    }
    int[] dims = o.query().dims();
    Walk walk =
        new Walk(
            IntStream.range(0, dims.length - 2).toArray(),
            dims,
            Arrays.stream(operands).map(m -> m == null ? null : m.batch).toArray(int[][]::new),
            Arrays.stream(operands).mapToInt(m -> m == null ? 0 : m.offset).toArray());
    int outer = Math.max(0, walk.rank() - BOX);
    int rows = Math.min(o.queries(), Math.max(1, most / o.keys()));
    int[] whole = new int[BOX];
    int[] sizes = new int[BOX];
    long area = (long) rows * o.keys();
    boolean fits = rows == o.queries();
    for (int d = BOX - 1; d >= 0; d--) {
      int from = d - (BOX - (walk.rank() - outer));
      whole[d] = from < 0 ? 1 : walk.dim(outer + from);
      sizes[d] = fits ? (int) Math.max(1, Math.min(whole[d], most / area)) : 1;
      fits &= sizes[d] == whole[d];
      area *= sizes[d];
    }
    for (int call = 0; call < walk.size(0, outer); call++) {
      for (int x0 = 0; x0 < whole[0]; x0 += sizes[0]) {
        for (int x1 = 0; x1 < whole[1]; x1 += sizes[1]) {
          for (int x2 = 0; x2 < whole[2]; x2 += sizes[2]) {
            for (int i0 = 0; i0 < o.queries(); i0 += rows) {
              int[] first = {x0, x1, x2};
              int[] these = new int[BOX];
              for (int d = 0; d < BOX; d++) {
                these[d] = Math.min(sizes[d], whole[d] - first[d]);
              }
              int count = Math.min(rows, o.queries() - i0);
              work.on(new Box(o, operands, walk, call, first, these, i0, count));
            }
          }
        }
      }
    }
  }

  private static int step(Walk walk, int operand, int d) {
    int outer = Math.max(0, walk.rank() - BOX);
    int from = d - (BOX - (walk.rank() - outer));
    return from < 0 ? 0 : walk.stride(operand, outer + from);
  }

  @Override
  public void attention(AttentionOperands o, View y, Buffer logSumExp) {
    boxes(
        o,
        logSumExp,
        new View[] {y},
        box -> {
          int scores = launcher.scratch(box.scores());
          scores(box, scores);
          softmax(SOFTMAX, box, scores, 0);
          Launch second = box.product(box.rows, o.valueWidth(), o.keys(), 1);
          Matrices out = box.of(Y).from(box.i0);
          launcher.launch(add(second, box.scores(scores), box.of(V), out, 1, false));
        });
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
    int[] scoresOf = o.query().dims().clone();
    scoresOf[scoresOf.length - 1] = o.keys();
    View biases = gBias == null ? null : gBias.expand(scoresOf);
    boxes(
        o,
        logSumExp,
        new View[] {gy, gQuery, gKey, gValue, biases},
        box -> {
          int size = box.scores();
          int p = launcher.scratch(2 * size + (gBias == null ? 0 : blocks(size, CHUNK)));
          int gScores = p + size;
          int keys = o.keys();
          int ev = o.valueWidth();
          scores(box, p);
          Matrices g = box.of(Y).from(box.i0);
          Matrices gs = box.scores(gScores);
          launcher.launch(
              add(box.product(box.rows, keys, ev, 1), g, box.of(V).transposed(), gs, 1, false));
          softmax(SOFTMAX_GRADIENT, box, p, gScores);
          Matrices q = box.of(Q).from(box.i0);
          Matrices gq = box.of(GQ).from(box.i0);
          boolean more = box.i0 > 0;
          Matrices ps = box.scores(p).transposed();
          // Three products in one call if they have one size.
          boolean even = box.rows == keys && o.width() == ev;
          Launch launch = box.product(box.rows, o.width(), keys, even ? 3 : 1);
          add(launch, gs, box.of(K), gq, o.scale(), false);
          if (!even) {
            launcher.launch(launch);
            launch = box.product(keys, o.width(), box.rows, 1);
          }
          add(launch, gs.transposed(), q, box.of(GK), o.scale(), more);
          if (!even) {
            launcher.launch(launch);
            launch = box.product(keys, ev, box.rows, 1);
          }
          launcher.launch(add(launch, ps, g, box.of(GV), 1, more));
          if (biases != null) {
            sumBiases(box, gScores, gScores + size);
          }
        });
  }

  /** Adds gradients of scores to that of the bias, over the dimensions along which it is shared. */
  private void sumBiases(Box box, int gScores, int parts) {
    Matrices from = box.scores(gScores);
    Matrices to = box.of(GBIAS).from(box.i0);
    int[] stay = new int[BOX];
    int[] summed = new int[BOX];
    int combinations = 1;
    for (int d = 0; d < BOX; d++) {
      boolean shared = to.box[d] == 0;
      stay[d] = shared ? 1 : box.sizes[d];
      summed[d] = shared ? box.sizes[d] : 1;
      combinations *= summed[d];
    }
    int area = box.rows * box.o.keys();
    int size = stay[0] * stay[1] * stay[2] * area;
    int chunk = Math.max(CHUNK, (int) Math.sqrt(combinations));
    int chunks = blocks(combinations, chunk);
    boolean more = !box.isFirst(GBIAS);
    if (chunks == 1) {
      launcher.launch(sum(box, from, stay, summed, from.box, to, 0, chunk, more));
      return;
    }
    int[] dense = {stay[1] * stay[2] * area, stay[2] * area, area};
    Matrices part = new Matrices(parts, box.o.keys(), 1, dense);
    launcher.launch(sum(box, from, stay, summed, from.box, part, size, chunk, false));
    int[] each = {1, 1, chunks};
    int[] steps = {0, 0, size};
    launcher.launch(sum(box, part, stay, each, steps, to, 0, chunks, more));
  }

  private static Launch sum(
      Box box,
      Matrices from,
      int[] stay,
      int[] summed,
      int[] steps,
      Matrices to,
      int part,
      int chunk,
      boolean more) {
    int combinations = summed[0] * summed[1] * summed[2];
    int size = stay[0] * stay[1] * stay[2] * box.rows * box.o.keys();
    Launch launch =
        Launch.of(SUM)
            .n(from.at, size, box.rows, box.o.keys(), stay[1], stay[2], from.box[0])
            .n(from.box[1], from.box[2], combinations, chunk, summed[1], summed[2])
            .n(steps[0], steps[1], steps[2]);
    to.addTo(launch);
    return launch
        .n(part)
        .flag(more)
        .groups(blocks(size, THREADS), blocks(combinations, chunk), 1, THREADS, 1, 1);
  }

  private static Launch add(
      Launch launch, Matrices a, Matrices b, Matrices c, double factor, boolean more) {
    a.addTo(launch);
    b.addTo(launch);
    c.addTo(launch);
    return launch.flag(more).s(factor);
  }
}
