package tangram.tornado;

import static java.lang.constant.ConstantDescs.CD_float;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.Program.Step;
import tangram.tensor.expr.UnaryOp;
import uk.ac.manchester.tornado.api.math.TornadoMath;

/** Writes a kernel that computes formulas. */
abstract class FormulaWriter extends KernelWriter {
  private static final ClassDesc MATH = desc(TornadoMath.class);
  private static final MethodTypeDesc F_F = MethodTypeDesc.of(CD_float, CD_float);

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

  /** As {@link KernelWriter}. */
  FormulaWriter(boolean real, CodeBuilder code) {
    super(real, code);
  }

  /**
   * Computes a formula.
   *
   * @param input loads an operand's element
   * @return the variable of the result
   */
  final int compute(Program program, IntConsumer input) {
    int[] values = new int[program.steps().size()];
    for (int k = 0; k < values.length; k++) {
      values[k] = code.allocateLocal(kind);
      step(program.steps().get(k), values, input);
      code.storeLocal(kind, values[k]);
    }
    return values[values.length - 1];
  }

  private void step(Step step, int[] values, IntConsumer input) {
    Expr node = step.node();
    if (node instanceof Expr.Input) {
      input.accept(((Expr.Input) node).index());
    } else if (node instanceof Expr.Const) {
      constant(((Expr.Const) node).value());
    } else if (node instanceof Expr.Parameter) {
      real(((Expr.Parameter) node).index());
      if (!real) {
        code.f2i();
      }
    } else if (node instanceof Expr.Unary) {
      code.loadLocal(kind, values[step.a()]);
      unary(((Expr.Unary) node).op());
    } else if (node instanceof Expr.Binary) {
      code.loadLocal(kind, values[step.a()]).loadLocal(kind, values[step.b()]);
      binary(((Expr.Binary) node).op());
    } else {
      code.loadLocal(kind, values[step.a()]);
      test();
      choose(
          c -> c.loadLocal(kind, values[step.b()]),
          c -> c.loadLocal(kind, values[step.c()]),
          Opcode.IFEQ);
    }
  }

  private void unary(UnaryOp op) {
    if (op == UnaryOp.NEG) {
      operate(Opcode.FNEG, Opcode.INEG);
    } else if (real) {
      call(op, F_F);
    } else if (op == UnaryOp.RELU) {
      code.iconst_0();
      code.invokestatic(HELPERS, "maxOfInts", I_II);
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
        if (real) {
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
        if (real) {
          call(op, F_FF);
        } else {
          code.invokestatic(HELPERS, name(op) + "OfInts", I_II);
        }
      }
    }
  }

  /** 1 or 0; the branch is that of integers to 0, for where the comparison does not hold. */
  private void compare(Opcode otherwise) {
    if (real) {
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
}
