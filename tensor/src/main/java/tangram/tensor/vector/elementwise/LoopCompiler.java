package tangram.tensor.vector.elementwise;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.Program.Step;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.vector.runtime.Elementary;

/**
 * Writes a class with one loop for a whole formula, whose intermediate values stay in registers.
 * Each node is the same arithmetic as in {@link OperatorLoops}, so the bits are the same.
 */
class LoopCompiler extends Emitter {
  private static final ClassDesc MASK = ClassDesc.of(VectorMask.class.getName());
  private static final ClassDesc OPERATORS = ClassDesc.of(VectorOperators.class.getName());
  private static final ClassDesc COMPARISON =
      ClassDesc.of("jdk.incubator.vector.VectorOperators$Comparison");
  private static final ClassDesc ELEMENTARY = ClassDesc.of(Elementary.class.getName());
  private static final MethodTypeDesc V_V = MethodTypeDesc.of(VECTOR, VECTOR);
  private static final MethodTypeDesc V = MethodTypeDesc.of(VECTOR);
  private static final MethodTypeDesc F_F = MethodTypeDesc.of(CD_float, CD_float);
  private static final MethodTypeDesc F_FF = MethodTypeDesc.of(CD_float, CD_float, CD_float);

  private static final Set<UnaryOp> VECTOR_FORM =
      EnumSet.of(
          UnaryOp.NEG,
          UnaryOp.ABS,
          UnaryOp.SQRT,
          UnaryOp.EXP,
          UnaryOp.LOG,
          UnaryOp.TANH,
          UnaryOp.SIGMOID,
          UnaryOp.RELU,
          UnaryOp.LOG1P,
          UnaryOp.ERF,
          UnaryOp.ERFC,
          UnaryOp.GELU,
          UnaryOp.GELU_SLOPE);

  private static final Set<BinaryOp> NO_VECTOR_FORM =
      EnumSet.of(BinaryOp.POW, BinaryOp.ATAN2, BinaryOp.FLOOR_DIVIDE, BinaryOp.REMAINDER);

  /** A loop over n elements of some arrays of {@code float}, from an offset each. */
  interface Loop {
    /** Computes y[yo + k] for k below n. */
    void run(double[] parameters, Object[] arrays, int[] offsets, float[] y, int yo, int n);
  }

  private static final int PARAMETERS = 1;
  static final int ARRAYS = 2;
  static final int OFFSETS = 3;
  private static final int Y = 4;
  private static final int Y_OFFSET = 5;
  private static final int N = 6;

  final Program program;
  final int[] arrays;
  final int[] offsets;

  /** The variable of each step's value. */
  final int[] values;

  /** The variable that counts elements. */
  int i;

  private LoopCompiler(Program program, CodeBuilder code) {
    this(program, code, new int[program.inputs()], new int[program.inputs()]);
  }

  /** With the variables that keep the operands' arrays and offsets. */
  LoopCompiler(Program program, CodeBuilder code, int[] arrays, int[] offsets) {
    super(code);
    this.program = program;
    this.arrays = arrays;
    this.offsets = offsets;
    this.values = new int[program.steps().size()];
  }

  /** Whether every operator of a formula has a vector form. */
  static boolean canCompile(Program program) {
    for (Step step : program.steps()) {
      Expr node = step.node();
      if (node instanceof Expr.Unary && !VECTOR_FORM.contains(((Expr.Unary) node).op())) {
        return false;
      }
      if (node instanceof Expr.Binary) {
        BinaryOp op = ((Expr.Binary) node).op();
        if (NO_VECTOR_FORM.contains(op)) {
          return false;
        }
      }
    }
    return true;
  }

  /** A loop for a formula that {@linkplain #canCompile can be compiled}. */
  static Loop compile(Program program) {
    return (Loop) define(Loop.class, code -> new LoopCompiler(program, code).write());
  }

  private void write() {
    for (int k = 0; k < arrays.length; k++) {
      if (program.reads(k)) {
        operand(k);
      }
    }
    numbers();
    i = code.allocateLocal(TypeKind.INT);
    int bound = code.allocateLocal(TypeKind.INT);
    code.iconst_0().istore(i);
    species();
    code.iload(N)
        .invokeinterface(SPECIES, "loopBound", MethodTypeDesc.of(CD_int, CD_int))
        .istore(bound);
    elements(bound, true);
    int[] vectors = values.clone();
    for (int k = 0; k < values.length; k++) {
      values[k] = code.allocateLocal(TypeKind.FLOAT);
    }
    elements(N, false);
    System.arraycopy(vectors, 0, values, 0, values.length);
    code.return_();
  }

