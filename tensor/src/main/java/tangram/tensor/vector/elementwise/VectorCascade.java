package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import java.util.List;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * A cascade, a few rows at a time, all passes one after the other while the rows are in the cache.
 * As in {@link VectorReduce}, rows whose elements lie side by side are swept over in tiles, several
 * short ones to a tile; and where the elements of neighbouring rows lie side by side, a tile is one
 * element of many rows.
 */
final class VectorCascade {
  private static final int TILE = TileProgram.TILE;

  /**
   * Elements of the rows that are computed together. A few operands of them stay in the
   * second-level cache; what is done once a block costs as much as 1,000 elements.
   */
  private static final int BLOCK = 16 * TILE;

  /**
   * Elements whose mean is near the mean of a row. The variance of a row of n is at least NEAR / n
   * of the square of how far it is off, so squares about it lose a factor of n / NEAR at most.
   */
  static final int NEAR = 64;

  /** Shorter runs share tiles. */
  static final int LONG_RUN = 128;

  /** Elements of all operands of the rows of a task that the second-level cache holds. */
  static final int CACHED = 1 << 16;

  /** Fewer rows than this that are longer than {@link #CACHED} do not fill the cores. */
  private static final int FEW = 8;

  final Cascade cascade;
  final List<Stage> stages;
  final double[] parameters;
  final RealDomain domain;
  final View[] operands;
  final int inputs;
  final int first;
  final int outer;
  final int length;
  final boolean columns;

  /** Which operands have one value a row. */
  final boolean[] ofRow;

  /** Over the rows, at the first element of each. */
  final Walk kept;

  /** Over the elements of the first row. */
  final Walk folded;

  /** Over all, those of a row one after the other. */
  final Walk all;

  private VectorCascade(
      Cascade cascade, double[] parameters, View[] inputs, View[] outputs, View[] rows) {
    this.parameters = parameters;
    this.inputs = inputs.length;
    this.first = inputs.length + outputs.length;
    this.operands = new View[cascade.operands()];
    int[] dims = inputs[0].dims();
    int[] stay = rows[0].dims();
    System.arraycopy(inputs, 0, operands, 0, inputs.length);
    for (int k = 0; k < outputs.length; k++) {
      operands[inputs.length + k] = outputs[k].expand(dims);
    }
    for (int k = 0; k < rows.length; k++) {
      operands[first + k] = rows[k].expand(dims);
    }
    this.domain = (RealDomain) Domain.of(View.computeType(operands, rows[0]));
    int[] order = new int[dims.length];
    int at = 0;
    int length = 1;
    int outer = 1;
    for (int pass = 0; pass < 2; pass++) {
      for (int d = 0; d < dims.length; d++) {
        boolean fold = stay[d] == 1 && dims[d] != 1;
        if (fold == (pass == 1)) {
          order[at++] = d;
          length *= fold ? dims[d] : 1;
          outer *= fold ? 1 : dims[d];
        }
      }
    }
    this.length = length;
    this.outer = outer;
    this.ofRow = new boolean[operands.length];
    int split = 0;
    for (int d = 0; d < dims.length; d++) {
      split += stay[d] == 1 && dims[d] != 1 ? 0 : 1;
    }
    View[] walked = new View[operands.length];
    for (int i = 0; i < operands.length; i++) {
      ofRow[i] =
          i >= first
              || i < this.inputs
                  && operands[i] != null
                  && still(operands[i], order, split, dims.length);
      walked[i] = ofRow[i] ? null : operands[i];
    }
    this.kept = new Walk(Arrays.copyOfRange(order, 0, split), with(inputs[0], operands));
    this.folded = new Walk(Arrays.copyOfRange(order, split, dims.length), with(inputs[0], walked));
    this.all = new Walk(order, with(inputs[0], walked));
    this.columns = isColumns();
    this.cascade = columns ? cascade.plain() : cascade;
    this.stages = Stage.of(this.cascade);
  }

  private static View[] with(View shape, View[] views) {
    View[] result = new View[views.length + 1];
    result[0] = shape;
    System.arraycopy(views, 0, result, 1, views.length);
    return result;
  }

  /** Whether a view repeats its elements along some dimensions. */
  private static boolean still(View view, int[] order, int from, int to) {
    for (int k = from; k < to; k++) {
      if (view.strides()[order[k]] != 0 && view.dims()[order[k]] != 1) {
        return false;
      }
    }
    return true;
  }

  /** Whether neighbouring rows, rather than the elements of one, lie side by side. */
  private boolean isColumns() {
    for (int i = 0; i < first && outer >= 16 && length >= 2; i++) {
      if (operands[i] != null
          && !ofRow[i]
          && kept.innerStride(i + 1) == 1
          && folded.innerStride(i + 1) != 1) {
        return true;
      }
    }
    return false;
  }

