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
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.Program.Step;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Cascade.Stage;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * Writes a class with one loop for all passes of a stage of a cascade. Folds stay in registers, in
 * the order of {@link TileFold}, or, where neighbouring elements belong to neighbouring rows, in a
 * tile for each.
 */
final class SweepCompiler extends LoopCompiler {
  private static final ClassDesc SWEEP = ClassDesc.of(Sweep.class.getName());
  private static final ClassDesc SUMS = ClassDesc.of(VectorMath.class.getName());
  private static final ClassDesc EXTREMES = ClassDesc.of(TileFold.class.getName());
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final MethodTypeDesc V_ANY = MethodTypeDesc.of(VECTOR, ANY_VECTOR);
  private static final int STEPS = 4;
  private static final int PARTIALS = 5;
  private static final int PARTIAL = 6;
  private static final int LENGTH = 7;
  private static final int ROWS = 8;
  private static final int PARTIAL_STEP = 9;

  /** A loop over elements of some rows of all operands. */
  interface Sweep {
    /**
     * Computes the passes for n elements of each row.
     *
     * @param arrays of operands, then of tiles to accumulate in
     * @param steps from one row to the next
     * @param partials folds are taken into these
     * @param partial place of the first pass's partial of the first row; that of the next pass is a
     *     tile further
     * @param partialStep from one row's partial to the next
     */
    void run(
        double[] parameters,
        Object[] arrays,
        int[] offsets,
        int[] steps,
        double[] partials,
        int partial,
        int n,
        int rows,
        int partialStep);
  }

  private final Stage stage;
  private final int inputs;
  private final boolean[] ofRow;
  private final boolean columns;

  /** The variables of a fold in registers: two vectors, and what they come to. */
  private final int[][] folds;

  private int[] vectorValues;
  private int[] scalarValues;
  private int lanes;
  private int last;

  private SweepCompiler(
      Program program,
      CodeBuilder code,
      Stage stage,
      int inputs,
      boolean[] ofRow,
      boolean columns) {
    super(program, code);
    this.stage = stage;
    this.inputs = inputs;
    this.ofRow = ofRow;
    this.columns = columns;
    this.folds = new int[stage.elements().size()][];
  }

  /** Whether a stage has a form with vectors. */
  static boolean canCompile(Stage stage) {
    for (Pass pass : stage.elements()) {
      if (pass.reducer() == Reducer.PRODUCT || !canCompile(pass.formula().program())) {
        return false;
      }
    }
    return !stage.elements().isEmpty();
  }

  /**
   * Makes a loop.
   *
   * @param inputs number of inputs; outputs follow
   * @param ofRow which operands have one value for all elements
   * @param columns whether elements belong to rows of their own
   */
  static Sweep compile(Stage stage, int inputs, boolean[] ofRow, boolean columns) {
    Program program = program(stage, inputs, ofRow.length + stage.elements().size());
    MethodTypeDesc type =
        MethodTypeDesc.of(
            CD_void,
            CD_double.arrayType(),
            CD_Object.arrayType(),
            CD_int.arrayType(),
            CD_int.arrayType(),
            CD_double.arrayType(),
            CD_int,
            CD_int,
            CD_int,
            CD_int);
    boolean[] single = columns ? new boolean[ofRow.length] : ofRow;
    return (Sweep)
        define(
            SWEEP,
            type,
            code -> new SweepCompiler(program, code, stage, inputs, single, columns).write());
  }

