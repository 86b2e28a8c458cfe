package tangram.tensor.vector.elementwise;

import java.lang.classfile.TypeKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.Program.Step;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.elementwise.CascadeCompiler.Columns;

/** All passes over elements of a stage, or one over row values, as one list of steps. */
final class CascadePart extends LoopCompiler {
  /**
   * The variables of a pass's fold.
   *
   * @param total of all tiles so far
   * @param turns vectors that take turns, so that none waits for the one before
   * @param number where a row is computed element by element
   */
  record Fold(Reducer reducer, int total, int[] turns, int ofTile, int number) {
    int first() {
      return turns[0];
    }

    int value(boolean vector) {
      return vector ? first() : number;
    }
  }

  private final CascadeCompiler c;
  final List<Pass> passes;
  final boolean ofRow;
  final int[] vectors;
  final int[] scalars = new int[values.length];

  /** Which steps read a row value that this stage made. */
  final boolean[] made = new boolean[values.length];

  /** Null for passes that do not fold. */
  final Fold[] folds;

  CascadePart(CascadeCompiler c, List<Pass> passes, boolean ofRow) {
    super(program(c.cascade, passes), c.code, c.arrays, ofRow ? c.offsets : c.positions);
    this.c = c;
    this.passes = passes;
    this.ofRow = ofRow;
    this.folds = new Fold[passes.size()];
    i = c.i;
    numbers();
    vectors = values.clone();
    for (int k = 0; k < values.length; k++) {
      scalars[k] = code.allocateLocal(TypeKind.FLOAT);
      made[k] = ofRow && input(k) >= c.first && c.rowScalars[input(k) - c.first] != 0;
      if (made[k]) {
        vectors[k] = c.rowVectors[input(k) - c.first];
        scalars[k] = c.rowScalars[input(k) - c.first];
      }
    }
    for (int k = 0; k < folds.length; k++) {
      Reducer reducer = passes.get(k).reducer();
      if (reducer != null) {
        // Those of a sum are told by its order; an extreme takes longer.
        int[] turns = new int[reducer == Reducer.SUM ? 2 : 4];
        Arrays.setAll(turns, t -> code.allocateLocal(TypeKind.REFERENCE));
        folds[k] =
            new Fold(
                reducer,
                code.allocateLocal(TypeKind.DOUBLE),
                turns,
                code.allocateLocal(TypeKind.DOUBLE),
                code.allocateLocal(TypeKind.FLOAT));
      }
    }
  }

  /** The operand that a step reads, or -1. */
  private int input(int step) {
    Expr node = program.steps().get(step).node();
    return node instanceof Expr.Input ? ((Expr.Input) node).index() : -1;
  }

  private boolean isSingle(int step) {
    int x = input(step);
    return x >= 0 && (c.single[x] || ofRow && c.columns == Columns.NO);
  }

  void steps(boolean vector) {
    System.arraycopy(vector ? vectors : scalars, 0, values, 0, values.length);
    for (int k = 0; k < values.length; k++) {
      Step step = program.steps().get(k);
      if (made[k] || isSingle(k) && !ofRow && c.columns == Columns.NO) {
        continue;
      }
      if (isSingle(k)) {
        single(k, vector);
      } else if (vector) {
        vectorStep(k, step);
      } else {
        scalarStep(k, step);
      }
    }
  }

  /** Takes the values that are the same all along a run. */
  void singles() {
    for (int k = 0; k < values.length; k++) {
      if (isSingle(k)) {
        single(k, false);
        spread(scalars[k], vectors[k]);
      }
    }
  }

  private void single(int k, boolean vector) {
    int x = input(k);
    code.aload(arrays[x]).iload(offsets[x]).faload().fstore(scalars[k]);
    if (vector) {
      spread(scalars[k], vectors[k]);
    }
  }

  void clear() {
    for (Fold fold : folds) {
      if (fold != null) {
        for (int turn : fold.turns()) {
          spread((float) fold.reducer().identity(), turn);
        }
      }
    }
  }

  int value(int pass, boolean vector) {
    return (vector ? vectors : scalars)[program.result(pass)];
  }

  /** All passes as one program, in which an output is the formula that it was made by. */
  private static Program program(Cascade cascade, List<Pass> passes) {
    Map<Integer, Expr> made = new HashMap<>();
    List<Expr> roots = new ArrayList<>();
    for (Pass pass : passes) {
      Expr root = replace(pass.formula().root(), made, new IdentityHashMap<>());
      roots.add(root);
      if (pass.kind() == Kind.MAP) {
        made.put(cascade.inputs() + pass.target(), root);
      }
    }
    return Program.of(roots, cascade.operands());
  }

  private static Expr replace(Expr e, Map<Integer, Expr> made, Map<Expr, Expr> done) {
    Expr known = done.get(e);
    if (known != null) {
      return known;
    }
    Expr result = e;
    if (e instanceof Expr.Input) {
      result = made.getOrDefault(((Expr.Input) e).index(), e);
    } else if (e instanceof Expr.Unary) {
      Expr.Unary u = (Expr.Unary) e;
      result = new Expr.Unary(u.op(), replace(u.x(), made, done));
    } else if (e instanceof Expr.Binary) {
      Expr.Binary b = (Expr.Binary) e;
      result = new Expr.Binary(b.op(), replace(b.a(), made, done), replace(b.b(), made, done));
    } else if (e instanceof Expr.Where) {
      Expr.Where w = (Expr.Where) e;
      result =
          new Expr.Where(
              replace(w.condition(), made, done),
              replace(w.yes(), made, done),
              replace(w.no(), made, done));
    }
    done.put(e, result);
    return result;
  }
}