  /** Computes the cascade, or returns false if its rows do not fit into the cache. */
  static boolean run(
      Cascade cascade, double[] parameters, View[] inputs, View[] outputs, View[] rows) {
    return run(cascade, parameters, inputs, outputs, rows, HotSweep::count, false);
  }

  /** For tests: with loops that are generated at once, or none; false if there are no loops. */
  static boolean run(
      Cascade cascade,
      double[] parameters,
      View[] inputs,
      View[] outputs,
      View[] rows,
      boolean generate) {
    CascadeSweep.Loops loops = generate ? (hot, n) -> hot.compile() : (hot, n) -> null;
    return run(cascade, parameters, inputs, outputs, rows, loops, generate);
  }

  private static boolean run(
      Cascade cascade,
      double[] parameters,
      View[] inputs,
      View[] outputs,
      View[] rows,
      CascadeSweep.Loops loops,
      boolean mustSweep) {
    VectorCascade c = new VectorCascade(cascade, parameters, inputs, outputs, rows);
    if (c.outer > 0 && !c.fits()) {
      return false;
    }
    AcrossSums sums = new AcrossSums(c, inputs, outputs);
    CascadeSweep sweep =
        c.outer > 0 && sums.canSweep() ? CascadeSweep.of(c, c.together(true), sums, loops) : null;
    if (sweep == null && mustSweep) {
      return false;
    }
    if (sweep == null) {
      sums.reduce();
      c = new VectorCascade(cascade.withoutSums(), parameters, inputs, outputs, rows);
    } else {
      sums.begin();
    }
    if (c.outer > 0) {
      c.compute(sweep);
    }
    if (sweep != null) {
      sums.finish();
    }
    return true;
  }

  /** Rows that lie side by side and are computed together. */
  private long width() {
    return columns ? CACHED / ((long) length * first) : TILE;
  }

  private boolean fits() {
    return length > 0 && width() >= 16 && (length <= CACHED || outer >= FEW);
  }

  /** Rows that are computed together, by loops of their own or in tiles. */
  private int together(boolean sweeps) {
    int most = sweeps ? Math.max(TILE, BLOCK / length) : TILE;
    return columns ? (int) Math.min(most, width()) / 16 * 16 : rowsOfBlock();
  }

  private int rowsOfBlock() {
    int rows = Math.max(1, Math.min(TILE, BLOCK / length));
    // Rows that are summed up in single precision must not be torn apart.
    return cascade.sums().isEmpty()
        ? rows
        : Integer.highestOneBit(Math.min(rows, AcrossSums.SINGLE));
  }

  private void compute(CascadeSweep sweep) {
    if (columns) {
      columns(together(sweep != null), sweep);
    } else {
      rows(together(sweep != null), sweep);
    }
  }

  /** Elements of a row that a tile must not go beyond. */
  int run() {
    return folded.inner() >= LONG_RUN ? folded.inner() : length;
  }

  /** Whether elements of an operand can be used where they are. */
  boolean isDirect(int i, Walk walk, int from, int n) {
    return operands[i].type() == domain.type() && walk.isRun(i + 1, from, n);
  }

  private CascadeFrame frame() {
    CascadeFrame frame = CascadeFrame.prepared(cascade, domain, parameters);
    for (int p = 0; p < cascade.passes().size(); p++) {
      boolean values = columns || cascade.passes().get(p).kind() == Kind.ROW;
      for (int i = 0; i < operands.length; i++) {
        if (ofRow[i]) {
          frame.place(p, i, frame.tiles, values ? frame.values(i) : frame.tile(i));
        }
      }
    }
    return frame;
  }

  private void rows(int together, CascadeSweep sweep) {
    CascadeTiles tiles = new CascadeTiles(this);
    int items = VectorTiles.items((long) together * length);
    VectorTiles.run(
        VectorTiles.count(outer, together),
        cascade.sums().isEmpty()
            ? items
            : VectorTiles.count(items, AcrossSums.SINGLE / together)
                * (AcrossSums.SINGLE / together),
        (from, to) -> {
          CascadeFrame frame = sweep == null ? frame() : null;
          for (int i = from; i < to; i++) {
            int row = i * together;
            int n = Math.min(together, outer - row);
            if (sweep == null) {
              tiles.block(frame, row, n);
            } else {
              sweep.run(row, n);
            }
          }
        });
  }

  private void columns(int width, CascadeSweep sweep) {
    CascadeTiles tiles = new CascadeTiles(this);
    int run = kept.inner() >= LONG_RUN ? kept.inner() : outer;
    int chunks = VectorTiles.count(run, width);
    VectorTiles.run(
        outer / run * chunks,
        VectorTiles.items((long) Math.min(run, width) * length),
        (from, to) -> {
          CascadeFrame frame = sweep == null ? frame() : null;
          for (int i = from; i < to; i++) {
            int within = i % chunks * width;
            int row = i / chunks * run + within;
            int n = Math.min(width, run - within);
            if (sweep == null) {
              tiles.column(frame, row, n);
            } else {
              sweep.run(row, n);
            }
          }
        });
  }
}
