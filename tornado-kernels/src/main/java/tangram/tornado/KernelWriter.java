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
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import tangram.tensor.kernel.Reducer;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Writes a kernel at run time: its class, and pieces of its code.
 *
 * <p>TornadoVM reads the class's code, which is why it has the form it has: {@code apply} calls a
 * static method, whose parameters have names, and branches and loops are those of a Java compiler.
 */
abstract class KernelWriter {
  private static final ClassDesc CONTEXT = desc(KernelContext.class);
  private static final ClassDesc REALS = desc(FloatArray.class);
  private static final ClassDesc INTS = desc(IntArray.class);
  private static final ClassDesc TASK = desc(Task5.class);
  static final ClassDesc HELPERS = desc(FormulaKernels.class);
  private static final MethodTypeDesc SIGNATURE =
      MethodTypeDesc.of(CD_void, CONTEXT, REALS, INTS, INTS, REALS);
  private static final MethodTypeDesc GET_INT = MethodTypeDesc.of(CD_int, CD_int);
  private static final MethodTypeDesc GET_REAL = MethodTypeDesc.of(CD_float, CD_int);
  static final MethodTypeDesc F_FF = MethodTypeDesc.of(CD_float, CD_float, CD_float);
  static final MethodTypeDesc I_II = MethodTypeDesc.of(CD_int, CD_int, CD_int);
  private static final MethodTypeDesc CALL = MethodTypeDesc.of(CD_int, INTS, CD_int);
  private static final MethodTypeDesc PLACE =
      MethodTypeDesc.of(CD_int, INTS, CD_int, CD_int, CD_int);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final int P = 3;
  private static final int S = 4;

  /** What the kernel's values are. */
  final TypeKind kind;

  final CodeBuilder code;
  final boolean real;

  /**
   * Creates a writer.
   *
   * @param real whether the kernel computes with real numbers, else with integers
   */
  KernelWriter(boolean real, CodeBuilder code) {
    this.real = real;
    this.code = code;
    this.kind = real ? TypeKind.FLOAT : TypeKind.INT;
  }

  static ClassDesc desc(Class<?> c) {
    return c.describeConstable().orElseThrow();
  }

  /**
   * Makes a kernel.
   *
   * @param what what it does, for profiles; a number behind makes it unique
   */
  @SuppressWarnings("unchecked")
  static Kernel kernel(String what, Function<CodeBuilder, KernelWriter> writer) {
    String name = what + "_" + NUMBER.incrementAndGet();
    ClassDesc me = ClassDesc.of(KernelWriter.class.getPackageName(), "Generated" + name);
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
                      b -> writer.apply(b).writeMethod());
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

  private void writeMethod() {
    Label start = code.newBoundLabel();
    Label end = code.newLabel();
    code.localVariable(0, "c", CONTEXT, start, end)
        .localVariable(1, "x", REALS, start, end)
        .localVariable(2, "n", INTS, start, end)
        .localVariable(P, "p", INTS, start, end)
        .localVariable(S, "s", REALS, start, end);
    write();
    code.return_().labelBinding(end);
  }

  /** Writes all but the return at the end. */
  abstract void write();

  /** A new variable with a value that is on the stack, an integer. */
  final int stored() {
    int local = code.allocateLocal(TypeKind.INT);
    code.istore(local);
    return local;
  }

  /** A new variable with a value that is on the stack, one of the kernel's values. */
  final int storedValue() {
    int local = code.allocateLocal(kind);
    code.storeLocal(kind, local);
    return local;
  }

  /** Loads 0, one of the kernel's values. */
  final void zero() {
    code.iconst_0().conversion(TypeKind.INT, kind);
  }

  /** Loads one of the numbers of the thread's place. */
  final void place(String field) {
    code.aload(0)
        .getfield(CONTEXT, field, CD_Integer)
        .invokevirtual(CD_Integer, "intValue", MethodTypeDesc.of(CD_int));
  }

  /** Loads one of the call's integers. */
  final void number(int index) {
    code.aload(P).loadConstant(index).invokevirtual(INTS, "get", GET_INT);
  }

  /** Loads one of the call's integers, some after a variable. */
  final void number(int variable, int more) {
    code.aload(P).iload(variable).loadConstant(more).iadd().invokevirtual(INTS, "get", GET_INT);
  }

  /** Which of several calls a group belongs to: see {@link FormulaKernels#callOf}. */
  final void callOf(int group) {
    code.aload(P).iload(group).invokestatic(HELPERS, "callOf", CALL);
  }

