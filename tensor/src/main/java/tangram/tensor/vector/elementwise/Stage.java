package tangram.tensor.vector.elementwise;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;

/**
 * Passes of a cascade that one sweep over the elements can do.
 *
 * @param elements passes over elements, none of which reads a row value of this stage
 * @param rows passes over row values, after those
 * @param reads which operands the passes over elements read
 * @param writes which outputs they write, by the number of the operand
 */
record Stage(List<Pass> elements, List<Pass> rows, boolean[] reads, boolean[] writes) {
  /** The stages of a cascade. */
  static List<Stage> of(Cascade cascade) {
    return cascade.compiled(Stage.class, () -> plan(cascade));
  }

  private static List<Stage> plan(Cascade cascade) {
    List<Stage> stages = new ArrayList<>();
    int operands = cascade.operands();
    int firstRow = operands - cascade.rows();
    Stage stage = null;
    for (Pass pass : cascade.passes()) {
      boolean isRow = pass.kind() == Kind.ROW;
      if (stage == null || !isRow && !stage.fits(pass, firstRow)) {
        stage =
            new Stage(
                new ArrayList<>(), new ArrayList<>(), new boolean[operands], new boolean[operands]);
        stages.add(stage);
      }
      (isRow ? stage.rows : stage.elements).add(pass);
      if (pass.isOutput()) {
        stage.writes[cascade.inputs() + pass.target()] = true;
      }
      for (int i = 0; i < operands && !isRow; i++) {
        stage.reads[i] |= pass.formula().reads(i);
      }
    }
    return stages;
  }

  /** Whether a pass over elements reads nothing that is known only when a sweep is done. */
  private boolean fits(Pass pass, int firstRow) {
    if (!rows.isEmpty()) {
      return false;
    }
    for (Pass before : elements) {
      if (!before.isOutput() && pass.formula().reads(firstRow + before.target())
          || before.kind() != pass.kind()
              && (before.kind() == Kind.NEAR || pass.kind() == Kind.NEAR)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether any pass reads or writes an operand.
   *
   * @param firstRow number of the operand that is the first row value
   */
  boolean touches(int operand, int firstRow) {
    boolean touched = reads[operand] || writes[operand];
    for (Pass pass : elements) {
      touched |= !pass.isOutput() && operand == firstRow + pass.target();
    }
    for (Pass pass : rows) {
      touched |= operand == firstRow + pass.target() || pass.formula().reads(operand);
    }
    return touched;
  }
}