  /** Keeps an operand's array and offset in variables. */
  private void operand(int k) {
    arrays[k] = code.allocateLocal(TypeKind.REFERENCE);
    offsets[k] = code.allocateLocal(TypeKind.INT);
    code.aload(ARRAYS).loadConstant(k).aaload().checkcast(FLOATS).astore(arrays[k]);
    code.aload(OFFSETS).loadConstant(k).iaload().istore(offsets[k]);
  }

  /** Gives every step a variable for vectors, those of numbers filled. */
  final void numbers() {
    for (int k = 0; k < values.length; k++) {
      values[k] = code.allocateLocal(TypeKind.REFERENCE);
      Expr node = program.steps().get(k).node();
      if (node instanceof Expr.Const || node instanceof Expr.Parameter) {
        int number = code.allocateLocal(TypeKind.FLOAT);
        number(node);
        code.fstore(number);
        spread(number, values[k]);
      }
    }
  }

  private void elements(int bound, boolean vectors) {
    loop(
        out -> code.iload(i).iload(bound).if_icmpge(out),
        () -> {
          List<Step> steps = program.steps();
          for (int k = 0; k < steps.size(); k++) {
            if (vectors) {
              vectorStep(k, steps.get(k));
            } else {
              scalarStep(k, steps.get(k));
            }
          }
          int last = values[values.length - 1];
          if (vectors) {
            code.aload(last).aload(Y).iload(Y_OFFSET).iload(i).iadd();
            code.invokevirtual(VECTOR, "intoArray", INTO_ARRAY).iload(i);
            lanes();
            code.iadd().istore(i);
          } else {
            code.aload(Y).iload(Y_OFFSET).iload(i).iadd().fload(last).fastore();
            code.iinc(i, 1);
          }
        });
  }

  /** Pushes a constant, or a number of the call. */
  private void number(Expr node) {
    if (node instanceof Expr.Const) {
      code.loadConstant((float) ((Expr.Const) node).value());
    } else {
      code.aload(PARAMETERS).loadConstant(((Expr.Parameter) node).index()).daload().d2f();
    }
  }

  final void vectorStep(int k, Step step) {
    Expr node = step.node();
    if (node instanceof Expr.Const || node instanceof Expr.Parameter) {
      return;
    }
    if (node instanceof Expr.Input) {
      int x = ((Expr.Input) node).index();
      species();
      code.aload(arrays[x]).iload(offsets[x]).iload(i).iadd();
      code.invokestatic(VECTOR, "fromArray", FROM_ARRAY);
    } else if (node instanceof Expr.Unary) {
      code.aload(values[step.a()]);
      switch (((Expr.Unary) node).op()) {
        case NEG -> code.invokevirtual(VECTOR, "neg", V);
        case ABS -> code.invokevirtual(VECTOR, "abs", V);
        case SQRT -> code.invokevirtual(VECTOR, "sqrt", V);
        default -> code.invokestatic(ELEMENTARY, lower(((Expr.Unary) node).op()), V_V);
      }
    } else if (node instanceof Expr.Binary) {
      vectorBinary(((Expr.Binary) node).op(), step);
    } else {
      code.aload(values[step.c()]).aload(values[step.b()]);
      Step condition = program.steps().get(step.a());
      if (isComparison(condition.node())) {
        code.aload(values[condition.a()]);
        BinaryOp op = ((Expr.Binary) condition.node()).op();
        compare(op.name(), c -> c.aload(values[condition.b()]), ANY_VECTOR);
      } else {
        code.aload(values[step.a()]);
        compare("NE", c -> c.fconst_0(), CD_float);
      }
      code.invokevirtual(VECTOR, "blend", MethodTypeDesc.of(VECTOR, ANY_VECTOR, MASK));
    }
    code.astore(values[k]);
  }

  private static boolean isComparison(Expr node) {
    if (!(node instanceof Expr.Binary)) {
      return false;
    }
    return switch (((Expr.Binary) node).op()) {
      case LT, LE, EQ, NE -> true;
      default -> false;
    };
  }

