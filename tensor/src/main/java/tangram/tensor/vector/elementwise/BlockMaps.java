package tangram.tensor.vector.elementwise;

import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.vector.runtime.VectorTiles;
import tangram.tensor.vector.runtime.VectorTranspose;

/**
 * A formula where an operand steps by one along another dimension than the result, as a transposed
 * matrix does: in blocks of these two dimensions, so that whole cache lines are used on both sides.
 * Such operands are transposed block by block; a mere copy is nothing but that.
 */
final class BlockMaps {
  private static final int TILE = TileProgram.TILE;

  /** Sides of a block of a tile's size: few rows, which lie in as many pages. */
  private static final int WIDE = 128;

  private static final int FEW = 8;

  /** Fewer elements are not worth a block. */
  private static final int SMALL = 64;

  /** Elements of a block that is only copied. */
  private static final int COPY = VectorTiles.ELEMENTS;

  private static final int COPY_SIDE = 128;

  private final Walk walk;

  /** The dimension of the rows of a block; its columns are the last dimension. */
  private final int across;

  private final int rows;
  private final int cols;

  /** Small blocks are taken several at a time, along the last of the other dimensions; -1: none. */
  private final int third;

  private final int depth;

  private BlockMaps(Walk walk, int across, int widest, int fewest, int size) {
    this.walk = walk;
    this.across = across;
    int length = walk.dim(across);
    this.rows = Math.min(length, Math.max(fewest, size / Math.min(widest, walk.inner())));
    this.cols = Math.min(walk.inner(), Math.max(1, size / rows));
    this.third = across < walk.rank() - 2 ? walk.rank() - 2 : walk.rank() - 3;
    this.depth =
        third < 0 || size == TILE ? 1 : Math.max(1, Math.min(walk.dim(third), size / rows / cols));
  }

  /** The dimension along which an input steps by one, if it does so along another than the last. */
  private static int across(Walk walk) {
    for (int v = 1; v < walk.operands(); v++) {
      if (Math.abs(walk.innerStride(v)) > 1) {
        for (int d = walk.rank() - 2; d >= 0; d--) {
          if (walk.stride(v, d) == 1) {
            return d;
          }
        }
      }
    }
    return -1;
  }

  /** Computes a formula over a walk of y and the inputs, if it is such a one. */
  static boolean run(
      TileProgram program, Domain domain, double[] parameters, View[] inputs, View y, Walk walk) {
    int across = walk.innerStride(0) == 1 ? across(walk) : -1;
    int alone = program.isOperand();
    if (alone >= 0 && alone < inputs.length && y.type() == inputs[alone].type()) {
      copy(inputs[alone], alone + 1, y, walk, across);
      return true;
    }
    if (across < 0) {
      return false;
    }
    BlockMaps blocks = new BlockMaps(walk, across, WIDE, FEW, TILE);
    if (blocks.rows * blocks.cols < SMALL) {
      return false;
    }
    program.count(domain, walk.size());
    blocks.each(
        (at, n, m, one) -> {
          Frame frame = Frame.prepared(program, domain, parameters);
          for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] != null) {
              int step = walk.stride(i + 1, across);
              frame.load(inputs[i], i, walk.place(i + 1, at), step, walk.innerStride(i + 1), n, m);
            }
          }
          frame.compute(program, n * m);
          int to = walk.place(0, at);
          for (int i = 0; i < n; i++) {
            Copies.copy(
                domain.type(),
                frame.values(),
                frame.first() + i * m,
                1,
                y.type(),
                y.buffer().storage(),
                to + i * walk.stride(0, across),
                1,
                m);
          }
        });
    return true;
  }

  /** Copies blocks of rows, or transposes them. */
  private static void copy(View x, int ofX, View y, Walk walk, int across) {
    Object from = x.buffer().storage();
    Object to = y.buffer().storage();
    int xs = walk.innerStride(ofX);
    int ys = walk.innerStride(0);
    if (walk.rank() == 1) {
      VectorTiles.run(
          walk.size(),
          VectorTiles.ELEMENTS,
          (first, end) ->
              Copies.copy(
                  x.type(),
                  from,
                  walk.place(ofX, first),
                  xs,
                  y.type(),
                  to,
                  walk.place(0, first),
                  ys,
                  end - first));
      return;
    }
    boolean transposes = across >= 0 && y.type() == DType.F32;
    int over = transposes ? across : walk.rank() - 2;
    BlockMaps blocks =
        transposes
            ? new BlockMaps(walk, over, COPY_SIDE, COPY_SIDE, COPY)
            : new BlockMaps(walk, over, COPY, 1, COPY);
    int xRow = walk.stride(ofX, over);
    int yRow = walk.stride(0, over);
    blocks.each(
        (at, n, m, depth) -> {
          int xo = walk.place(ofX, at);
          int yo = walk.place(0, at);
          for (int k = 0; k < depth; k++) {
            if (transposes) {
              VectorTranspose.transpose((float[]) from, xo, xs, (float[]) to, yo, yRow, n, m);
            } else {
              for (int i = 0; i < n; i++) {
                Copies.copy(x.type(), from, xo + i * xRow, xs, y.type(), to, yo + i * yRow, ys, m);
              }
            }
            xo += blocks.step(ofX);
            yo += blocks.step(0);
          }
        });
  }

  /**
   * Work on blocks of n by m elements, the first of which has a number in the walk, and on those
   * that follow along a third dimension.
   */
  private interface Block {
    void run(int first, int n, int m, int depth);
  }

  /** How far an operand steps from one block to the next. */
  private int step(int operand) {
    return third < 0 ? 0 : walk.stride(operand, third);
  }

  private void each(Block body) {
    int length = walk.dim(across);
    int inner = walk.inner();
    int between = walk.size(across + 1, walk.rank() - 1);
    int down = VectorTiles.count(length, rows);
    int beside = VectorTiles.count(inner, cols);
    int layers = third < 0 ? 1 : VectorTiles.count(walk.dim(third), depth);
    // The third dimension is the last of the others.
    int outers = walk.size(0, across) * between / (third < 0 ? 1 : walk.dim(third));
    VectorTiles.run(
        outers * layers * down * beside,
        VectorTiles.items((long) rows * cols * depth),
        (from, to) -> {
          for (int block = from; block < to; block++) {
            int layer = block / (down * beside);
            int i = block / beside % down * rows;
            int j = block % beside * cols;
            int k = layer % layers * depth;
            int outer = third < 0 ? layer : layer / layers * walk.dim(third) + k;
            int line = (outer / between * length + i) * between + outer % between;
            int n = Math.min(rows, length - i);
            int m = Math.min(cols, inner - j);
            body.run(line * inner + j, n, m, third < 0 ? 1 : Math.min(depth, walk.dim(third) - k));
          }
        });
  }
}
