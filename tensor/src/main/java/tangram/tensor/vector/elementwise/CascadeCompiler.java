package tangram.tensor.vector.elementwise;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.Program.Step;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * Writes a class that computes a stage of a cascade row by row, as one would by hand, with folds in
 * registers. (All stages at once are too much for the compiler to inline.) Where neighbouring
 * elements belong to neighbouring rows, a register holds a value of as many rows as it has lanes.
 * Sums are in the order of {@link TileFold}, so the bits are those of {@link CascadeTiles}.
 */
final class CascadeCompiler {
  private static final ClassDesc SWEEP = ClassDesc.of(Sweep.class.getName());
  private static final ClassDesc SUMS = ClassDesc.of(VectorMath.class.getName());
  private static final ClassDesc FOLDS = ClassDesc.of(TileFold.class.getName());
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final ClassDesc VECTOR = LoopCompiler.VECTOR;
  private static final MethodTypeDesc V_ANY = MethodTypeDesc.of(VECTOR, LoopCompiler.ANY_VECTOR);
  private static final MethodTypeDesc INTO_ARRAY =
      MethodTypeDesc.of(CD_void, LoopCompiler.FLOATS, CD_int);
  private static final MethodTypeDesc FROM_ARRAY =
      MethodTypeDesc.of(VECTOR, LoopCompiler.SPECIES, LoopCompiler.FLOATS, CD_int);
  private static final MethodTypeDesc CLEAR =
      MethodTypeDesc.of(CD_void, CD_double.arrayType(), CD_int);
  private static final MethodTypeDesc SUMS_OF_ROOM =
      MethodTypeDesc.of(VECTOR, CD_double.arrayType(), CD_int);
  private static final MethodTypeDesc BROADCAST =
      MethodTypeDesc.of(VECTOR, LoopCompiler.SPECIES, CD_float);
  private static final int ROW_STEPS = 4;
  private static final int RUN_STEPS = 5;
  private static final int ROOM = 6;
  private static final int ROWS = 7;
  private static final int RUNS = 8;
  private static final int LENGTH = 9;

  /** Whether rows lie side by side. */
  enum Columns {
    NO,
    /** Sums are so short that single precision is enough, and needs no room in memory. */
    SHORT,
    LONG;

    static Columns of(VectorCascade c) {
      return !c.columns ? NO : c.length > TileFold.SINGLE ? LONG : SHORT;
    }
  }

  /** A cascade over some rows. */
  interface Sweep {
    /**
     * Computes all passes.
     *
     * @param offsets where the first row of each operand begins
     * @param rowSteps from one row to the next; rows that lie side by side step by 1, or 0
     * @param runSteps from one run of a row to the next, or one element if rows lie side by side
     * @param room for sums if rows lie side by side
     * @param rows number of rows
     * @param runs runs of a row, each of neighbouring elements; 1 if rows lie side by side
     * @param n elements of a run
     */
    void run(
        double[] parameters,
        Object[] arrays,
        int[] offsets,
        int[] rowSteps,
        int[] runSteps,
        double[] room,
        int rows,
        int runs,
        int n);
  }

  /** Partial sums of a pass that may be wanted at once: the lanes of the widest vector. */
  private static final int ROOM_OF_PASS = 64;

  private final CodeBuilder code;
  private final Cascade cascade;
  private final boolean[] single;
  private final Columns columns;
  private final int first;
  private final Stage stage;

  private final int[] arrays;

  /** Where rows begin, and where the elements of the current run. */
  private final int[] offsets;

  private final int[] positions;

  /** From one row, and from one run, to the next. */
  private final int[] rowSteps;

  private final int[] runSteps;

  /** Row values as numbers, and as vectors. */
  private final int[] rowScalars;

  private final int[] rowVectors;
  private Part elements;
  private final List<Part> rowParts = new ArrayList<>();
  private int lanes;
  private int last;
  private int i;
  private int counter;
  private int end;

  /**
   * The variables of a pass's fold.
   *
   * @param total of all tiles so far
   * @param turns vectors that take turns, so that none waits for the one before
   * @param number where a row is computed element by element
   */
  private record Fold(Reducer reducer, int total, int[] turns, int ofTile, int number) {
    int first() {
      return turns[0];
    }

    int value(boolean vector) {
      return vector ? first() : number;
    }
  }

  /** All passes over elements of a stage, or one over row values, as one list of steps. */
  private final class Part extends LoopCompiler {
    final List<Pass> passes;
    final boolean ofRow;
    final int[] vectors;
    final int[] scalars = new int[values.length];

    /** Which steps read a row value that this stage made. */
    final boolean[] made = new boolean[values.length];

    /** Null for passes that do not fold. */
    final Fold[] folds;