  private void vectorBinary(BinaryOp op, Step step) {
    switch (op) {
      case LT, LE, EQ, NE -> {
        species();
        code.invokestatic(VECTOR, "zero", MethodTypeDesc.of(VECTOR, SPECIES)).fconst_1();
        code.aload(values[step.a()]);
        compare(op.name(), c -> c.aload(values[step.b()]), ANY_VECTOR);
        code.invokevirtual(VECTOR, "blend", MethodTypeDesc.of(VECTOR, CD_float, MASK));
      }
      default -> {
        code.aload(values[step.a()]).aload(values[step.b()]);
        code.invokevirtual(VECTOR, lower(op), V_ANY);
      }
    }
  }

  private void compare(String how, Consumer<CodeBuilder> with, ClassDesc type) {
    code.getstatic(OPERATORS, how, COMPARISON);
    with.accept(code);
    code.invokevirtual(VECTOR, "compare", MethodTypeDesc.of(MASK, COMPARISON, type));
  }

  final void scalarStep(int k, Step step) {
    Expr node = step.node();
    if (node instanceof Expr.Const || node instanceof Expr.Parameter) {
      number(node);
    } else if (node instanceof Expr.Input) {
      int x = ((Expr.Input) node).index();
      code.aload(arrays[x]).iload(offsets[x]).iload(i).iadd().faload();
    } else if (node instanceof Expr.Unary) {
      code.fload(values[step.a()]);
      switch (((Expr.Unary) node).op()) {
        case NEG -> code.fneg();
        case ABS -> code.invokestatic(MATH, "abs", F_F);
        case SQRT ->
            code.f2d()
                .invokestatic(
                    MATH,
                    "sqrt",
                    MethodTypeDesc.of(ClassDesc.ofDescriptor("D"), ClassDesc.ofDescriptor("D")))
                .d2f();
        default -> code.invokestatic(ELEMENTARY, lower(((Expr.Unary) node).op()), F_F);
      }
    } else if (node instanceof Expr.Binary) {
      scalarBinary(((Expr.Binary) node).op(), step);
    } else {
      code.fload(values[step.a()]).fconst_0().fcmpl();
      choose(
          c -> c.fload(values[step.b()]), c -> c.fload(values[step.c()]), Comparison.IF_NOT_ZERO);
    }
    code.fstore(values[k]);
  }

  private enum Comparison {
    IF_NOT_ZERO,
    IF_ZERO,
    IF_NEGATIVE,
    IF_NOT_POSITIVE
  }

  private void scalarBinary(BinaryOp op, Step step) {
    code.fload(values[step.a()]).fload(values[step.b()]);
    switch (op) {
      case ADD -> code.fadd();
      case SUB -> code.fsub();
      case MUL -> code.fmul();
      case DIV -> code.fdiv();
      case MAX -> code.invokestatic(MATH, "max", F_FF);
      case MIN -> code.invokestatic(MATH, "min", F_FF);
      // NaN compares as greater where it must not count as less, and as unequal everywhere.
      case LT -> oneIf(Comparison.IF_NEGATIVE);
      case LE -> oneIf(Comparison.IF_NOT_POSITIVE);
      case EQ -> oneIf(Comparison.IF_ZERO);
      case NE -> oneIf(Comparison.IF_NOT_ZERO);
      default -> throw new IllegalStateException(op + " has no vector form");
    }
  }

  private void oneIf(Comparison comparison) {
    code.fcmpg();
    choose(CodeBuilder::fconst_1, CodeBuilder::fconst_0, comparison);
  }

  private void choose(Consumer<CodeBuilder> yes, Consumer<CodeBuilder> no, Comparison comparison) {
    Label otherwise = code.newLabel();
    Label end = code.newLabel();
    switch (comparison) {
      case IF_NOT_ZERO -> code.ifeq(otherwise);
      case IF_ZERO -> code.ifne(otherwise);
      case IF_NEGATIVE -> code.ifge(otherwise);
      case IF_NOT_POSITIVE -> code.ifgt(otherwise);
      default -> throw new IllegalStateException();
    }
    yes.accept(code);
    code.goto_(end);
    code.labelBinding(otherwise);
    no.accept(code);
    code.labelBinding(end);
  }

  /** The name of the method that computes an operator. */
  private static String lower(Enum<?> op) {
    String name = op.name().toLowerCase(Locale.ROOT);
    int at = name.indexOf('_');
    return at < 0
        ? name
        : name.substring(0, at)
            + Character.toUpperCase(name.charAt(at + 1))
            + name.substring(at + 2);
  }
}
