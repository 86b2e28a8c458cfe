package tangram.tornado;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tangram.tensor.expr.Formula;
import tangram.tensor.expr.Program;

/**
 * Makes kernels of a formula: a thread computes some elements, whose operands lie as {@link
 * FormulaKernels#place} finds them. One kernel makes one call, another makes several {@linkplain
 * Launch#together together}.
 */
final class FormulaCompiler extends FormulaWriter {
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

  /** Elements of a thread. */
  private static final int EACH = 4;

  /** Operations of a formula of which a thread computes several elements. */
  private static final int MOST_OPERATIONS = 16;

  private final Program program;
  private final Types types;
  private final boolean together;
  private final int each;

  private FormulaCompiler(Formula formula, Types types, boolean together, CodeBuilder code) {
    super(types.real(), code);
    this.program = formula.program();
    this.each = each(formula);
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
    return kernel(name, code -> new FormulaCompiler(formula, types, together, code));
  }

  /**
   * Elements that a thread computes of a formula: several, so that it does not wait for memory as
   * often as it reads, as long as their values are not too many for a thread.
   */
  static int each(Formula formula) {
    return formula.program().operations() <= MOST_OPERATIONS ? EACH : 1;
  }

  @Override
  void write() {
    place("groupIdx");
    int group = stored();
    int call;
    if (together) {
      callOf(group);
      int told = stored();
      number(told, 0);
      call = stored();
      code.iload(group);
      number(told, 1);
      code.isub().istore(group);
    } else {
      code.iconst_0();
      call = stored();
    }
    number(call, 0);
    int count = stored();
    code.iload(group).loadConstant(each * Launch.GROUP).imul();
    place("localIdx");
    code.iadd();
    int first = stored();
    // All is read before anything is written, or reads would wait for writes.
    int[] elements = new int[each];
    List<Map<Integer, Integer>> operands = new ArrayList<>();
    for (int k = 0; k < each; k++) {
      code.iload(first).loadConstant(k * Launch.GROUP).iadd();
      elements[k] = stored();
      operands.add(read(call, elements[k], count));
    }
    for (int k = 0; k < each; k++) {
      int i = elements[k];
      Map<Integer, Integer> values = operands.get(k);
      code.iload(i).iload(count);
      unless(
          Opcode.IF_ICMPGE,
          () -> {
            int value = compute(program, x -> code.loadLocal(kind, values.get(x)));
            set(
                types.realOutput(),
                types.booleanOutput(),
                () -> placeOf(call, at(program.inputs()), i),
                value);
          });
    }
  }

  /** The operands of an element, 0 behind the last. */
  private Map<Integer, Integer> read(int call, int i, int count) {
    Map<Integer, Integer> values = new TreeMap<>();
    for (int x = 0; x < program.inputs(); x++) {
      if (program.reads(x)) {
        zero();
        values.put(x, storedValue());
      }
    }
    code.iload(i).iload(count);
    unless(
        Opcode.IF_ICMPGE,
        () ->
            values.forEach(
                (x, value) -> {
                  get(types.realInputs().get(x), () -> placeOf(call, at(x), i));
                  code.storeLocal(kind, value);
                }));
    return values;
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
