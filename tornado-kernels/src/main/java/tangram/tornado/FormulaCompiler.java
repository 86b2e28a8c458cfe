package tangram.tornado;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.util.List;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.Program;

/**
 * Makes kernels of a formula: one thread for each element, whose operands lie as {@link
 * FormulaKernels#place} finds them. One kernel makes one call, another makes several {@linkplain
 * Launch#together together}.
 */
final class FormulaCompiler extends KernelWriter {
  /**
   * What a kernel is made for.
   *
   * @param real whether it computes with real numbers, else with integers
   * @param realInputs which operands hold real numbers
   * @param realOutput whether the result is stored as a real number
   * @param booleanOutput whether the result is stored as 0 or 1
   */
  record Types(boolean real, List<Boolean> realInputs, boolean realOutput, boolean booleanOutput) {}

  /** Of a kernel that makes several calls together. */
  record Together(Types types) {}

  private final Program program;
  private final Types types;
  private final boolean together;

  private FormulaCompiler(Program program, Types types, boolean together, CodeBuilder code) {
    super(types.real(), code);
    this.program = program;
    this.types = types;
    this.together = together;
  }

  /** The kernel of a formula for some types, made when it is first asked for. */
  static Kernel of(Formula formula, Types types) {
    return formula.compiled(types, program -> compile(formula, types, false));
  }

  /** As {@link #of}, to make several calls together. */
  static Kernel together(Formula formula, Types types) {
    return formula.compiled(new Together(types), program -> compile(formula, types, true));
  }

  private static Kernel compile(Formula formula, Types types, boolean together) {
    String name = (together ? "maps_" : "map_") + formula.name();
    return kernel(name, code -> new FormulaCompiler(formula.program(), types, together, code));
  }

  @Override
  void write() {
    int call;
    int i;
    if (together) {
      place("groupIdx");
      int group = stored();
      callOf(group);
      int told = stored();
      number(told, 0);
      call = stored();
      code.iload(group);
      number(told, 1);
      code.isub().loadConstant(Launch.GROUP).imul();
      place("localIdx");
      code.iadd();
      i = stored();
    } else {
      code.iconst_0();
      call = stored();
      place("globalIdx");
      i = stored();
    }
    code.iload(i);
    number(call, 0);
    unless(
        Opcode.IF_ICMPGE,
        () -> {
          int value =
              compute(program, x -> get(types.realInputs().get(x), () -> placeOf(call, at(x), i)));
          set(
              types.realOutput(),
              types.booleanOutput(),
              () -> placeOf(call, at(program.inputs()), i),
              value);
        });
  }

  /** Only arrays that are read, and the result after them, have a place among the numbers. */
  private int at(int operand) {
    int read = 0;
    for (int k = 0; k < operand; k++) {
      read += program.reads(k) ? 1 : 0;
    }
    return FormulaKernels.OPERANDS + read * FormulaKernels.OPERAND;
  }
}