  /** Where an element of an operand lies: see {@link FormulaKernels#place}. */
  final void placeOf(int call, int operand, int element) {
    code.aload(P).iload(call).iload(call).loadConstant(operand).iadd().iload(element);
    code.invokestatic(HELPERS, "place", PLACE);
  }

  /** Loads an element of a device's array as one of the kernel's values; its place is written. */
  final void get(boolean ofReals, Runnable place) {
    code.aload(ofReals ? 1 : 2);
    place.run();
    if (ofReals) {
      code.invokevirtual(REALS, "get", GET_REAL);
    } else {
      code.invokevirtual(INTS, "get", GET_INT);
    }
    code.conversion(ofReals ? TypeKind.FLOAT : TypeKind.INT, kind);
  }

  /**
   * Stores one of the kernel's values.
   *
   * @param inReals into which of the device's arrays
   * @param asBoolean whether as 0 or 1
   */
  final void set(boolean inReals, boolean asBoolean, Runnable place, int value) {
    code.aload(inReals ? 1 : 2);
    place.run();
    code.loadLocal(kind, value);
    if (asBoolean) {
      test();
      choose(CodeBuilder::iconst_1, CodeBuilder::iconst_0, Opcode.IFEQ);
    } else {
      code.conversion(kind, inReals ? TypeKind.FLOAT : TypeKind.INT);
    }
    code.invokevirtual(
        inReals ? REALS : INTS,
        "set",
        MethodTypeDesc.of(CD_void, CD_int, inReals ? CD_float : CD_int));
  }

  /** Runs a body while an integer is less than another. */
  final void whileLess(int a, int b, Runnable body) {
    Label test = code.newBoundLabel();
    Label out = code.newLabel();
    code.iload(a).iload(b).if_icmpge(out);
    body.run();
    code.goto_(test).labelBinding(out);
  }

  /** Runs a body if the two integers on the stack do not compare in a way. */
  final void unless(Opcode comparison, Runnable body) {
    Label out = code.newLabel();
    code.with(BranchInstruction.of(comparison, out));
    body.run();
    code.labelBinding(out);
  }

  /** Memory of a group, of a constant size. */
  final int localArray(int size) {
    int local = code.allocateLocal(TypeKind.REFERENCE);
    ClassDesc array = (real ? CD_float : CD_int).arrayType();
    code.aload(0)
        .loadConstant(size)
        .invokevirtual(
            CONTEXT,
            real ? "allocateFloatLocalArray" : "allocateIntLocalArray",
            MethodTypeDesc.of(array, CD_int))
        .astore(local);
    return local;
  }

  final void barrier() {
    code.aload(0).invokevirtual(CONTEXT, "localBarrier", MTD_void);
  }

  /** Combines the two values on the stack. */
  final void combine(Reducer reducer) {
    switch (reducer) {
      case SUM -> operate(Opcode.FADD, Opcode.IADD);
      case PRODUCT -> operate(Opcode.FMUL, Opcode.IMUL);
      default -> {
        String name = reducer == Reducer.MAX ? "maxOf" : "minOf";
        code.invokestatic(HELPERS, real ? name : name + "Ints", real ? F_FF : I_II);
      }
    }
  }

  /** What a reducer of the device's integers begins with. */
  static int integerIdentity(Reducer reducer) {
    return Math.clamp(reducer.integerIdentity(), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** Loads what a reducer begins with. */
  final void identity(Reducer reducer) {
    if (real) {
      constant(reducer.identity());
    } else {
      code.loadConstant(integerIdentity(reducer));
    }
  }

  /** A number; what is not finite comes with the call, since OpenCL has no word for it. */
  final void constant(double value) {
    float number = (float) value;
    if (!real) {
      code.loadConstant((int) value);
    } else if (Float.isFinite(number)) {
      code.loadConstant(number);
    } else {
      real(Float.isNaN(number) ? Kernel.NAN : number < 0 ? Kernel.LOWEST : Kernel.HIGHEST);
    }
  }

  /** Loads one of the call's real numbers. */
  final void real(int index) {
    code.aload(S).loadConstant(index).invokevirtual(REALS, "get", GET_REAL);
  }

  /** Makes the value an integer that is 0 if it is. */
  final void test() {
    if (real) {
      code.fconst_0().fcmpl();
    }
  }

  final void operate(Opcode ofReals, Opcode ofInts) {
    code.with(OperatorInstruction.of(real ? ofReals : ofInts));
  }

  final void choose(Consumer<CodeBuilder> yes, Consumer<CodeBuilder> no, Opcode otherwise) {
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
