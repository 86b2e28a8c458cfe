package tangram.tensor.vector.elementwise;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import tangram.tensor.DType;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Program;
import tangram.tensor.expr.Program.Step;

/**
 * A formula for runs of at most {@link #TILE} elements, which stay in the first-level cache between
 * one operator and the next. Operands are numbered: the arrays, the constants, then temporary
 * tiles.
 */
final class TileProgram {
  /** Elements of a tile: some six of them fit into the first-level cache. */
  static final int TILE = 1024;

  private final Program program;
  private final int inputs;
  private final double[] constants;
  private final int[] parameterOf;
  private final Op[] ops;
  private final int temporaries;
  private final int result;
  private final AtomicLong computed = new AtomicLong();

  /** One loop for all, once it is faster; null until then. */
  private volatile LoopCompiler.Loop loop;

  /** One operator; the target -1 is the result. */
  private record Op(Expr node, int a, int b, int c, int target) {}

  TileProgram(Program program) {
    this.program = program;
    this.inputs = program.inputs();
    List<Step> steps = program.steps();
    int[] lastUse = new int[steps.size()];
    for (int i = 0; i < steps.size(); i++) {
      for (int operand : new int[] {steps.get(i).a(), steps.get(i).b(), steps.get(i).c()}) {
        if (operand >= 0) {
          lastUse[operand] = i;
        }
      }
    }
    List<Expr> numbers = new ArrayList<>();
    int[] place = new int[steps.size()];
    for (int i = 0; i < steps.size(); i++) {
      Expr node = steps.get(i).node();
      if (node instanceof Expr.Const || node instanceof Expr.Parameter) {
        place[i] = inputs + numbers.size();
        numbers.add(node);
      }
    }
    constants = new double[numbers.size()];
    parameterOf = new int[numbers.size()];
    for (int i = 0; i < constants.length; i++) {
      boolean fixed = numbers.get(i) instanceof Expr.Const;
      constants[i] = fixed ? ((Expr.Const) numbers.get(i)).value() : 0;
      parameterOf[i] = fixed ? -1 : ((Expr.Parameter) numbers.get(i)).index();
    }
    int first = inputs + constants.length;
    boolean[] busy = new boolean[steps.size()];
    int used = 0;
    List<Op> list = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step.node() instanceof Expr.Input) {
        place[i] = ((Expr.Input) step.node()).index();
      }
      if (step.a() < 0) {
        continue;
      }
      // An operator works element by element, so it may overwrite an operand that is not read
      // again.
      for (int operand : new int[] {step.a(), step.b(), step.c()}) {
        if (operand >= 0 && place[operand] >= first && lastUse[operand] == i) {
          busy[place[operand] - first] = false;
        }
      }
      int target = -1;
      if (i < steps.size() - 1) {
        target = 0;
        while (busy[target]) {
          target++;
        }
        busy[target] = true;
        used = Math.max(used, target + 1);
        target += first;
      }
      place[i] = target;
      list.add(
          new Op(
              step.node(),
              place[step.a()],
              step.b() < 0 ? -1 : place[step.b()],
              step.c() < 0 ? -1 : place[step.c()],
              target));
    }
    ops = list.toArray(new Op[0]);
    temporaries = used;
    result = place[steps.size() - 1];
  }

  /** Whether the formula is one operator of arrays. */
  boolean isOneOperator() {
    return ops.length == 1 && constants.length == 0;
  }

  /** Which operand the formula consists of alone; -1 if it computes. */
  int isOperand() {
    return ops.length == 0 ? result : -1;
  }

  /** Number of operands: arrays, constants and temporaries. */
  int operands() {
    return inputs + constants.length + temporaries;
  }

  /** Where the arrays end among the operands. */
  int inputs() {
    return inputs;
  }

  /**
   * Gives constants and temporaries their tiles.
   *
   * @param tiles memory for all operands but the arrays
   */
  void prepare(
      Domain domain, double[] parameters, Object[] arrays, int[] offsets, Object tiles, int from) {
    for (int i = inputs; i < operands(); i++) {
      arrays[i] = tiles;
      offsets[i] = from + (i - inputs) * TILE;
      int constant = i - inputs;
      if (constant < constants.length) {
        int parameter = parameterOf[constant];
        double value = parameter < 0 ? constants[constant] : parameters[parameter];
        domain.fill(tiles, offsets[i], TILE, value);
      }
    }
  }

  /** How many numbers are told at each call. */
  int parameters() {
    return program.parameters();
  }

  /** Makes one loop for the whole formula. */
  LoopCompiler.Loop compile() {
    return LoopCompiler.compile(program);
  }

  /** From now on this computes the formula in single precision. */
  void use(LoopCompiler.Loop ready) {
    loop = ready;
  }

  /** From the next elements on this counts as computed often. */
  void hot() {
    computed.compareAndSet(0, LoopWarmer.HOT - 1);
  }

  /** Counts elements that are about to be computed, until they are many. */
  void count(Domain domain, int elements) {
    if (domain.type() == DType.F32 && ops.length > 1) {
      long before = computed.getAndAdd(elements);
      if (before < LoopWarmer.HOT
          && before + elements >= LoopWarmer.HOT
          && LoopCompiler.canCompile(program)) {
        LoopWarmer.request(this);
      }
    }
  }

  /** Computes n elements. */
  void run(
      Domain domain, double[] numbers, Object[] arrays, int[] offsets, Object y, int yo, int n) {
    LoopCompiler.Loop ready = loop;
    if (ready != null && domain.type() == DType.F32) {
      ready.run(numbers, arrays, offsets, (float[]) y, yo, n);
    } else {
      runShared(domain, arrays, offsets, y, yo, n);
    }
  }

  /** As {@link #run}, one operator after the other. */
  void runShared(Domain domain, Object[] arrays, int[] offsets, Object y, int yo, int n) {
    if (ops.length == 0) {
      System.arraycopy(arrays[result], offsets[result], y, yo, n);
      return;
    }
    for (Op op : ops) {
      Object to = op.target < 0 ? y : arrays[op.target];
      int too = op.target < 0 ? yo : offsets[op.target];
      Object a = arrays[op.a];
      int ao = offsets[op.a];
      Expr node = op.node;
      if (node instanceof Expr.Binary) {
        domain.binary(((Expr.Binary) node).op(), a, ao, arrays[op.b], offsets[op.b], to, too, n);
      } else if (node instanceof Expr.Unary) {
        domain.unary(((Expr.Unary) node).op(), a, ao, to, too, n);
      } else {
        domain.where(a, ao, arrays[op.b], offsets[op.b], arrays[op.c], offsets[op.c], to, too, n);
      }
    }
  }
}
