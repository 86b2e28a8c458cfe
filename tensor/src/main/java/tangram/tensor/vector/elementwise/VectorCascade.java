package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import java.util.List;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Cascade.Stage;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.kernel.Walk;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * A cascade, a few rows at a time, all passes one after the other while the rows are in the cache.
 * As in {@link VectorReduce}, rows whose elements lie side by side are swept over in tiles, several
 * short ones to a tile; and where the elements of neighbouring rows lie side by side, a tile is one
 * element of many rows.
 */
final class VectorCascade {
  private static final int TILE = TileProgram.TILE;

  /** Elements of the rows that are computed together: a few operands of them stay in the cache. */
  private static final int BLOCK = 4 * TILE;

  /** Shorter runs share tiles. */
  private static final int LONG_RUN = 128;

  /** Elements that are accumulated in single precision before the sum continues in double. */
  private static final int SINGLE = 64;

  /** Elements of all operands of the rows of a task that the second-level cache holds. */
  private static final int CACHED = 1 << 16;

  /** Fewer rows than this that are longer than {@link #CACHED} do not fill the cores. */
  private static final int FEW = 8;

  private final Cascade cascade;
  private final List<Stage> stages;
  private final double[] parameters;
  private final RealDomain domain;
  private final View[] operands;
  private final int inputs;
  private final int first;
  private final int outer;
  private final int length;
  private final boolean columns;

  /** Which operands have one value a row. */
  private final boolean[] ofRow;

  /** The loops of stages that are ready. */
  private final SweepCompiler.Sweep[] sweeps;

  /** Over the rows, at the first element of each. */
  private final Walk kept;

  /** Over the elements of the first row. */
  private final Walk folded;

  /** Over all, those of a row one after the other. */
  private final Walk all;

  private VectorCascade(
      Cascade cascade, double[] parameters, View[] inputs, View[] outputs, View[] rows) {
    this.cascade = cascade;
    this.parameters = parameters;
    this.inputs = inputs.length;
    this.first = inputs.length + outputs.length;
    this.operands = new View[cascade.operands()];
    int[] dims = inputs[0].dims();
    int[] stay = rows[0].dims();
    System.arraycopy(inputs, 0, operands, 0, inputs.length);
    System.arraycopy(outputs, 0, operands, inputs.length, outputs.length);
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
    this.stages = (columns ? cascade.plain() : cascade).stages();
    this.sweeps = new SweepCompiler.Sweep[stages.size()];
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
    VectorCascade c = new VectorCascade(cascade, parameters, inputs, outputs, rows);
    if (c.outer == 0) {
      return true;
    }
    long width = c.columns ? CACHED / ((long) c.length * c.first) : TILE;
    if (c.length == 0 || width < 16 || c.length > CACHED && c.outer < FEW) {
      return false;
    }
    c.count();
    if (c.columns) {
      c.columns((int) Math.min(TILE, width / 16 * 16));
    } else {
      c.rows();
    }
    return true;
  }

  /** Counts elements until loops are worth making, and takes those that are ready. */
  private void count() {
    Cascade made = columns ? cascade.plain() : cascade;
    for (int s = 0; s < stages.size(); s++) {
      if (domain.type() == DType.F32 && SweepCompiler.canCompile(stages.get(s))) {
        sweeps[s] = HotSweep.of(made, s, ofRow, columns).count(outer * length);
      }
      for (Pass pass : stages.get(s).rows()) {
        CascadeFrame.program(pass.formula()).count(domain, outer);
      }
    }
  }

  private CascadeFrame frame(Cascade c) {
    CascadeFrame frame = CascadeFrame.prepared(c, domain, parameters);
    for (int p = 0; p < c.passes().size(); p++) {
      boolean values = columns || c.passes().get(p).kind() == Kind.ROW;
      for (int i = 0; i < operands.length; i++) {
        if (ofRow[i]) {
          frame.place(p, i, frame.tiles, values ? frame.values(i) : frame.tile(i));
        }
      }
    }
    return frame;
  }

  private void rows() {
    // Longer rows go together too, since what is done once a block costs as much as 1,000 elements.
    int together = Math.max(1, Math.min(TILE, (length > TILE ? 4 * BLOCK : BLOCK) / length));
    VectorTiles.run(
        VectorTiles.count(outer, together),
        VectorTiles.items((long) together * length),
        (from, to) -> {
          CascadeFrame frame = frame(cascade);
          for (int i = from; i < to; i++) {
            int row = i * together;
            block(frame, row, Math.min(together, outer - row));
          }
        });
  }

