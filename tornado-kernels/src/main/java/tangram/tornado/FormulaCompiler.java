package tangram.tornado;

import static java.lang.constant.ConstantDescs.CD_Integer;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.Program.Step;
import tangram.tensor.expr.UnaryOp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Makes a kernel of a formula, as a class written at run time: one thread for each element, whose
 * operands lie as {@link FormulaKernels#place} finds them.
 *
 * <p>TornadoVM reads the class's code, which is why it has the form it has: {@code apply} calls a
 * static method, whose parameters have names.
 */
final class FormulaCompiler {
  private static final ClassDesc CONTEXT = desc(KernelContext.class);
  private static final ClassDesc REALS = desc(FloatArray.class);
  private static final ClassDesc INTS = desc(IntArray.class);
  private static final ClassDesc TASK = desc(Task5.class);
  private static final ClassDesc HELPERS = desc(FormulaKernels.class);
  private static final ClassDesc MATH = desc(TornadoMath.class);
  private static final MethodTypeDesc SIGNATURE =
      MethodTypeDesc.of(CD_void, CONTEXT, REALS, INTS, INTS, REALS);
  private static final MethodTypeDesc GET_INT = MethodTypeDesc.of(CD_int, CD_int);
  private static final MethodTypeDesc GET_REAL = MethodTypeDesc.of(CD_float, CD_int);
  private static final MethodTypeDesc F_F = MethodTypeDesc.of(CD_float, CD_float);
  private static final MethodTypeDesc F_FF = MethodTypeDesc.of(CD_float, CD_float, CD_float);
  private static final MethodTypeDesc PLACE = MethodTypeDesc.of(CD_int, INTS, CD_int, CD_int);

  /** Functions of the device's own library; others are in {@link FormulaKernels}. */
  private static final Set<Enum<?>> LIBRARY =
      Set.of(
          UnaryOp.ABS,
          UnaryOp.SQRT,
          UnaryOp.EXP,
          UnaryOp.LOG,
          UnaryOp.SIN,
          UnaryOp.COS,
          UnaryOp.TAN,
          UnaryOp.ASIN,
          UnaryOp.ACOS,
          UnaryOp.ATAN,
          UnaryOp.FLOOR,
          UnaryOp.CEIL,
          BinaryOp.ATAN2);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final int P = 3;
  private static final int S = 4;

  /**
   * What a kernel is made for.
   *
   * @param real whether it computes with real numbers, else with integers
   * @param realInputs which operands hold real numbers
   * @param realOutput whether the result is stored as a real number
   * @param booleanOutput whether the result is stored as 0 or 1
   */
  record Types(boolean real, List<Boolean> realInputs, boolean realOutput, boolean booleanOutput) {}

  private final Program program;
  private final Types types;
  private final CodeBuilder code;
  private final int[] values;
  private final TypeKind kind;

  private FormulaCompiler(Program program, Types types, CodeBuilder code) {
    this.program = program;
    this.types = types;
    this.code = code;
    this.values = new int[program.steps().size()];
    this.kind = types.real() ? TypeKind.FLOAT : TypeKind.INT;
  }

  private static ClassDesc desc(Class<?> c) {
    return c.describeConstable().orElseThrow();
  }

  /** Makes the kernel. */
  @SuppressWarnings("unchecked")
  static Kernel compile(Program program, Types types) {
    String name = "formula" + NUMBER.incrementAndGet();
    ClassDesc me = ClassDesc.of(FormulaCompiler.class.getPackageName(), "Generated" + name);
    byte[] bytes =
        ClassFile.of()
            .build(
                me,
                c -> {
                  c.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL)
                      .withInterfaceSymbols(TASK);
                  c.withMethodBody(
                      "<init>",
                      MTD_void,
                      ClassFile.ACC_PUBLIC,
                      b -> b.aload(0).invokespecial(CD_Object, "<init>", MTD_void).return_());
                  c.withMethodBody(
                      "apply",
                      MethodTypeDesc.of(
                          CD_void, CD_Object, CD_Object, CD_Object, CD_Object, CD_Object),
                      ClassFile.ACC_PUBLIC,
                      b ->
                          b.aload(1)
                              .checkcast(CONTEXT)
                              .aload(2)
                              .checkcast(REALS)
                              .aload(3)
                              .checkcast(INTS)
                              .aload(4)
                              .checkcast(INTS)
                              .aload(5)
                              .checkcast(REALS)
                              .invokestatic(me, name, SIGNATURE)
                              .return_());
                  c.withMethodBody(
                      name,
                      SIGNATURE,
                      ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                      b -> new FormulaCompiler(program, types, b).write());
                });
    try {
      Class<?> hidden = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
      Object task = hidden.getDeclaredConstructor().newInstance();
      return new Kernel(
          name, (Task5<KernelContext, FloatArray, IntArray, IntArray, FloatArray>) task);
    } catch (IllegalAccessException
        | InstantiationException
        | NoSuchMethodException
        | InvocationTargetException e) {
      throw new IllegalStateException("a generated class cannot be loaded", e);
    }
  }

  private void write() {
    Label start = code.newBoundLabel();
    Label end = code.newLabel();
    Label out = code.newLabel();
    code.localVariable(0, "c", CONTEXT, start, end)
        .localVariable(1, "x", REALS, start, end)
        .localVariable(2, "n", INTS, start, end)
        .localVariable(P, "p", INTS, start, end)
        .localVariable(S, "s", REALS, start, end);
    int i = code.allocateLocal(TypeKind.INT);
    code.aload(0)
        .getfield(CONTEXT, "globalIdx", CD_Integer)
        .invokevirtual(CD_Integer, "intValue", MethodTypeDesc.of(CD_int))
        .istore(i);
    code.iload(i).aload(P).iconst_0().invokevirtual(INTS, "get", GET_INT).if_icmpge(out);
    List<Step> steps = program.steps();
    for (int k = 0; k < values.length; k++) {
      values[k] = code.allocateLocal(kind);
      step(steps.get(k), i);
      code.storeLocal(kind, values[k]);
    }
    store(i, values[values.length - 1]);
    code.labelBinding(out).return_().labelBinding(end);
  }

  /** Only arrays that are read, and the result after them, have a place among the numbers. */
  private void place(int operand, int i) {
    int read = 0;
    for (int k = 0; k < operand; k++) {
      read += program.reads(k) ? 1 : 0;
    }
    code.aload(P)
        .loadConstant(FormulaKernels.OPERANDS + read * FormulaKernels.OPERAND)
        .iload(i)
        .invokestatic(HELPERS, "place", PLACE);
  }

  private void store(int i, int value) {
    code.aload(types.realOutput() ? 1 : 2);
    place(program.inputs(), i);
    code.loadLocal(kind, value);
    if (types.booleanOutput()) {
      test();
      choose(CodeBuilder::iconst_1, CodeBuilder::iconst_0, Opcode.IFEQ);
    } else {
      code.conversion(kind, types.realOutput() ? TypeKind.FLOAT : TypeKind.INT);
    }
    code.invokevirtual(
        types.realOutput() ? REALS : INTS,
        "set",
        MethodTypeDesc.of(CD_void, CD_int, types.realOutput() ? CD_float : CD_int));
  }

  private void step(Step step, int i) {
    Expr node = step.node();
    if (node instanceof Expr.Input) {
      int x = ((Expr.Input) node).index();
      boolean real = types.realInputs().get(x);
      code.aload(real ? 1 : 2);
      place(x, i);
      if (real) {
        code.invokevirtual(REALS, "get", GET_REAL);
      } else {
        code.invokevirtual(INTS, "get", GET_INT);
        if (types.real()) {
          code.i2f();
        }
      }
    } else if (node instanceof Expr.Const) {
      double value = ((Expr.Const) node).value();
      code.loadConstant(types.real() ? (ConstantDesc) (float) value : (ConstantDesc) (int) value);
    } else if (node instanceof Expr.Parameter) {
      code.aload(S)
          .loadConstant(((Expr.Parameter) node).index())
          .invokevirtual(REALS, "get", GET_REAL);
      if (!types.real()) {
        code.f2i();
      }
    } else if (node instanceof Expr.Unary) {
      load(step.a());
      unary(((Expr.Unary) node).op());
    } else if (node instanceof Expr.Binary) {
      load(step.a());
      load(step.b());
      binary(((Expr.Binary) node).op());
    } else {
      load(step.a());
      test();
      choose(c -> load(step.b()), c -> load(step.c()), Opcode.IFEQ);
    }
  }

  private void load(int step) {
    code.loadLocal(kind, values[step]);
  }

  /** Makes the value an integer that is 0 if it is. */
  private void test() {
    if (types.real()) {
      code.fconst_0().fcmpl();
    }
  }

  private void unary(UnaryOp op) {
    if (op == UnaryOp.NEG) {
      operate(Opcode.FNEG, Opcode.INEG);
    } else if (types.real()) {
      call(op, F_F);
    } else if (op == UnaryOp.RELU) {
      code.iconst_0();
      code.invokestatic(HELPERS, "maxOfInts", MethodTypeDesc.of(CD_int, CD_int, CD_int));
    } else {
      code.i2f();
      call(op, F_F);
      code.f2i();
    }
  }

  private void call(Enum<?> op, MethodTypeDesc type) {
    if (LIBRARY.contains(op)) {
      code.invokestatic(MATH, name(op), type);
    } else {
      code.invokestatic(HELPERS, name(op) + "Of", type);
    }
  }

  /** The name of an operator as one of a method: GELU_SLOPE is geluSlope. */
  private static String name(Enum<?> op) {
    return Pattern.compile("_(.)")
        .matcher(op.name().toLowerCase(Locale.ROOT))
        .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
  }

  private void binary(BinaryOp op) {
    switch (op) {
      case LT -> compare(Opcode.IFGE);
      case LE -> {
        if (types.real()) {
          call(op, F_FF);
        } else {
          compare(Opcode.IFGT);
        }
      }
      case EQ -> compare(Opcode.IFNE);
      case NE -> compare(Opcode.IFEQ);
      case ADD -> operate(Opcode.FADD, Opcode.IADD);
      case SUB -> operate(Opcode.FSUB, Opcode.ISUB);
      case MUL -> operate(Opcode.FMUL, Opcode.IMUL);
      case DIV -> code.fdiv();
      default -> {
        if (types.real()) {
          call(op, F_FF);
        } else {
          code.invokestatic(
              HELPERS, name(op) + "OfInts", MethodTypeDesc.of(CD_int, CD_int, CD_int));
        }
      }
    }
  }

  private void operate(Opcode real, Opcode integer) {
    code.with(OperatorInstruction.of(types.real() ? real : integer));
  }

  /** 1 or 0; the branch is that of integers to 0, for where the comparison does not hold. */
  private void compare(Opcode otherwise) {
    if (types.real()) {
      // NaN compares as greater, so that it is neither less nor equal.
      code.fcmpg();
      choose(CodeBuilder::fconst_1, CodeBuilder::fconst_0, otherwise);
    } else {
      Opcode ofTwo =
          switch (otherwise) {
            case IFGE -> Opcode.IF_ICMPGE;
            case IFGT -> Opcode.IF_ICMPGT;
            case IFNE -> Opcode.IF_ICMPNE;
            default -> Opcode.IF_ICMPEQ;
          };
      choose(CodeBuilder::iconst_1, CodeBuilder::iconst_0, ofTwo);
    }
  }

  private void choose(Consumer<CodeBuilder> yes, Consumer<CodeBuilder> no, Opcode otherwise) {
    Label elsewhere = code.newLabel();
    Label end = code.newLabel();
    code.with(BranchInstruction.of(otherwise, elsewhere));
    yes.accept(code);
    code.goto_(end);
    code.labelBinding(elsewhere);
    no.accept(code);
    code.labelBinding(end);
  }
}