  /** All passes as one program, in which an output is the formula that it was made by. */
  private static Program program(Stage stage, int inputs, int operands) {
    Map<Integer, Expr> made = new HashMap<>();
    List<Expr> roots = new ArrayList<>();
    for (Pass pass : stage.elements()) {
      Expr root = replace(pass.formula().root(), made, new IdentityHashMap<>());
      roots.add(root);
      if (pass.kind() == Kind.MAP) {
        made.put(inputs + pass.target(), root);
      }
    }
    return Program.of(roots, operands);
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
    int count = stage.elements().size();
    for (int k = 0; k < program.inputs(); k++) {
      if (program.reads(k) || isStored(k)) {
        operand(k);
      }
    }
    numbers();
    vectorValues = values.clone();
    scalarValues = new int[values.length];
    for (int k = 0; k < values.length; k++) {
      scalarValues[k] = code.allocateLocal(TypeKind.FLOAT);
    }
    species();
    lanes = code.allocateLocal(TypeKind.INT);
    code.invokeinterface(SPECIES, "length", MethodTypeDesc.of(CD_int)).istore(lanes);
    last = code.allocateLocal(TypeKind.INT);
    i = code.allocateLocal(TypeKind.INT);
    int row = code.allocateLocal(TypeKind.INT);
    for (int k = 0; k < count && !columns; k++) {
      if (stage.elements().get(k).reducer() != null) {
        folds[k] =
            new int[] {
              code.allocateLocal(TypeKind.REFERENCE),
              code.allocateLocal(TypeKind.REFERENCE),
              code.allocateLocal(TypeKind.DOUBLE)
            };
      }
    }
    code.iconst_0().istore(row);
    Label top = code.newLabel();
    Label end = code.newLabel();
    code.labelBinding(top);
    code.iload(row).iload(ROWS).if_icmpge(end);
    row();
    for (int k = 0; k < program.inputs(); k++) {
      if (arrays[k] != 0) {
        code.iload(offsets[k]).aload(STEPS).loadConstant(k).iaload().iadd().istore(offsets[k]);
      }
    }
    code.iload(PARTIAL).iload(PARTIAL_STEP).iadd().istore(PARTIAL);
    code.iinc(row, 1);
    code.goto_(top);
    code.labelBinding(end);
    code.return_();
  }

  /** One row. */
  private void row() {
    for (int k = 0; k < values.length; k++) {
      if (isSingle(k)) {
        single(k);
        code.fstore(scalarValues[k]);
        species();
        code.fload(scalarValues[k])
            .invokestatic(VECTOR, "broadcast", MethodTypeDesc.of(VECTOR, SPECIES, CD_float))
            .astore(vectorValues[k]);
      }
    }
    for (int k = 0; k < folds.length; k++) {
      for (int u = 0; folds[k] != null && u < 2; u++) {
        species();
        code.loadConstant((float) stage.elements().get(k).reducer().identity())
            .invokestatic(VECTOR, "broadcast", MethodTypeDesc.of(VECTOR, SPECIES, CD_float))
            .astore(folds[k][u]);
      }
    }
    code.iconst_0().istore(i);
    System.arraycopy(vectorValues, 0, values, 0, values.length);
    code.iload(LENGTH).iload(lanes).isub().istore(last);
    vectors();
    System.arraycopy(scalarValues, 0, values, 0, values.length);
    scalars();
  }

  private boolean isStored(int operand) {
    for (int k = 0; k < stage.elements().size(); k++) {
      Pass pass = stage.elements().get(k);
      if (pass.kind() == Kind.MAP ? operand == inputs + pass.target() : operand == accumulator(k)) {
        return pass.kind() == Kind.MAP || columns;
      }
    }
    return false;
  }

  private int accumulator(int pass) {
    return ofRow.length + pass;
  }

  private boolean isSingle(int step) {
    Expr node = program.steps().get(step).node();
    return node instanceof Expr.Input
        && ((Expr.Input) node).index() < ofRow.length
        && ofRow[((Expr.Input) node).index()];
  }

  /** Pushes an operand's one value. */
  private void single(int step) {
    int x = ((Expr.Input) program.steps().get(step).node()).index();
    code.aload(arrays[x]).iload(offsets[x]).faload();
  }

  /** A loop while i is at most {@code last}. */
  private void vectors() {
    Label top = code.newLabel();
    Label end = code.newLabel();
    code.labelBinding(top);
    code.iload(i).iload(last).if_icmpgt(end);
    for (int k = 0; k < values.length; k++) {
      if (!isSingle(k)) {
        vectorStep(k, program.steps().get(k));
      }
    }
    for (int k = 0; k < stage.elements().size(); k++) {
      vectorSink(k);
    }
    code.iload(i).iload(lanes).iadd().istore(i);
    code.goto_(top);
    code.labelBinding(end);
  }

