package tangram.tensor.vector.elementwise;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * The sums over all rows of a cascade: made in the sweep over the rows, a block of rows at a time,
 * or by themselves. Both have the order of {@link VectorReduce}, so the bits are the same.
 */
final class AcrossSums {
  /** Rows of a block, which are summed in single precision. */
  static final int SINGLE = VectorReduce.SINGLE;

  private static final int BLOCKS_OF_PART = VectorReduce.COLUMN_PART / SINGLE;

  /** Blocks that fill the cores, however long they are. */
  private static final int MANY = 16;

  private final List<VectorReduce> alone = new ArrayList<>();
  private final VectorCascade c;
  private final List<Pass> passes;
  private final View[] outputs;
  private final int blocks;

  /** The sums of all blocks, a pass after the other. */
  private float[] room;

  AcrossSums(VectorCascade c, View[] inputs, View[] outputs) {
    this.c = c;
    this.passes = c.cascade.sums();
    this.outputs = outputs;
    this.blocks = (c.outer + SINGLE - 1) / SINGLE;
    for (Pass pass : passes) {
      View[] read = inputs.clone();
      for (int i = 1; i < read.length; i++) {
        read[i] = pass.formula().reads(i) ? read[i] : null;
      }
      TileProgram program = CascadeFrame.program(pass.formula());
      alone.add(new VectorReduce(Reducer.SUM, program, c.parameters, read, outputs[pass.target()]));
    }
  }

  /** Whether the sweep's order of additions is that of the sums by themselves. */
  boolean canSweep() {
    // A block is a task, so few long ones would not fill the cores.
    boolean fills = blocks >= MANY || (long) SINGLE * c.length <= VectorCascade.CACHED;
    boolean can = passes.isEmpty() || !c.columns && c.folded.rank() == 1 && fills;
    for (int k = 0; k < passes.size(); k++) {
      int i = c.cascade.inputs() + passes.get(k).target();
      can &=
          alone.get(k).isColumns()
              && c.operands[i].type() == DType.F32
              && c.folded.isRun(i + 1, 0, c.length);
      for (int d = 0; d < c.kept.rank(); d++) {
        can &= c.kept.stride(i + 1, d) == 0;
      }
    }
    return can;
  }

  /** Computes the sums by themselves. */
  void reduce() {
    alone.forEach(VectorReduce::compute);
  }

  /** Before a sweep, on the thread that calls the cascade. */
  void begin() {
    if (!passes.isEmpty()) {
      room = Scratch.shared((long) passes.size() * blocks * c.length);
      Copies.fill(room, 0, passes.size() * blocks * c.length, 0);
    }
  }

  /** Where a sweep sums, or null for an operand that is no such sum. */
  float[] room(int operand) {
    return indexOf(operand) < 0 ? null : room;
  }

  /** Where the sums of the block of a row begin. */
  int place(int operand, int row) {
    return (indexOf(operand) * blocks + row / SINGLE) * c.length;
  }

  private int indexOf(int operand) {
    for (int k = 0; k < passes.size(); k++) {
      if (c.cascade.inputs() + passes.get(k).target() == operand) {
        return k;
      }
    }
    return -1;
  }

  /** Adds up the blocks. */
  void finish() {
    for (int k = 0; k < passes.size(); k++) {
      int at = k * blocks * c.length;
      int operand = c.cascade.inputs() + passes.get(k).target();
      View y = outputs[passes.get(k).target()];
      VectorTiles.run(
          c.length, VectorTiles.items(blocks), (from, to) -> sum(at, operand, y, from, to));
    }
  }

  private void sum(int at, int operand, View y, int from, int to) {
    double[] total = new double[to - from];
    double[] part = new double[to - from];
    for (int first = 0; first < blocks; first += BLOCKS_OF_PART) {
      double[] into = first == 0 ? total : part;
      for (int j = from; j < to; j++) {
        into[j - from] = 0;
      }
      for (int b = first; b < Math.min(blocks, first + BLOCKS_OF_PART); b++) {
        int row = at + b * c.length;
        for (int j = from; j < to; j++) {
          into[j - from] += room[row + j];
        }
      }
      for (int j = 0; j < to - from && first > 0; j++) {
        total[j] += part[j];
      }
    }
    for (int j = from; j < to; j++) {
      Copies.put(y, c.folded.place(operand + 1, j), total[j - from]);
    }
  }
}