  /** All passes over some neighbouring rows. */
  private void block(CascadeFrame frame, int row, int count) {
    gatherValues(frame, row, count);
    int pass = 0;
    for (int s = 0; s < stages.size(); s++) {
      Stage stage = stages.get(s);
      clear(frame, stage, pass, count);
      for (int r = 0; r < count && !stage.elements().isEmpty(); ) {
        int together = Math.min(count - r, together(s, row + r));
        if (sweeps[s] == null && together > 1) {
          shortRows(frame, stage, pass, row, r, together);
        } else {
          rows(frame, s, pass, row, r, together);
        }
        r += together;
      }
      finish(frame, stage, pass, row, count);
      pass += stage.elements().size() + stage.rows().size();
    }
  }

  /** How many rows from one on can be computed at once. */
  private int together(int s, int row) {
    if (sweeps[s] == null) {
      return Math.max(1, TILE / length);
    }
    for (int i = 0; i < first; i++) {
      boolean used = !ofRow[i] && (stages.get(s).reads()[i] || stages.get(s).writes()[i]);
      if (used && (length > TILE || !isDirect(i, folded, 0, length))) {
        return 1;
      }
    }
    return kept.inner() - row % kept.inner();
  }

  /** Finds the inputs that have one value a row. */
  private void gatherValues(CascadeFrame frame, int row, int n) {
    for (int i = 0; i < inputs; i++) {
      if (ofRow[i] && operands[i] != null) {
        Copies.gather(
            kept, i + 1, operands[i], 0, row, n, domain.type(), frame.tiles, frame.values(i));
      }
    }
  }

  /** Whether folds are so short that they stay in single precision, one tile of them. */
  private boolean singles() {
    return columns && length <= SINGLE;
  }

  private void clear(CascadeFrame frame, Stage stage, int pass, int n) {
    for (int k = 0; k < stage.elements().size(); k++) {
      Reducer reducer = stage.elements().get(k).reducer();
      if (reducer != null && !singles()) {
        domain.clear(reducer, frame.partials, frame.partial(pass + k), n);
      }
    }
  }

  /** Elements of a row that lie in the first tile. */
  private int firstTile() {
    return Math.min(TILE, Math.min(length, run()));
  }

  /** Elements of a row that a tile must not go beyond. */
  private int run() {
    return folded.inner() >= LONG_RUN ? folded.inner() : length;
  }

  private static boolean isNear(Stage stage) {
    return !stage.elements().isEmpty() && stage.elements().get(0).kind() == Kind.NEAR;
  }

  /**
   * All passes of a stage over rows of a block, in tiles; several rows only if the loop is made and
   * they step evenly.
   */
  private void rows(CascadeFrame frame, int s, int pass, int first, int r, int together) {
    Stage stage = stages.get(s);
    SweepCompiler.Sweep sweep = sweeps[s];
    int run = run();
    int end = isNear(stage) ? firstTile() : length;
    boolean even = sweep != null && together == 1 && isEven(stage, run);
    for (int i = 0; i < operands.length && sweep != null; i++) {
      if (ofRow[i]) {
        frame.placeInSweep(i, frame.tiles, frame.values(i) + r, even ? 0 : 1);
      }
    }
    if (sweep == null) {
      spread(frame, stage, r, 1, Math.min(TILE, length));
    }
    for (int at = 0; at < end; ) {
      int n = Math.min(Math.min(TILE, end - at), run - at % run);
      int parts = together;
      boolean within = run > TILE;
      if (even && n < end) {
        // The loop goes on with the tiles that follow, or with those of the runs that follow.
        parts = within ? Math.max(1, (run - at % run) / TILE) : length / run;
      }
      for (int i = 0; i < this.first; i++) {
        if (!ofRow[i] && (stage.reads()[i] || stage.writes()[i])) {
          int step = kept.innerStride(i + 1);
          if (even) {
            step = within ? TILE : folded.stride(i + 1, 0);
          }
          place(frame, stage, pass, i, folded, kept.place(i + 1, first + r), at, n, step);
        }
      }
      if (sweep != null) {
        frame.sweep(sweep, frame.partial(pass) + r, n, parts, even ? 0 : 1);
      } else {
        for (int k = 0; k < stage.elements().size(); k++) {
          element(frame, stage, pass, k, r, 1, n);
        }
      }
      for (int i = inputs; i < this.first; i++) {
        if (stage.writes()[i]) {
          put(frame, i, folded, kept.place(i + 1, first + r), at, n);
        }
      }
      at += even ? n * parts : n;
    }
  }

