package tangram.tornado;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.util.List;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.Program;

/**
 * Makes a kernel of a formula: one thread for each element, whose operands lie as {@link
 * FormulaKernels#place} finds them.
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

  private final Program program;
  private final Types types;

  private FormulaCompiler(Program program, Types types, CodeBuilder code) {
    super(types.real(), code);
    this.program = program;
    this.types = types;
  }

  /** Makes the kernel. */
  static Kernel compile(Formula formula, Types types) {
    Program program = formula.program();
    return kernel("map_" + formula.name(), code -> new FormulaCompiler(program, types, code));
  }

  @Override
  void write() {
    place("globalIdx");
    int i = stored();
    code.iload(i);
    number(0);
    unless(
        Opcode.IF_ICMPGE,
        () -> {
          int value =
              compute(program, x -> get(types.realInputs().get(x), () -> placeOf(at(x), i)));
          set(
              types.realOutput(),
              types.booleanOutput(),
              () -> placeOf(at(program.inputs()), i),
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
