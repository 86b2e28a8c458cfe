package tangram.tensor.vector.elementwise;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Reducer;

/**
 * Writes a class that computes a stage of a cascade row by row, as one would by hand, with folds in
 * registers. (All stages at once are too much for the compiler to inline.) Where neighbouring
 * elements belong to neighbouring rows, a register holds a value of as many rows as it has lanes.
 * Sums are in the order of {@link TileFold}, so the bits are those of {@link CascadeTiles}.
 */
abstract class CascadeCompiler extends Emitter {
  static final ClassDesc FOLDS = ClassDesc.of(TileFold.class.getName());
  private static final int ROW_STEPS = 4;
  private static final int RUN_STEPS = 5;
  static final int ROOM = 6;
  static final int ROWS = 7;
  static final int RUNS = 8;
  static final int LENGTH = 9;

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

  /** Partial sums of a pass that may be wanted at once: the lanes of the widest vector. */
  static final int ROOM_OF_PASS = 64;

  final Cascade cascade;
  final boolean[] single;
  final Columns columns;
  final int first;
  private final Stage stage;

  final int[] arrays;

  /** Where rows begin, and where the elements of the current run. */
  final int[] offsets;

  final int[] positions;

  /** From one row, and from one run, to the next. */
  final int[] rowSteps;

  final int[] runSteps;

  /** Row values as numbers, and as vectors. */
  final int[] rowScalars;

  final int[] rowVectors;
  CascadePart elements;
  final List<CascadePart> rowParts = new ArrayList<>();
  int lanes;
  int last;
  int i;
  int counter;
  int end;

  CascadeCompiler(
      CodeBuilder code, Cascade cascade, Stage stage, boolean[] single, Columns columns) {
    super(code);
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
    return (Sweep)
        define(
            Sweep.class,
            code -> {
              CascadeCompiler compiler =
                  columns == Columns.NO
                      ? new RowLoops(code, cascade, stage, single)
                      : new ColumnLoops(code, cascade, stage, single, columns);
              compiler.write();
            });
  }

  private void write() {
    i = code.allocateLocal(TypeKind.INT);
    counter = code.allocateLocal(TypeKind.INT);
    last = code.allocateLocal(TypeKind.INT);
    end = code.allocateLocal(TypeKind.INT);
    lanes = code.allocateLocal(TypeKind.INT);
    species();
    code.invokeinterface(SPECIES, "length", MethodTypeDesc.of(CD_int)).istore(lanes);
    for (int k = 0; k < arrays.length; k++) {
      if (stage.touches(k, first)) {
        arrays[k] = code.allocateLocal(TypeKind.REFERENCE);
        offsets[k] = code.allocateLocal(TypeKind.INT);
        positions[k] = code.allocateLocal(TypeKind.INT);
        code.aload(LoopCompiler.ARRAYS).loadConstant(k).aaload();
        code.checkcast(FLOATS).astore(arrays[k]);
        number(LoopCompiler.OFFSETS, k, offsets[k]);
        rowSteps[k] = code.allocateLocal(TypeKind.INT);
        runSteps[k] = code.allocateLocal(TypeKind.INT);
        number(ROW_STEPS, k, rowSteps[k]);
        number(RUN_STEPS, k, runSteps[k]);
      }
    }
    elements = new CascadePart(this, stage.elements(), false);
    for (Pass pass : stage.elements()) {
      if (pass.reducer() != null) {
        declare(pass.target());
      }
    }
    for (Pass pass : stage.rows()) {
      rowParts.add(new CascadePart(this, List.of(pass), true));
      declare(pass.target());
    }
    loops();
    code.return_();
  }

  /** Writes the loops over rows. */
  abstract void loops();

  private void declare(int row) {
    if (rowScalars[row] != 0) {
      return;
    }
    rowScalars[row] = code.allocateLocal(TypeKind.FLOAT);
    rowVectors[row] = code.allocateLocal(TypeKind.REFERENCE);
  }

  private void number(int array, int k, int variable) {
    code.aload(array).loadConstant(k).iaload().istore(variable);
  }

  void advance(int[] places, int[] steps) {
    for (int k = 0; k < arrays.length; k++) {
      if (arrays[k] != 0) {
        code.iload(places[k]).iload(steps[k]).iadd().istore(places[k]);
      }
    }
  }

  void begin() {
    for (int k = 0; k < arrays.length; k++) {
      if (arrays[k] != 0) {
        code.iload(offsets[k]).istore(positions[k]);
      }
    }
    code.iconst_0().istore(counter);
  }

  /** Sets the end of the next few elements. */
  void limit(int from, int most) {
    code.iload(from).loadConstant(most).iadd().iload(LENGTH);
    code.invokestatic(MATH, "min", MethodTypeDesc.of(CD_int, CD_int, CD_int)).istore(end);
  }

  /** Makes what was pushed a row value. */
  void keep(Pass pass, boolean vector) {
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
  void put(CascadePart part, int pass, boolean vector) {
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

  static String name(Reducer reducer) {
    return reducer == Reducer.SUM ? "add" : reducer.name().toLowerCase(Locale.ROOT);
  }

  void combine(Reducer reducer, ClassDesc type) {
    if (reducer != Reducer.SUM) {
      code.invokestatic(MATH, name(reducer), MethodTypeDesc.of(type, type, type));
    } else if (type == CD_double) {
      code.dadd();
    } else {
      code.fadd();
    }
  }
}