    Part(Program program, List<Pass> passes, boolean ofRow) {
      super(
          program,
          CascadeCompiler.this.code,
          CascadeCompiler.this.arrays,
          ofRow ? CascadeCompiler.this.offsets : positions);
      this.passes = passes;
      this.ofRow = ofRow;
      this.folds = new Fold[passes.size()];
      i = CascadeCompiler.this.i;
      numbers();
      vectors = values.clone();
      for (int k = 0; k < values.length; k++) {
        scalars[k] = code.allocateLocal(TypeKind.FLOAT);
        made[k] = ofRow && input(k) >= first && rowScalars[input(k) - first] != 0;
        if (made[k]) {
          vectors[k] = rowVectors[input(k) - first];
          scalars[k] = rowScalars[input(k) - first];
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
      return x >= 0 && (single[x] || ofRow && columns == Columns.NO);
    }

    void steps(boolean vector) {
      System.arraycopy(vector ? vectors : scalars, 0, values, 0, values.length);
      for (int k = 0; k < values.length; k++) {
        Step step = program.steps().get(k);
        if (made[k] || isSingle(k) && !ofRow && columns == Columns.NO) {
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
          for (int turn : fold.turns) {
            spread((float) fold.reducer.identity(), turn);
          }
        }
      }
    }

    int value(int pass, boolean vector) {
      return (vector ? vectors : scalars)[program.result(pass)];
    }
  }

  private CascadeCompiler(
      CodeBuilder code, Cascade cascade, Stage stage, boolean[] single, Columns columns) {
    this.code = code;
    this.cascade = cascade;
    this.stage = stage;
    this.single = single;
    this.columns = columns;
    this.first = cascade.inputs() + cascade.outputs();
    this.arrays = new int[cascade.operands()];
    this.offsets = new int[arrays.length];
    this.positions = new int[arrays.length];
    this.rowSteps = new int[arrays.length];
    this.runSteps = new int[arrays.length];
    this.rowScalars = new int[cascade.rows()];
    this.rowVectors = new int[cascade.rows()];
  }

  /** Sums that {@link Sweep} wants room for. */
  static int room(Cascade cascade) {
    return cascade.passes().size() * ROOM_OF_PASS;
  }

  /** Whether a cascade has a form with vectors. */
  static boolean canCompile(Cascade cascade) {
    for (Pass pass : cascade.passes()) {
      if (pass.reducer() == Reducer.PRODUCT || !LoopCompiler.canCompile(pass.formula().program())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Makes a sweep.
   *
   * @param single which operands have one value for a run, or, in columns, for all rows at once
   * @param columns whether rows lie side by side, and how long they are
   */
  static Sweep compile(Cascade cascade, Stage stage, boolean[] single, Columns columns) {
    ClassDesc ints = CD_int.arrayType();
    ClassDesc doubles = CD_double.arrayType();
    MethodTypeDesc type =
        MethodTypeDesc.of(
            CD_void,
            doubles,
            CD_Object.arrayType(),
            ints,
            ints,
            ints,
            doubles,
            CD_int,
            CD_int,
            CD_int);
    return (Sweep)
        LoopCompiler.define(
            SWEEP,
            type,
            code -> new CascadeCompiler(code, cascade, stage, single, columns).write());
  }

  /** All passes as one program, in which an output is the formula that it was made by. */
  private Program program(List<Pass> passes) {
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

  private void write() {
    i = code.allocateLocal(TypeKind.INT);
    counter = code.allocateLocal(TypeKind.INT);
    last = code.allocateLocal(TypeKind.INT);
    end = code.allocateLocal(TypeKind.INT);
    lanes = code.allocateLocal(TypeKind.INT);
    species();
    code.invokeinterface(LoopCompiler.SPECIES, "length", MethodTypeDesc.of(CD_int)).istore(lanes);
    for (int k = 0; k < arrays.length; k++) {
      if (stage.touches(k, first)) {
        arrays[k] = code.allocateLocal(TypeKind.REFERENCE);
        offsets[k] = code.allocateLocal(TypeKind.INT);
        positions[k] = code.allocateLocal(TypeKind.INT);
        code.aload(LoopCompiler.ARRAYS).loadConstant(k).aaload();
        code.checkcast(LoopCompiler.FLOATS).astore(arrays[k]);
        number(LoopCompiler.OFFSETS, k, offsets[k]);
        rowSteps[k] = code.allocateLocal(TypeKind.INT);
        runSteps[k] = code.allocateLocal(TypeKind.INT);
        number(ROW_STEPS, k, rowSteps[k]);
        number(RUN_STEPS, k, runSteps[k]);
      }
    }
    elements = new Part(program(stage.elements()), stage.elements(), false);
    for (Pass pass : stage.elements()) {
      if (pass.reducer() != null) {
        declare(pass.target());
      }
    }
    for (Pass pass : stage.rows()) {
      rowParts.add(new Part(program(List.of(pass)), List.of(pass), true));
      declare(pass.target());
    }
    if (columns != Columns.NO) {
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
    } else {
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
    code.return_();
  }

  private void declare(int row) {
    if (rowScalars[row] != 0) {
      return;
    }
    rowScalars[row] = code.allocateLocal(TypeKind.FLOAT);
    rowVectors[row] = code.allocateLocal(TypeKind.REFERENCE);
  }

  private void loop(Consumer<Label> leave, Runnable body) {
    Label top = code.newLabel();
    Label out = code.newLabel();
    code.labelBinding(top);
    leave.accept(out);
    body.run();
    code.goto_(top);
    code.labelBinding(out);
  }

  private void number(int array, int k, int variable) {
    code.aload(array).loadConstant(k).iaload().istore(variable);
  }

  private void advance(int[] places, int[] steps) {
    for (int k = 0; k < arrays.length; k++) {
      if (arrays[k] != 0) {
        code.iload(places[k]).iload(steps[k]).iadd().istore(places[k]);
      }
    }
  }

  private void begin() {
    for (int k = 0; k < arrays.length; k++) {
      if (arrays[k] != 0) {
        code.iload(offsets[k]).istore(positions[k]);
      }
    }
    code.iconst_0().istore(counter);
  }

  /** One row, run by run, a run in tiles. */
  private void row() {
    boolean near = !elements.passes.isEmpty() && elements.passes.get(0).kind() == Kind.NEAR;
    for (Fold fold : elements.folds) {
      if (fold != null) {
        code.loadConstant(fold.reducer.identity()).dstore(fold.total);
      }
    }
    begin();
    loop(
        out -> code.iload(counter).iload(RUNS).if_icmpge(out),
        () -> {
          elements.singles();
          code.iconst_0().istore(i);
          if (near) {
            tile(elements);
            code.iload(RUNS).istore(counter);
          } else {
            loop(out -> code.iload(i).iload(LENGTH).if_icmpge(out), () -> tile(elements));
            advance(positions, runSteps);
            code.iinc(counter, 1);
          }
        });
    for (int k = 0; k < elements.folds.length; k++) {
      if (elements.folds[k] != null) {
        code.dload(elements.folds[k].total);
        if (near) {
          code.iconst_0().istore(i);
          limit(i, TileProgram.TILE);
          code.iload(end).i2d().ddiv();
        }
        code.d2f();
        keep(elements.passes.get(k), false);
      }
    }
    for (Part part : rowParts) {
      part.steps(false);
      code.fload(part.value(0, false));
      keep(part.passes.get(0), false);
    }
  }

  /** One tile of a run. */
  private void tile(Part part) {
    limit(i, TileProgram.TILE);
    code.iload(end).iload(lanes).isub().istore(last);
    part.clear();
    loop(
        out -> code.iload(i).iload(last).if_icmpgt(out),
        () -> {
          part.steps(true);
          for (int k = 0; k < part.passes.size(); k++) {
            Fold fold = part.folds[k];
            if (fold == null) {
              put(part, k, true);
            } else {
              // What the loop carries is the argument; see VectorMath.exact. A body of two vectors
              // may be too large to be inlined.
              code.aload(part.value(k, true)).aload(fold.first());
              code.invokevirtual(VECTOR, name(fold.reducer), V_ANY);
              for (int t = 1; t < fold.turns.length; t++) {
                code.aload(fold.turns[t]).astore(fold.turns[t - 1]);
              }
              code.astore(fold.turns[fold.turns.length - 1]);
            }
          }
          code.iload(i).iload(lanes).iadd().istore(i);
        });
    for (Fold fold : part.folds) {
      if (fold != null) {
        Reducer reducer = fold.reducer;
        for (int turn : fold.turns) {
          code.aload(turn);
        }
        code.invokestatic(
            reducer == Reducer.SUM ? SUMS : FOLDS,
            reducer == Reducer.SUM ? "sum" : name(reducer),
            MethodTypeDesc.of(CD_float, Collections.nCopies(fold.turns.length, VECTOR)));
        code.f2d().dstore(fold.ofTile);
      }
    }
    loop(
        out -> code.iload(i).iload(end).if_icmpge(out),
        () -> {
          part.steps(false);
          for (int k = 0; k < part.passes.size(); k++) {
            Fold fold = part.folds[k];
            if (fold == null) {
              put(part, k, false);
            } else {
              code.dload(fold.ofTile).fload(part.value(k, false)).f2d();
              combine(fold.reducer, CD_double);
              code.dstore(fold.ofTile);
            }
          }
          code.iinc(i, 1);
        });
    for (Fold fold : part.folds) {
      if (fold != null) {
        code.dload(fold.total).dload(fold.ofTile);
        combine(fold.reducer, CD_double);
        code.dstore(fold.total);
      }
    }
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
      Fold fold = elements.folds[k];
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
          spread((float) fold.reducer.identity(), fold.turns[1]);
          code.aload(fold.turns[1]).aload(fold.first());
          code.invokevirtual(VECTOR, name(fold.reducer), V_ANY);
        } else {
          code.fload(fold.number);
        }
        keep(elements.passes.get(k), vector);
      }
    }
    for (Part part : rowParts) {
      part.steps(vector);
      code.loadLocal(vector ? TypeKind.REFERENCE : TypeKind.FLOAT, part.value(0, vector));
      keep(part.passes.get(0), vector);
    }
  }

  /** Adds what was summed in single precision to sums in double precision. */
  private void goOn(boolean vector) {
    for (int k = 0; k < elements.folds.length; k++) {
      Fold fold = elements.folds[k];
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
  private boolean goesOn(Fold fold) {
    return columns == Columns.LONG && fold.reducer == Reducer.SUM;
  }

  private void start(Fold fold, boolean vector) {
    if (vector) {
      spread((float) fold.reducer.identity(), fold.first());
    } else {
      code.loadConstant((float) fold.reducer.identity()).fstore(fold.number);
    }
  }

  private void element(boolean vector) {
    elements.steps(vector);
    for (int k = 0; k < elements.folds.length; k++) {
      Fold fold = elements.folds[k];
      if (fold == null) {
        put(elements, k, vector);
      } else if (vector) {
        code.aload(elements.value(k, true)).aload(fold.first());
        code.invokevirtual(VECTOR, name(fold.reducer), V_ANY).astore(fold.first());
      } else {
        code.fload(fold.number).fload(elements.value(k, false));
        combine(fold.reducer, CD_float);
        code.fstore(fold.number);
      }
    }
    advance(positions, runSteps);
    code.iinc(counter, 1);
  }

  /** Sets the end of the next few elements. */
  private void limit(int from, int most) {
    code.iload(from).loadConstant(most).iadd().iload(LENGTH);
    code.invokestatic(MATH, "min", MethodTypeDesc.of(CD_int, CD_int, CD_int)).istore(end);
  }

  private void room(int pass) {
    code.aload(ROOM).loadConstant(pass * ROOM_OF_PASS);
  }

  /** Makes what was pushed a row value. */
  private void keep(Pass pass, boolean vector) {
    int k = first + pass.target();
    if (vector) {
      code.dup().astore(rowVectors[pass.target()]);
    } else {
      code.fstore(rowScalars[pass.target()]);
    }
    code.aload(arrays[k]).iload(offsets[k]);
    if (columns != Columns.NO) {
      code.iload(i).iadd();
    }
    if (vector) {
      code.invokevirtual(VECTOR, "intoArray", INTO_ARRAY);
    } else {
      code.fload(rowScalars[pass.target()]).fastore();
    }
  }

  /** Stores an element of an output, or adds it. */
  private void put(Part part, int pass, boolean vector) {
    int to = cascade.inputs() + part.passes.get(pass).target();
    boolean adds = part.passes.get(pass).kind() == Kind.ACROSS;
    if (vector) {
      code.aload(part.value(pass, true));
      if (adds) {
        species();
        code.aload(arrays[to]).iload(positions[to]).iload(i).iadd();
        code.invokestatic(VECTOR, "fromArray", FROM_ARRAY).invokevirtual(VECTOR, "add", V_ANY);
      }
    }
    code.aload(arrays[to]).iload(positions[to]).iload(i).iadd();
    if (vector) {
      code.invokevirtual(VECTOR, "intoArray", INTO_ARRAY);
    } else if (adds) {
      code.dup2().faload().fload(part.value(pass, false)).fadd().fastore();
    } else {
      code.fload(part.value(pass, false)).fastore();
    }
  }

  private static String name(Reducer reducer) {
    return reducer == Reducer.SUM ? "add" : reducer.name().toLowerCase(Locale.ROOT);
  }

  private void combine(Reducer reducer, ClassDesc type) {
    if (reducer != Reducer.SUM) {
      code.invokestatic(MATH, name(reducer), MethodTypeDesc.of(type, type, type));
    } else if (type == CD_double) {
      code.dadd();
    } else {
      code.fadd();
    }
  }

  /** Fills a vector with a constant. */
  private void spread(float value, int vector) {
    species();
    code.loadConstant(value).invokestatic(VECTOR, "broadcast", BROADCAST).astore(vector);
  }

  /** Fills a vector with a number. */
  private void spread(int scalar, int vector) {
    species();
    code.fload(scalar).invokestatic(VECTOR, "broadcast", BROADCAST).astore(vector);
  }

  private void species() {
    code.getstatic(VECTOR, "SPECIES_PREFERRED", LoopCompiler.SPECIES);
  }
}
