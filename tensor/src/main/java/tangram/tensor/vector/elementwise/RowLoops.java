package tangram.tensor.vector.elementwise;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Collections;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorMath;

/** A stage of a cascade row by row. */
final class RowLoops extends CascadeCompiler {
  private static final ClassDesc SUMS = ClassDesc.of(VectorMath.class.getName());

  RowLoops(CodeBuilder code, Cascade cascade, Stage stage, boolean[] single) {
    super(code, cascade, stage, single, Columns.NO);
  }

  @Override
  void loops() {
    int row = code.allocateLocal(TypeKind.INT);
    code.iconst_0().istore(row);
    loop(
        out -> code.iload(row).iload(ROWS).if_icmpge(out),
        () -> {
          row();
          advance(offsets, rowSteps);
          code.iinc(row, 1);
        });
  }

  /** One row, run by run, a run in tiles. */
  private void row() {
    // See VectorCascade.NEAR.
    boolean near = !elements.passes.isEmpty() && elements.passes.get(0).kind() == Kind.NEAR;
    for (CascadePart.Fold fold : elements.folds) {
      if (fold != null) {
        code.loadConstant(fold.reducer().identity()).dstore(fold.total());
      }
    }
    begin();
    loop(
        out -> code.iload(counter).iload(RUNS).if_icmpge(out),
        () -> {
          elements.singles();
          code.iconst_0().istore(i);
          if (near) {
            tile(elements, VectorCascade.NEAR);
            code.iload(RUNS).istore(counter);
          } else {
            loop(
                out -> code.iload(i).iload(LENGTH).if_icmpge(out),
                () -> tile(elements, TileProgram.TILE));
            advance(positions, runSteps);
            code.iinc(counter, 1);
          }
        });
    for (int k = 0; k < elements.folds.length; k++) {
      if (elements.folds[k] != null) {
        code.dload(elements.folds[k].total());
        if (near) {
          code.iconst_0().istore(i);
          limit(i, VectorCascade.NEAR);
          code.iload(end).i2d().ddiv();
        }
        code.d2f();
        keep(elements.passes.get(k), false);
      }
    }
    for (CascadePart part : rowParts) {
      part.steps(false);
      code.fload(part.value(0, false));
      keep(part.passes.get(0), false);
    }
  }

  /** The next elements of a run. */
  private void tile(CascadePart part, int most) {
    limit(i, most);
    code.iload(end).iload(lanes).isub().istore(last);
    part.clear();
    loop(
        out -> code.iload(i).iload(last).if_icmpgt(out),
        () -> {
          part.steps(true);
          for (int k = 0; k < part.passes.size(); k++) {
            CascadePart.Fold fold = part.folds[k];
            if (fold == null) {
              put(part, k, true);
            } else {
              // What the loop carries is the argument; see VectorMath.exact. A body of two vectors
              // may be too large to be inlined.
              code.aload(part.value(k, true)).aload(fold.first());
              code.invokevirtual(VECTOR, name(fold.reducer()), V_ANY);
              for (int t = 1; t < fold.turns().length; t++) {
                code.aload(fold.turns()[t]).astore(fold.turns()[t - 1]);
              }
              code.astore(fold.turns()[fold.turns().length - 1]);
            }
          }
          code.iload(i).iload(lanes).iadd().istore(i);
        });
    for (CascadePart.Fold fold : part.folds) {
      if (fold != null) {
        Reducer reducer = fold.reducer();
        for (int turn : fold.turns()) {
          code.aload(turn);
        }
        code.invokestatic(
            reducer == Reducer.SUM ? SUMS : FOLDS,
            reducer == Reducer.SUM ? "sum" : name(reducer),
            MethodTypeDesc.of(CD_float, Collections.nCopies(fold.turns().length, VECTOR)));
        code.f2d().dstore(fold.ofTile());
      }
    }
    loop(
        out -> code.iload(i).iload(end).if_icmpge(out),
        () -> {
          part.steps(false);
          for (int k = 0; k < part.passes.size(); k++) {
            CascadePart.Fold fold = part.folds[k];
            if (fold == null) {
              put(part, k, false);
            } else {
              code.dload(fold.ofTile()).fload(part.value(k, false)).f2d();
              combine(fold.reducer(), CD_double);
              code.dstore(fold.ofTile());
            }
          }
          code.iinc(i, 1);
        });
    for (CascadePart.Fold fold : part.folds) {
      if (fold != null) {
        code.dload(fold.total()).dload(fold.ofTile());
        combine(fold.reducer(), CD_double);
        code.dstore(fold.total());
      }
    }
  }
}
