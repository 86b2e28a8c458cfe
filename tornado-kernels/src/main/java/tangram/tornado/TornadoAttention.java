package tangram.tornado;

import static tangram.tornado.AttentionKernels.ROWS;
import static tangram.tornado.AttentionKernels.ROW_THREADS;
import static tangram.tornado.AttentionKernels.THREADS_X;
import static tangram.tornado.AttentionKernels.THREADS_Y;
import static tangram.tornado.AttentionKernels.TILE_COLS;
import static tangram.tornado.AttentionKernels.TILE_ROWS;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionShape;

/** Window attention on the device. */
final class TornadoAttention implements Attention {
  private static final Kernel PRODUCT = new Kernel("attentionProduct", AttentionKernels::product);
  private static final Kernel SOFTMAX = new Kernel("attentionSoftmax", AttentionKernels::softmax);
  private static final Kernel SOFTMAX_GRADIENT =
      new Kernel("attentionSoftmaxGradient", AttentionKernels::softmaxGradient);

  static final List<Kernel> KERNELS = List.of(PRODUCT, SOFTMAX, SOFTMAX_GRADIENT);

  /** Windows whose gradients of the bias are summed by one thread, at least. */
  private static final int BIAS_CHUNK = 32;

  private final Launcher launcher;

  TornadoAttention(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void windowAttention(
      AttentionShape shape,
      Buffer qkv,
      Buffer bias,
      Buffer mask,
      Buffer probabilities,
      Buffer out) {
    int tokens = shape.tokens();
    int d = shape.headDim();
    Matrices q = ofQkv(shape, qkv, 0);
    Matrices k = ofQkv(shape, qkv, 1);
    Matrices v = ofQkv(shape, qkv, 2);
    Matrices scores = ofScores(shape, Launch.offset(probabilities));
    Launch first = product(shape, tokens, d, 1);
    launcher.launch(add(first, q, k.transposed(), scores, 1 / Math.sqrt(d)));
    int rows = rows(shape);
    launcher.launch(
        Launch.of(SOFTMAX)
            .at(probabilities)
            .at(bias)
            .at(mask)
            .flag(mask != null)
            .n(rows)
            .n(tokens)
            .n(shape.heads())
            .n(shape.windowsPerImage())
            .groups(blocks(rows, ROWS), 1, 1, ROW_THREADS, ROWS, 1));
    Launch second = product(shape, d, tokens, 1);
    launcher.launch(add(second, scores, v, ofOut(shape, out), 1));
  }

  @Override
  public void windowAttentionBackward(
      AttentionShape shape,
      Buffer qkv,
      Buffer probabilities,
      Buffer gOut,
      Buffer gQkv,
      Buffer gBias) {
    int tokens = shape.tokens();
    int d = shape.headDim();
    int windows = shape.windows();
    int rows = rows(shape);
    int biasLength = shape.heads() * tokens * tokens;
    int chunk = Math.max(BIAS_CHUNK, (int) Math.sqrt(windows));
    int chunks = blocks(windows, chunk);
    int scratch = launcher.scratch((windows + chunks) * biasLength);
    int parts = scratch + windows * biasLength;

    Matrices p = ofScores(shape, Launch.offset(probabilities));
    Matrices gScores = ofScores(shape, scratch);
    Matrices g = ofOut(shape, gOut);
    Launch toScores = product(shape, tokens, d, 1);
    launcher.launch(add(toScores, g, ofQkv(shape, qkv, 2).transposed(), gScores, 1));
    launcher.launch(
        Launch.of(SOFTMAX_GRADIENT)
            .at(probabilities)
            .n(scratch)
            .n(rows)
            .n(tokens)
            .groups(blocks(rows, ROWS), 1, 1, ROW_THREADS, ROWS, 1));
    double scale = 1 / Math.sqrt(d);
    Launch toQkv = product(shape, d, tokens, 3);
    add(toQkv, gScores, ofQkv(shape, qkv, 1), ofQkv(shape, gQkv, 0), scale);
    add(toQkv, gScores.transposed(), ofQkv(shape, qkv, 0), ofQkv(shape, gQkv, 1), scale);
    add(toQkv, p.transposed(), g, ofQkv(shape, gQkv, 2), 1);
    launcher.launch(toQkv);
    int to = Launch.offset(gBias);
    if (chunks == 1) {
      launcher.launch(Parts.sum(scratch, to, biasLength, windows, windows));
    } else {
      launcher.launch(Parts.sum(scratch, parts, biasLength, windows, chunk));
      launcher.launch(Parts.sum(parts, to, biasLength, chunks, chunks));
    }
  }

  /**
   * A matrix for every window and head: where they begin, and the distances of rows, columns,
   * windows and heads.
   */
  private record Matrices(int at, int row, int col, int window, int head) {
    Matrices transposed() {
      return new Matrices(at, col, row, window, head);
    }
  }

  /** Queries (0), keys (1) or values (2): a token is a row. */
  private static Matrices ofQkv(AttentionShape shape, Buffer qkv, int which) {
    int width = shape.heads() * shape.headDim();
    return new Matrices(
        Launch.offset(qkv) + which * width,
        3 * width,
        1,
        3 * width * shape.tokens(),
        shape.headDim());
  }

  private static Matrices ofOut(AttentionShape shape, Buffer out) {
    int width = shape.heads() * shape.headDim();
    return new Matrices(Launch.offset(out), width, 1, width * shape.tokens(), shape.headDim());
  }

  private static Matrices ofScores(AttentionShape shape, int at) {
    int tokens = shape.tokens();
    int area = tokens * tokens;
    return new Matrices(at, tokens, 1, shape.heads() * area, area);
  }

  /** Products of the tokens' rows, for every window and head. */
  private static Launch product(AttentionShape shape, int cols, int steps, int kinds) {
    int tilesX = blocks(cols, TILE_COLS);
    return Launch.of(PRODUCT)
        .n(shape.tokens())
        .n(cols)
        .n(steps)
        .n(shape.heads())
        .n(tilesX)
        .groups(
            shape.windows() * shape.heads(),
            blocks(shape.tokens(), TILE_ROWS) * tilesX,
            kinds,
            THREADS_X,
            THREADS_Y,
            1);
  }

  private static Launch add(Launch launch, Matrices a, Matrices b, Matrices c, double factor) {
    return launch
        .n(a.at)
        .n(a.row)
        .n(a.col)
        .n(a.window)
        .n(a.head)
        .n(b.at)
        .n(b.row)
        .n(b.col)
        .n(b.window)
        .n(b.head)
        .n(c.at)
        .n(c.row)
        .n(c.window)
        .n(c.head)
        .s(factor);
  }

  private static int rows(AttentionShape shape) {
    return shape.windows() * shape.heads() * shape.tokens();
  }

  private static int blocks(int extent, int size) {
    return (extent + size - 1) / size;
  }
}
