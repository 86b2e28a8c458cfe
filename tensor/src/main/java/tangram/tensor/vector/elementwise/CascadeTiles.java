package tangram.tensor.vector.elementwise;

import java.util.List;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Reducer;

/**
 * Computes rows of a cascade pass by pass, in tiles: for any formula, type and layout, and at once.
 * Rows whose elements lie side by side are swept over in tiles, several short ones to a tile; and
 * where the elements of neighbouring rows lie side by side, a tile is one element of many rows.
 */
final class CascadeTiles {
  private static final int TILE = TileProgram.TILE;
  private static final int SINGLE = TileFold.SINGLE;

  private final VectorCascade c;

  CascadeTiles(VectorCascade cascade) {
    this.c = cascade;
  }

  /** All passes over some neighbouring rows. */
  void block(CascadeFrame frame, int row, int count) {
    gatherValues(frame, row, count);
    int pass = 0;
    for (Stage stage : c.stages) {
      clear(frame, stage, pass, count);
      // A fold ends with each run of a row, so only rows of one run can share a tile.
      int each = c.run() < c.length ? 1 : Math.max(1, TILE / c.length);
      for (int r = 0; r < count && !stage.elements().isEmpty(); r += each) {
        if (each > 1) {
          shortRows(frame, stage, pass, row, r, Math.min(each, count - r));
        } else {
          row(frame, stage, pass, row, r);
        }
      }
      finish(frame, stage, pass, row, count);
      pass += stage.elements().size() + stage.rows().size();
    }
  }

  /** Finds the inputs that have one value a row. */
  private void gatherValues(CascadeFrame frame, int row, int n) {
    for (int i = 0; i < c.inputs; i++) {
      if (c.ofRow[i] && c.operands[i] != null) {
        Copies.gather(
            c.kept, i + 1, c.operands[i], 0, row, n, c.domain.type(), frame.tiles, frame.values(i));
      }
    }
  }

  /** Whether folds are so short that they stay in single precision, one tile of them. */
  private boolean singles() {
    return c.columns && c.length <= SINGLE;
  }

  private void clear(CascadeFrame frame, Stage stage, int pass, int n) {
    for (int k = 0; k < stage.elements().size(); k++) {
      Reducer reducer = stage.elements().get(k).reducer();
      if (reducer != null && !singles()) {
        c.domain.clear(reducer, frame.partials, frame.partial(pass + k), n);
      }
    }
  }

  /** Elements of a row whose mean is near that of all. */
  private int near() {
    return Math.min(VectorCascade.NEAR, Math.min(c.length, c.run()));
  }

  private static boolean isNear(Stage stage) {
    return !stage.elements().isEmpty() && stage.elements().get(0).kind() == Kind.NEAR;
  }

  /** All passes of a stage over a row of a block, in tiles. */
  private void row(CascadeFrame frame, Stage stage, int pass, int row, int r) {
    int run = c.run();
    int end = isNear(stage) ? near() : c.length;
    spread(frame, stage, r, 1, Math.min(TILE, c.length));
    for (int at = 0; at < end; ) {
      int n = Math.min(Math.min(TILE, end - at), run - at % run);
      for (int i = 0; i < c.first; i++) {
        if (isTouched(stage, i)) {
          place(frame, stage, pass, i, c.folded, c.kept.place(i + 1, row + r), at, n);
        }
      }
      for (int k = 0; k < stage.elements().size(); k++) {
        element(frame, stage, pass, k, r, 1, n);
      }
      for (int i = c.inputs; i < c.first; i++) {
        if (stage.writes()[i]) {
          put(frame, i, c.folded, c.kept.place(i + 1, row + r), at, n);
        }
      }
      at += n;
    }
  }

  private boolean isTouched(Stage stage, int i) {
    return !c.ofRow[i] && (stage.reads()[i] || stage.writes()[i]);
  }

  /** Some short rows of a block in one tile. */
  private void shortRows(CascadeFrame frame, Stage stage, int pass, int row, int r, int together) {
    spread(frame, stage, r, together, c.length);
    int from = (row + r) * c.length;
    int n = together * c.length;
    for (int i = 0; i < c.first; i++) {
      if (isTouched(stage, i)) {
        place(frame, stage, pass, i, c.all, c.all.place(i + 1, 0), from, n);
      }
    }
    for (int k = 0; k < stage.elements().size(); k++) {
      element(frame, stage, pass, k, r, together, n);
    }
    for (int i = c.inputs; i < c.first; i++) {
      if (stage.writes()[i]) {
        put(frame, i, c.all, c.all.place(i + 1, 0), from, n);
      }
    }
  }

  /**
   * Tells the passes of a stage where n elements of an operand are, after gathering them if need
   * be.
   *
   * @param start place of the first element of the walk
   */
  private void place(
      CascadeFrame frame, Stage stage, int pass, int i, Walk walk, int start, int from, int n) {
    View view = c.operands[i];
    Object array = frame.tiles;
    int offset = frame.tile(i);
    int shift = start - walk.place(i + 1, 0);
    if (c.isDirect(i, walk, from, n)) {
      array = view.buffer().storage();
      offset = walk.place(i + 1, from) + shift;
    } else if (stage.reads()[i]) {
      Copies.gather(walk, i + 1, view, shift, from, n, c.domain.type(), array, offset);
    }
    for (int k = 0; k < stage.elements().size(); k++) {
      frame.place(pass + k, i, array, offset);
    }
  }

