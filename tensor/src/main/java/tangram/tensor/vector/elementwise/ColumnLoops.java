package tangram.tensor.vector.elementwise;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;

/** A stage of a cascade whose rows lie side by side: as many at a time as there are lanes. */
final class ColumnLoops extends CascadeCompiler {
  private static final MethodTypeDesc CLEAR =
      MethodTypeDesc.of(CD_void, CD_double.arrayType(), CD_int);
  private static final MethodTypeDesc SUMS_OF_ROOM =
      MethodTypeDesc.of(VECTOR, CD_double.arrayType(), CD_int);

  ColumnLoops(CodeBuilder code, Cascade cascade, Stage stage, boolean[] single, Columns columns) {
    super(code, cascade, stage, single, columns);
  }

  @Override
  void loops() {
    code.iconst_0().istore(i);
    code.iload(ROWS).iload(lanes).isub().istore(last);
    loop(
        out -> code.iload(i).iload(last).if_icmpgt(out),
        () -> {
          column(true);
          code.iload(i).iload(lanes).iadd().istore(i);
        });
    loop(
        out -> code.iload(i).iload(ROWS).if_icmpge(out),
        () -> {
          column(false);
          code.iinc(i, 1);
        });
  }

  /** As many rows as there are lanes, or one, element by element. */
  private void column(boolean vector) {
    for (int k = 0; k < elements.folds.length; k++) {
      if (elements.folds[k] != null) {
        start(elements.folds[k], vector);
        if (goesOn(elements.folds[k])) {
          room(k);
          code.invokestatic(FOLDS, "clear", CLEAR);
        }
      }
    }
    begin();
    if (columns == Columns.LONG) {
      loop(
          out -> code.iload(counter).iload(LENGTH).if_icmpge(out),
          () -> {
            // A sum goes on in double precision after some elements.
            limit(counter, TileFold.SINGLE);
            loop(out -> code.iload(counter).iload(end).if_icmpge(out), () -> element(vector));
            goOn(vector);
          });
    } else {
      loop(out -> code.iload(counter).iload(LENGTH).if_icmpge(out), () -> element(vector));
    }
    for (int k = 0; k < elements.folds.length; k++) {
      CascadePart.Fold fold = elements.folds[k];
      if (fold != null) {
        if (goesOn(fold)) {
          room(k);
          if (vector) {
            code.invokestatic(FOLDS, "sums", SUMS_OF_ROOM);
          } else {
            code.daload().d2f();
          }
        } else if (vector) {
          // A result of a method of a new vector has a class that is known; see VectorMath.exact.
          spread((float) fold.reducer().identity(), fold.turns()[1]);
          code.aload(fold.turns()[1]).aload(fold.first());
          code.invokevirtual(VECTOR, name(fold.reducer()), V_ANY);
        } else {
          code.fload(fold.number());
        }
        keep(elements.passes.get(k), vector);
      }
    }
    for (CascadePart part : rowParts) {
      part.steps(vector);
      code.loadLocal(vector ? TypeKind.REFERENCE : TypeKind.FLOAT, part.value(0, vector));
      keep(part.passes.get(0), vector);
    }
  }

  /** Adds what was summed in single precision to sums in double precision. */
  private void goOn(boolean vector) {
    for (int k = 0; k < elements.folds.length; k++) {
      CascadePart.Fold fold = elements.folds[k];
      if (fold != null && goesOn(fold)) {
        room(k);
        code.loadLocal(vector ? TypeKind.REFERENCE : TypeKind.FLOAT, fold.value(vector));
        ClassDesc type = vector ? VECTOR : CD_float;
        code.invokestatic(
            FOLDS, "add", MethodTypeDesc.of(CD_void, CD_double.arrayType(), CD_int, type));
        start(fold, vector);
      }
    }
  }

  /** Whether a fold goes on in double precision. */
  private boolean goesOn(CascadePart.Fold fold) {
    return columns == Columns.LONG && fold.reducer() == Reducer.SUM;
  }

  private void start(CascadePart.Fold fold, boolean vector) {
    if (vector) {
      spread((float) fold.reducer().identity(), fold.first());
    } else {
      code.loadConstant((float) fold.reducer().identity()).fstore(fold.number());
    }
  }

  private void element(boolean vector) {
    elements.steps(vector);
    for (int k = 0; k < elements.folds.length; k++) {
      CascadePart.Fold fold = elements.folds[k];
      if (fold == null) {
        put(elements, k, vector);
      } else if (vector) {
        code.aload(elements.value(k, true)).aload(fold.first());
        code.invokevirtual(VECTOR, name(fold.reducer()), V_ANY).astore(fold.first());
      } else {
        code.fload(fold.number()).fload(elements.value(k, false));
        combine(fold.reducer(), CD_float);
        code.fstore(fold.number());
      }
    }
    advance(positions, runSteps);
    code.iinc(counter, 1);
  }

  private void room(int pass) {
    code.aload(ROOM).loadConstant(pass * ROOM_OF_PASS);
  }
}