  private void vectorSink(int k) {
    Pass pass = stage.elements().get(k);
    int value = values[program.result(k)];
    if (pass.reducer() != null && !columns) {
      // What the loop carries is the argument; see VectorMath.exact. Two folds take turns, so that
      // none waits for the one before; a body of two vectors may be too large to be inlined.
      code.aload(folds[k][1]);
      code.aload(value).aload(folds[k][0]).invokevirtual(VECTOR, name(pass.reducer()), V_ANY);
      code.astore(folds[k][1]).astore(folds[k][0]);
      return;
    }
    int to = pass.kind() == Kind.MAP ? inputs + pass.target() : accumulator(k);
    if (pass.reducer() != null) {
      species();
      code.aload(arrays[to]).iload(offsets[to]).iload(i).iadd();
      code.invokestatic(VECTOR, "fromArray", MethodTypeDesc.of(VECTOR, SPECIES, FLOATS, CD_int));
      code.aload(value).invokevirtual(VECTOR, name(pass.reducer()), V_ANY);
    } else {
      code.aload(value);
    }
    code.aload(arrays[to]).iload(offsets[to]).iload(i).iadd();
    code.invokevirtual(VECTOR, "intoArray", MethodTypeDesc.of(CD_void, FLOATS, CD_int));
  }

  private static String name(Reducer reducer) {
    return reducer == Reducer.SUM ? "add" : reducer.name().toLowerCase(Locale.ROOT);
  }

  private void scalars() {
    int count = stage.elements().size();
    for (int k = 0; k < count; k++) {
      if (folds[k] != null) {
        boolean sum = stage.elements().get(k).reducer() == Reducer.SUM;
        code.aload(folds[k][0]).aload(folds[k][1]);
        code.invokestatic(
            sum ? SUMS : EXTREMES,
            sum ? "sum" : name(stage.elements().get(k).reducer()),
            MethodTypeDesc.of(CD_float, VECTOR, VECTOR));
        code.f2d().dstore(folds[k][2]);
      }
    }
    Label top = code.newLabel();
    Label end = code.newLabel();
    code.labelBinding(top);
    code.iload(i).iload(LENGTH).if_icmpge(end);
    List<Step> steps = program.steps();
    for (int k = 0; k < steps.size(); k++) {
      if (!isSingle(k)) {
        scalarStep(k, steps.get(k));
      }
    }
    for (int k = 0; k < count; k++) {
      scalarSink(k);
    }
    code.iinc(i, 1);
    code.goto_(top);
    code.labelBinding(end);
    for (int k = 0; k < count; k++) {
      if (folds[k] != null) {
        int place = k * TileProgram.TILE;
        code.aload(PARTIALS).iload(PARTIAL).loadConstant(place).iadd();
        code.aload(PARTIALS).iload(PARTIAL).loadConstant(place).iadd().daload();
        code.dload(folds[k][2]);
        combine(stage.elements().get(k).reducer());
        code.dastore();
      }
    }
  }

  private void combine(Reducer reducer) {
    if (reducer == Reducer.SUM) {
      code.dadd();
    } else {
      code.invokestatic(MATH, name(reducer), MethodTypeDesc.of(CD_double, CD_double, CD_double));
    }
  }

  private void scalarSink(int k) {
    Pass pass = stage.elements().get(k);
    int value = values[program.result(k)];
    if (pass.reducer() != null && !columns) {
      code.dload(folds[k][2]).fload(value).f2d();
      combine(pass.reducer());
      code.dstore(folds[k][2]);
      return;
    }
    int to = pass.kind() == Kind.MAP ? inputs + pass.target() : accumulator(k);
    code.aload(arrays[to]).iload(offsets[to]).iload(i).iadd();
    if (pass.reducer() != null) {
      code.aload(arrays[to]).iload(offsets[to]).iload(i).iadd().faload().fload(value);
      if (pass.reducer() == Reducer.SUM) {
        code.fadd();
      } else {
        code.invokestatic(
            MATH, name(pass.reducer()), MethodTypeDesc.of(CD_float, CD_float, CD_float));
      }
    } else {
      code.fload(value);
    }
    code.fastore();
  }
}
