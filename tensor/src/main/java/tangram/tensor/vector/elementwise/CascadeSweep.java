package tangram.tensor.vector.elementwise;

import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.vector.runtime.Scratch;

/**
 * A call of a cascade by the loops that {@link CascadeCompiler} wrote. Operands that do not step as
 * these want it are copied.
 */
final class CascadeSweep {
  private final VectorCascade c;
  private final Sweep[] sweeps;
  private final AcrossSums sums;
  private final boolean[] copied;
  private final int[] rowSteps;
  private final int[] runSteps;

  /** Length of a run, and of a row in copies. */
  private final int n;

  private CascadeSweep(VectorCascade c, AcrossSums sums, Sweep[] sweeps, boolean[] copied) {
    this.c = c;
    this.sums = sums;
    this.sweeps = sweeps;
    this.copied = copied;
    this.n = c.columns ? c.length : c.run();
    this.rowSteps = new int[copied.length];
    this.runSteps = new int[copied.length];
    for (int i = 0; i < copied.length; i++) {
      rowSteps[i] = copied[i] ? c.ofRow[i] ? 1 : c.length : c.kept.innerStride(i + 1);
      if (!copied[i] && !c.ofRow[i] && (c.columns || n < c.length)) {
        runSteps[i] = c.folded.stride(i + 1, 0);
      }
    }
  }

  /** Where loops come from. */
  interface Loops {
    /** A stage's, for some elements; null if it is not ready. */
    Sweep of(HotSweep stage, long elements);
  }

  /**
   * The call, or null if its loops are not ready or cannot compute it.
   *
   * @param together rows that are computed at once
   */
  static CascadeSweep of(VectorCascade c, int together, AcrossSums sums, Loops loops) {
    if (c.domain.type() != DType.F32 || !CascadeCompiler.canCompile(c.cascade)) {
      return null;
    }
    boolean[] single = new boolean[c.operands.length];
    boolean[] copied = new boolean[single.length];
    long copies = 0;
    for (int i = 0; i < single.length; i++) {
      if (c.operands[i] == null) {
        continue;
      }
      boolean steady = !c.columns && c.ofRow[i] || isSteady(c, i);
      copied[i] = i >= c.first || c.operands[i].type() != DType.F32 || !steady;
      single[i] = !c.columns && c.ofRow[i] || !copied[i] && isSingle(c, i);
      copies += copied[i] ? (long) together * (c.ofRow[i] ? 1 : c.length) : 0;
    }
    Sweep[] sweeps = new Sweep[c.stages.size()];
    boolean ready = copies <= VectorCascade.CACHED;
    for (int s = 0; s < sweeps.length && copies <= VectorCascade.CACHED; s++) {
      sweeps[s] =
          loops.of(
              HotSweep.of(c.cascade, s, single, CascadeCompiler.Columns.of(c)),
              (long) c.outer * c.length);
      ready &= sweeps[s] != null;
    }
    return ready ? new CascadeSweep(c, sums, sweeps, copied) : null;
  }

  private static boolean isSingle(VectorCascade c, int i) {
    Walk inner = c.columns ? c.kept : c.folded;
    return inner.innerStride(i + 1) == 0 && (c.columns ? inner.inner() : c.run()) > 1;
  }

  /** Whether two steps say where all elements of some rows are. */
  private static boolean isSteady(VectorCascade c, int i) {
    if (c.columns) {
      return (c.kept.rank() == 1 || c.kept.inner() >= VectorCascade.LONG_RUN)
          && (c.kept.innerStride(i + 1) == 1 || isSingle(c, i))
          && (c.ofRow[i] || c.folded.rank() == 1);
    }
    int run = c.run();
    boolean side = c.folded.isRun(i + 1, 0, run) || c.folded.inner() == run && isSingle(c, i);
    return side && (run == c.length || c.folded.rank() == 2);
  }

  /** All passes over some neighbouring rows. */
  void run(int row, int count) {
    int end = row + count;
    for (int r = row; r < end; ) {
      // Rows step evenly along their last dimension.
      int part = c.columns ? count : Math.min(end - r, c.kept.inner() - r % c.kept.inner());
      part(r, part);
      r += part;
    }
  }

  private void part(int row, int count) {
    Object[] arrays = new Object[copied.length];
    int[] offsets = new int[copied.length];
    int[] steps = runSteps.clone();
    int size = 0;
    for (int i = 0; i < copied.length; i++) {
      offsets[i] = copied[i] ? size : c.operands[i] == null ? 0 : c.kept.place(i + 1, row);
      size += copied[i] ? count * (c.ofRow[i] ? 1 : c.length) : 0;
    }
    float[] copies = Scratch.floats(Scratch.TILE, size);
    for (int i = 0; i < copied.length; i++) {
      if (copied[i]) {
        arrays[i] = copies;
        steps[i] = c.ofRow[i] ? 0 : c.columns ? count : n;
        if (i < c.first) {
          move(i, row, count, copies, offsets[i], false);
        }
      } else if (sums.room(i) != null) {
        arrays[i] = sums.room(i);
        offsets[i] = sums.place(i, row);
      } else if (c.operands[i] != null) {
        arrays[i] = c.operands[i].buffer().storage();
      }
    }
    double[] room = new double[c.columns ? CascadeCompiler.room(c.cascade) : 0];
    for (Sweep sweep : sweeps) {
      int runs = c.columns ? 1 : c.length / n;
      sweep.run(c.parameters, arrays, offsets, rowSteps, steps, room, count, runs, n);
    }
    for (int i = c.inputs; i < copied.length; i++) {
      if (copied[i] && (i < c.first || c.cascade.keeps(i - c.first))) {
        move(i, row, count, copies, offsets[i], true);
      }
    }
  }

  /** Gathers an operand's elements of some rows, or stores them. */
  private void move(int i, int row, int count, float[] copies, int at, boolean back) {
    if (c.ofRow[i]) {
      move(c.kept, i, 0, row, count, copies, at, back);
    } else if (c.columns) {
      for (int e = 0; e < c.length; e++) {
        int shift = c.folded.place(i + 1, e) - c.folded.place(i + 1, 0);
        move(c.kept, i, shift, row, count, copies, at + e * count, back);
      }
    } else {
      move(c.all, i, 0, row * c.length, count * c.length, copies, at, back);
    }
  }

  private void move(
      Walk walk, int i, int shift, int from, int n, float[] copies, int at, boolean back) {
    View view = c.operands[i];
    if (back) {
      Copies.scatter(walk, i + 1, view, shift, from, n, DType.F32, copies, at);
    } else {
      Copies.gather(walk, i + 1, view, shift, from, n, DType.F32, copies, at);
    }
  }
}