  /** Whether the tiles of a row are where they are at even distances. */
  private boolean isEven(Stage stage, int run) {
    for (int i = 0; i < first; i++) {
      boolean used = !ofRow[i] && (stage.reads()[i] || stage.writes()[i]);
      if (used && !isDirect(i, folded, 0, Math.min(run, TILE))) {
        return false;
      }
    }
    return run > TILE || folded.rank() == 2 && run == folded.inner();
  }

  /** Some short rows of a block in one tile. */
  private void shortRows(
      CascadeFrame frame, Stage stage, int pass, int first, int r, int together) {
    spread(frame, stage, r, together, length);
    int from = (first + r) * length;
    int n = together * length;
    for (int i = 0; i < this.first; i++) {
      if (!ofRow[i] && (stage.reads()[i] || stage.writes()[i])) {
        place(frame, stage, pass, i, all, all.place(i + 1, 0), from, n, 0);
      }
    }
    for (int k = 0; k < stage.elements().size(); k++) {
      element(frame, stage, pass, k, r, together, n);
    }
    for (int i = inputs; i < this.first; i++) {
      if (stage.writes()[i]) {
        put(frame, i, all, all.place(i + 1, 0), from, n);
      }
    }
  }

  /** Whether elements of an operand can be used where they are. */
  private boolean isDirect(int i, Walk walk, int from, int n) {
    return operands[i].type() == domain.type() && walk.isRun(i + 1, from, n);
  }

  /**
   * Tells the passes of a stage where n elements of an operand are, after gathering them if need
   * be.
   *
   * @param start place of the first element of the walk
   * @param step from one row to the next
   */
  private void place(
      CascadeFrame frame,
      Stage stage,
      int pass,
      int i,
      Walk walk,
      int start,
      int from,
      int n,
      int step) {
    View view = operands[i];
    Object array = frame.tiles;
    int offset = frame.tile(i);
    int shift = start - walk.place(i + 1, 0);
    if (isDirect(i, walk, from, n)) {
      array = view.buffer().storage();
      offset = walk.place(i + 1, from) + shift;
    } else if (stage.reads()[i]) {
      Copies.gather(walk, i + 1, view, shift, from, n, domain.type(), array, offset);
    }
    for (int k = 0; k < stage.elements().size(); k++) {
      frame.place(pass + k, i, array, offset);
    }
    frame.placeInSweep(i, array, offset, step);
  }

  /** Stores n elements of an output that were computed elsewhere. */
  private void put(CascadeFrame frame, int i, Walk walk, int start, int from, int n) {
    if (!isDirect(i, walk, from, n)) {
      int shift = start - walk.place(i + 1, 0);
      Copies.scatter(
          walk, i + 1, operands[i], shift, from, n, domain.type(), frame.tiles, frame.tile(i));
    }
  }

  /** One pass over n elements of some rows. */
  private void element(CascadeFrame frame, Stage stage, int pass, int k, int r, int count, int n) {
    Pass p = stage.elements().get(k);
    int me = pass + k;
    if (p.kind() == Kind.MAP) {
      int i = inputs + p.target();
      frame.run(me, frame.array(me, i), frame.offset(me, i), n);
      return;
    }
    int same = frame.programs[me].isOperand();
    Object tile = same < 0 ? frame.tiles : frame.array(me, same);
    int at = same < 0 ? frame.result() : frame.offset(me, same);
    if (same < 0) {
      frame.run(me, tile, at, n);
    }
    int each = n / count;
    for (int q = 0; q < count; q++) {
      int partial = frame.partial(me) + r + q;
      domain.fold(p.reducer(), frame.partials, partial, tile, at + q * each, each);
    }
  }

  /** Makes row values of the folds of a stage, then those that its passes over rows compute. */
  private void finish(CascadeFrame frame, Stage stage, int pass, int row, int n) {
    int me = pass;
    for (Pass p : stage.elements()) {
      if (p.kind() == Kind.NEAR) {
        for (int k = 0; k < n; k++) {
          frame.partials[frame.partial(me) + k] /= firstTile();
        }
      }
      if (p.reducer() != null) {
        int values = frame.values(first + p.target());
        if (singles()) {
          System.arraycopy(frame.tiles, frame.accumulator(me), frame.tiles, values, n);
        } else {
          domain.values(frame.partials, frame.partial(me), frame.tiles, values, n);
        }
        keep(frame, p.target(), row, n);
      }
      me++;
    }
    for (Pass p : stage.rows()) {
      frame.run(me++, frame.tiles, frame.values(first + p.target()), n);
      keep(frame, p.target(), row, n);
    }
  }