  /** Stores n elements of an output that were computed elsewhere. */
  private void put(CascadeFrame frame, int i, Walk walk, int start, int from, int n) {
    if (!c.isDirect(i, walk, from, n)) {
      int shift = start - walk.place(i + 1, 0);
      Copies.scatter(
          walk, i + 1, c.operands[i], shift, from, n, c.domain.type(), frame.tiles, frame.tile(i));
    }
  }

  /** One pass over n elements of some rows. */
  private void element(CascadeFrame frame, Stage stage, int pass, int k, int r, int count, int n) {
    Pass p = stage.elements().get(k);
    int me = pass + k;
    if (p.kind() == Kind.MAP) {
      map(frame, me, p, n);
      return;
    }
    int same = value(frame, me, n);
    Object tile = same < 0 ? frame.tiles : frame.array(me, same);
    int at = same < 0 ? frame.result() : frame.offset(me, same);
    int each = n / count;
    int folded = p.kind() == Kind.NEAR ? near() : each;
    for (int q = 0; q < count; q++) {
      int partial = frame.partial(me) + r + q;
      c.domain.fold(p.reducer(), frame.partials, partial, tile, at + q * each, folded);
    }
  }

  /** Makes row values of the folds of a stage, then those that its passes over rows compute. */
  private void finish(CascadeFrame frame, Stage stage, int pass, int row, int n) {
    int me = pass;
    for (Pass p : stage.elements()) {
      if (p.kind() == Kind.NEAR) {
        for (int k = 0; k < n; k++) {
          frame.partials[frame.partial(me) + k] /= near();
        }
      }
      if (p.reducer() != null) {
        int values = frame.values(c.first + p.target());
        if (singles()) {
          System.arraycopy(frame.tiles, frame.accumulator(me), frame.tiles, values, n);
        } else {
          c.domain.values(frame.partials, frame.partial(me), frame.tiles, values, n);
        }
        keep(frame, p.target(), row, n);
      }
      me++;
    }
    for (Pass p : stage.rows()) {
      frame.run(me++, frame.tiles, frame.values(c.first + p.target()), n);
      keep(frame, p.target(), row, n);
    }
  }

  private void keep(CascadeFrame frame, int target, int row, int n) {
    int i = c.first + target;
    if (c.cascade.keeps(target)) {
      Object tiles = frame.tiles;
      Copies.scatter(
          c.kept, i + 1, c.operands[i], 0, row, n, c.domain.type(), tiles, frame.values(i));
    }
  }

  /** Repeats the values of some rows of a block n times each. */
  private void spread(CascadeFrame frame, Stage stage, int row, int count, int n) {
    for (int i = 0; i < c.operands.length; i++) {
      for (int r = 0; r < count && c.ofRow[i] && stage.reads()[i]; r++) {
        c.domain.repeat(frame.tiles, frame.tile(i) + r * n, n, frame.values(i) + row + r);
      }
    }
  }

  /** All passes over n neighbouring rows, element by element. */
  void column(CascadeFrame frame, int row, int n) {
    gatherValues(frame, row, n);
    int pass = 0;
    for (Stage stage : c.stages) {
      List<Pass> elements = stage.elements();
      clear(frame, stage, pass, n);
      for (int e = 0; e < c.length && !elements.isEmpty(); e++) {
        for (int i = 0; i < c.first; i++) {
          if (isTouched(stage, i)) {
            place(frame, stage, pass, i, c.kept, c.folded.place(i + 1, e), row, n);
          }
        }
        step(frame, stage, pass, e, n);
        for (int i = c.inputs; i < c.first; i++) {
          if (stage.writes()[i]) {
            put(frame, i, c.kept, c.folded.place(i + 1, e), row, n);
          }
        }
      }
      finish(frame, stage, pass, row, n);
      pass += elements.size() + stage.rows().size();
    }
  }

  /** One element of n rows: all passes of a stage. */
  private void step(CascadeFrame frame, Stage stage, int pass, int e, int n) {
    for (int k = 0; k < stage.elements().size(); k++) {
      Pass p = stage.elements().get(k);
      int me = pass + k;
      if (p.kind() == Kind.MAP) {
        map(frame, me, p, n);
        continue;
      }
      int acc = frame.accumulator(me);
      if (e % SINGLE == 0) {
        c.domain.fill(frame.tiles, acc, n, p.reducer().identity());
      }
      int same = value(frame, me, n);
      Object tile = same < 0 ? frame.tiles : frame.array(me, same);
      int at = same < 0 ? frame.result() : frame.offset(me, same);
      c.domain.accumulate(p.reducer(), frame.tiles, acc, tile, at, n);
      if (!singles() && (e % SINGLE == SINGLE - 1 || e == c.length - 1)) {
        c.domain.foldEach(p.reducer(), frame.partials, frame.partial(me), frame.tiles, acc, n);
      }
    }
  }

  private void map(CascadeFrame frame, int me, Pass p, int n) {
    int i = c.inputs + p.target();
    frame.run(me, frame.array(me, i), frame.offset(me, i), n);
  }

  /** Computes what is folded; returns the operand that it is, or -1 for the tile of results. */
  private static int value(CascadeFrame frame, int me, int n) {
    int same = frame.programs[me].isOperand();
    if (same < 0) {
      frame.run(me, frame.tiles, frame.result(), n);
    }
    return same;
  }
}