  private void keep(CascadeFrame frame, int target, int row, int n) {
    int i = first + target;
    if (cascade.keeps(target)) {
      Object tiles = frame.tiles;
      Copies.scatter(kept, i + 1, operands[i], 0, row, n, domain.type(), tiles, frame.values(i));
    }
  }

  /** Repeats the values of some rows of a block n times each. */
  private void spread(CascadeFrame frame, Stage stage, int row, int count, int n) {
    for (int i = 0; i < operands.length; i++) {
      for (int r = 0; r < count && ofRow[i] && stage.reads()[i]; r++) {
        domain.repeat(frame.tiles, frame.tile(i) + r * n, n, frame.values(i) + row + r);
      }
    }
  }

  private void columns(int width) {
    int run = kept.inner() >= LONG_RUN ? kept.inner() : outer;
    int chunks = VectorTiles.count(run, width);
    VectorTiles.run(
        outer / run * chunks,
        VectorTiles.items((long) Math.min(run, width) * length),
        (from, to) -> {
          CascadeFrame frame = frame(cascade.plain());
          for (int i = from; i < to; i++) {
            int within = i % chunks * width;
            column(frame, i / chunks * run + within, Math.min(width, run - within));
          }
        });
  }

  /** All passes over n neighbouring rows, element by element. */
  private void column(CascadeFrame frame, int row, int n) {
    gatherValues(frame, row, n);
    for (int i = 0; i < operands.length; i++) {
      if (ofRow[i]) {
        frame.placeInSweep(i, frame.tiles, frame.values(i), 0);
      }
    }
    int pass = 0;
    for (int s = 0; s < stages.size(); s++) {
      Stage stage = stages.get(s);
      List<Pass> elements = stage.elements();
      clear(frame, stage, pass, n);
      for (int k = 0; k < elements.size(); k++) {
        frame.placeInSweep(operands.length + k, frame.tiles, frame.accumulator(pass + k), 0);
      }
      for (int e = 0; e < length && !elements.isEmpty(); e++) {
        for (int i = 0; i < first; i++) {
          if (!ofRow[i] && (stage.reads()[i] || stage.writes()[i])) {
            place(frame, stage, pass, i, kept, folded.place(i + 1, e), row, n, 0);
          }
        }
        step(frame, s, pass, e, n);
        for (int i = inputs; i < first; i++) {
          if (stage.writes()[i]) {
            put(frame, i, kept, folded.place(i + 1, e), row, n);
          }
        }
      }
      finish(frame, stage, pass, row, n);
      pass += elements.size() + stage.rows().size();
    }
  }

  /** One element of n rows: all passes of a stage. */
  private void step(CascadeFrame frame, int s, int pass, int e, int n) {
    List<Pass> elements = stages.get(s).elements();
    Object tiles = frame.tiles;
    for (int k = 0; k < elements.size(); k++) {
      Pass p = elements.get(k);
      int acc = frame.accumulator(pass + k);
      if (p.reducer() != null && e % SINGLE == 0) {
        domain.fill(tiles, acc, n, p.reducer().identity());
      }
      if (sweeps[s] == null && p.kind() == Kind.MAP) {
        int i = inputs + p.target();
        frame.run(pass + k, frame.array(pass + k, i), frame.offset(pass + k, i), n);
      } else if (sweeps[s] == null) {
        int same = frame.programs[pass + k].isOperand();
        Object tile = same < 0 ? tiles : frame.array(pass + k, same);
        int at = same < 0 ? frame.result() : frame.offset(pass + k, same);
        if (same < 0) {
          frame.run(pass + k, tile, at, n);
        }
        domain.accumulate(p.reducer(), tiles, acc, tile, at, n);
      }
    }
    if (sweeps[s] != null) {
      frame.sweep(sweeps[s], 0, n, 1, 0);
    }
    for (int k = 0; k < elements.size(); k++) {
      Reducer reducer = elements.get(k).reducer();
      if (reducer != null && !singles() && (e % SINGLE == SINGLE - 1 || e == length - 1)) {
        int acc = frame.accumulator(pass + k);
        domain.foldEach(reducer, frame.partials, frame.partial(pass + k), tiles, acc, n);
      }
    }
  }
}
