package tangram.tornado;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Reducer;
import tangram.tornado.RowsPlan.Element;
import tangram.tornado.RowsPlan.Step;
import tangram.tornado.RowsPlan.Value;

/**
 * Makes kernels of a {@linkplain RowsPlan cascade}. A group computes some rows that lie side by
 * side, each with some <em>lanes</em>, threads that walk over the row's elements in turn and add up
 * what they have in local memory. Where rows are few and long, they are divided into parts: each
 * walk that folds is a kernel, which leaves what came of its part, and the next kernel adds the
 * parts up. The order of all sums depends on sizes alone.
 */
final class RowsCompiler extends FormulaWriter {
  /** Most dimensions among which rows are counted, and most dimensions of a row. */
  static final int RANK = 3;

  // What the call tells.
  private static final int ROWS = 0;
  private static final int LENGTH = 1;
  private static final int SIDE_BY_SIDE = 2;
  private static final int LANES = 3;
  private static final int PART = 4;
  private static final int STORED = 5;
  private static final int PARTS = 6;
  private static final int KEPT = 7;
  private static final int FOLDED = KEPT + RANK;
  private static final int STEP = FOLDED + RANK;

  /** Where operands begin: each has its place, its strides from row to row and within a row. */
  static final int OPERANDS = STEP + RANK;

  static final int OPERAND = 1 + 2 * RANK;

  /** Threads of a group at most. */
  static final int GROUP = 256;

  /** Elements whose mean is near the mean of a row. */
  private static final int NEAR = 16;

  /**
   * What a kernel is made for.
   *
   * @param real whether it computes with real numbers, else with integers
   * @param reals which operands hold real numbers
   * @param booleans which operands hold 0 or 1
   * @param flat whether a row has one dimension
   * @param alone whether a row has one thread
   * @param from first of the plan's steps
   * @param to end of the steps
   * @param last whether no kernel follows
   */
  record Form(
      boolean real,
      List<Boolean> reals,
      List<Boolean> booleans,
      boolean flat,
      boolean alone,
      int from,
      int to,
      boolean last) {}

  private final RowsPlan plan;
  private final Form form;
  private final Map<Value, Integer> known = new HashMap<>();
  private final Map<Value, Integer> arrays = new LinkedHashMap<>();
  private final int[] places;
  private final int[][] strides;

  private int thread;
  private int sideBySide;
  private int lanes;
  private int lane;
  private int row;
  private int first;
  private int end;
  private int within;
  private final int[] dims = new int[RANK];
  private final int[] steps = new int[RANK];

  private RowsCompiler(RowsPlan plan, Form form, CodeBuilder code) {
    super(form.real, code);
    this.plan = plan;
    this.form = form;
    this.places = new int[plan.cascade.operands()];
    this.strides = new int[places.length][];
  }

  /** Makes the kernel. */
  static Kernel compile(RowsPlan plan, Form form) {
    return kernel("rows_" + plan.cascade.name(), code -> new RowsCompiler(plan, form, code));
  }

  @Override
  void write() {
    begin();
    Set<Value> needed = plan.neededBy(form.from, form.to);
    for (int i = 0; i < form.to; i++) {
      Step step = plan.steps.get(i);
      if (i < form.from) {
        restore(step, needed);
      } else if (step.walk() != null) {
        walk(step.walk());
      } else if (needed.contains(step.value()) || step.value().slot() >= 0 && !form.last) {
        value(step.value());
      }
    }
    // One thread of a row leaves what comes of it.
    code.iload(lane);
    unless(
        Opcode.IFNE,
        () -> {
          code.iload(within);
          unless(Opcode.IFEQ, form.last ? this::keep : this::leave);
        });
  }

  private void begin() {
    for (Step step : plan.steps.subList(form.from, form.to)) {
      if (step.folds() && !form.alone) {
        for (Element e : step.walk()) {
          if (e.result() != null) {
            arrays.put(e.result(), localArray(GROUP));
          }
        }
      }
    }
    place("localIdx");
    thread = stored();
    number(SIDE_BY_SIDE);
    sideBySide = stored();
    number(LANES);
    lanes = stored();
    if (form.alone) {
      code.iconst_0();
    } else {
      code.iload(thread).iload(sideBySide).idiv();
    }
    lane = stored();
    place("groupIdx");
    code.iload(sideBySide).imul().iload(thread).iadd();
    code.iload(lane).iload(sideBySide).imul().isub();
    row = stored();
    place("groupIdy");
    number(PART);
    code.imul();
    first = stored();
    code.iload(first);
    number(PART);
    code.iadd();
    number(LENGTH);
    min();
    end = stored();
    // A thread of no row meets the barriers, but has no elements.
    code.iconst_1();
    within = stored();
    code.iload(row);
    number(ROWS);
    unless(
        Opcode.IF_ICMPLT,
        () -> {
          code.iconst_0().istore(within).iload(first).istore(end);
          number(ROWS);
          code.iconst_1().isub().istore(row);
        });
    int[] at = index(row, KEPT, false);
    for (int d = 0; d < RANK; d++) {
      number(FOLDED + d);
      dims[d] = stored();
      number(STEP + d);
      steps[d] = stored();
    }
    int operand = OPERANDS;
    for (int o = 0; o < places.length; o++) {
      if (plan.uses(o)) {
        number(operand);
        for (int d = 0; d < RANK; d++) {
          code.iload(at[d]);
          number(operand + 1 + d);
          code.imul().iadd();
        }
        places[o] = stored();
        strides[o] = new int[RANK];
        for (int d = form.flat ? RANK - 1 : 0; d < RANK; d++) {
          number(operand + 1 + RANK + d);
          strides[o][d] = stored();
        }
        operand += OPERAND;
      }
    }
  }

  /** The index of an element among dimensions that the call tells. */
  private int[] index(int element, int firstDim, boolean flat) {
    int[] at = new int[RANK];
    code.iload(element);
    int rest = stored();
    for (int d = RANK - 1; d > 0 && !flat; d--) {
      code.iload(rest);
      number(firstDim + d);
      code.idiv();
      int outer = stored();
      code.iload(rest).iload(outer);
      number(firstDim + d);
      code.imul().isub();
      at[d] = stored();
      rest = outer;
    }
    at[flat ? RANK - 1 : 0] = rest;
    return at;
  }

  /** Values that earlier kernels found. */
  private void restore(Step step, Set<Value> needed) {
    if (step.value() != null) {
      if (needed.contains(step.value())) {
        value(step.value());
      }
      return;
    }
    for (Element e : step.walk()) {
      if (e.result() != null && needed.contains(e.result())) {
        addUp(e.result());
      }
    }
  }

  private void value(Value value) {
    Pass pass = value.pass();
    if (pass.kind() == Kind.ROW) {
      known.put(value, compute(pass.formula().program(), o -> load(o, value.rows(), null, null)));
    } else if (plan.steps.indexOf(new Step(value, null)) < form.from) {
      get(form.real, () -> stored(value.slot(), code::iconst_0));
      known.put(value, storedValue());
    } else {
      near(value);
    }
  }

  /** The mean of a row's first elements. */
  private void near(Value value) {
    code.iconst_0();
    int e = stored();
    number(LENGTH);
    code.loadConstant(NEAR);
    min();
    int count = stored();
    int[] at = index(e, FOLDED, form.flat);
    identity(Reducer.SUM);
    int sum = storedValue();
    code.iconst_1();
    int one = stored();
    code.iconst_0();
    int zero = stored();
    whileLess(
        e,
        count,
        () -> {
          int v =
              compute(
                  value.pass().formula().program(), o -> load(o, value.rows(), spot(e, at), null));
          code.loadLocal(kind, sum).loadLocal(kind, v);
          combine(Reducer.SUM);
          code.storeLocal(kind, sum);
          advance(e, at, one, new int[] {zero, zero, one});
        });
    code.loadLocal(kind, sum).iload(count).i2f().fdiv();
    known.put(value, storedValue());
  }

  /** Combines what groups found in parts of a row. */
  private void addUp(Value value) {
    Reducer reducer = value.pass().reducer();
    identity(reducer);
    int sum = storedValue();
    code.iconst_0();
    int part = stored();
    number(PARTS);
    int parts = stored();
    whileLess(
        part,
        parts,
        () -> {
          code.loadLocal(kind, sum);
          get(form.real, () -> stored(value.slot(), () -> code.iload(part)));
          combine(reducer);
          code.storeLocal(kind, sum);
          code.iinc(part, 1);
        });
    known.put(value, sum);
  }

  /** Where what was found in a part lies. */
  private void stored(int slot, Runnable part) {
    code.loadConstant(slot);
    number(PARTS);
    code.imul();
    part.run();
    code.iadd();
    number(ROWS);
    code.imul().iload(row).iadd();
    number(STORED);
    code.iadd();
  }

  private int[] spot(int element, int[] at) {
    return form.flat ? new int[] {0, 0, element} : at;
  }

  private void walk(List<Element> walk) {
    code.iload(first).iload(lane).iadd();
    int e = stored();
    int[] at = index(e, FOLDED, form.flat);
    Map<Value, Integer> sums = new LinkedHashMap<>();
    for (Element element : walk) {
      if (element.result() != null) {
        identity(element.pass().reducer());
        sums.put(element.result(), storedValue());
      }
    }
    int[] spot = spot(e, at);
    whileLess(
        e,
        end,
        () -> {
          Map<Integer, Integer> loaded = new HashMap<>();
          for (Element element : walk) {
            element(element, spot, loaded, sums);
          }
          advance(e, at, lanes, steps);
        });
    if (!form.alone && !sums.isEmpty()) {
      addUpLanes(sums);
    }
    known.putAll(sums);
  }

  private void element(
      Element element, int[] spot, Map<Integer, Integer> loaded, Map<Value, Integer> sums) {
    Pass pass = element.pass();
    int v = compute(pass.formula().program(), o -> load(o, element.rows(), spot, loaded));
    if (element.result() != null) {
      int sum = sums.get(element.result());
      code.loadLocal(kind, sum).loadLocal(kind, v);
      combine(pass.reducer());
      code.storeLocal(kind, sum);
      return;
    }
    int output = plan.cascade.inputs() + pass.target();
    set(form.reals.get(output), form.booleans.get(output), () -> at(output, spot), v);
    loaded.remove(output);
    if (form.real && form.reals.get(output)) {
      loaded.put(output, v);
    }
  }

  /** Adds up what the lanes of a row have, by halves. */
  private void addUpLanes(Map<Value, Integer> sums) {
    sums.forEach(
        (value, sum) ->
            code.aload(arrays.get(value)).iload(thread).loadLocal(kind, sum).arrayStore(kind));
    barrier();
    code.iload(lanes).iconst_1().ishr();
    int half = stored();
    code.iconst_0();
    int zero = stored();
    whileLess(
        zero,
        half,
        () -> {
          code.iload(lane).iload(half);
          unless(
              Opcode.IF_ICMPGE,
              () -> {
                for (Value value : sums.keySet()) {
                  int array = arrays.get(value);
                  code.aload(array).iload(thread);
                  code.aload(array).iload(thread).arrayLoad(kind);
                  code.aload(array).iload(half).iload(sideBySide).imul().iload(thread).iadd();
                  code.arrayLoad(kind);
                  combine(value.pass().reducer());
                  code.arrayStore(kind);
                }
              });
          barrier();
          code.iload(half).iconst_1().ishr().istore(half);
        });
    sums.forEach(
        (value, sum) -> {
          code.aload(arrays.get(value)).iload(thread).iload(lane).iload(sideBySide).imul().isub();
          code.arrayLoad(kind).storeLocal(kind, sum);
        });
  }

  /** Goes on by some elements; the step has an index as an element has. */
  private void advance(int e, int[] at, int by, int[] step) {
    code.iload(e).iload(by).iadd().istore(e);
    if (form.flat) {
      return;
    }
    for (int d = RANK - 1; d >= 0; d--) {
      code.iload(at[d]).iload(step[d]).iadd().istore(at[d]);
    }
    for (int d = RANK - 1; d > 0; d--) {
      int mine = at[d];
      int next = at[d - 1];
      int length = dims[d];
      code.iload(mine).iload(length);
      unless(
          Opcode.IF_ICMPLT, () -> code.iload(mine).iload(length).isub().istore(mine).iinc(next, 1));
    }
  }

  /** Loads an operand of a formula; without a spot, one that is the same all along a row. */
  private void load(int operand, Value[] rows, int[] spot, Map<Integer, Integer> loaded) {
    int k = plan.row(operand);
    if (k >= 0) {
      code.loadLocal(kind, known.get(rows[k]));
    } else if (loaded == null) {
      get(form.reals.get(operand), () -> at(operand, spot));
    } else {
      Integer before = loaded.get(operand);
      if (before == null) {
        get(form.reals.get(operand), () -> at(operand, spot));
        before = storedValue();
        loaded.put(operand, before);
      }
      code.loadLocal(kind, before);
    }
  }

  private void at(int operand, int[] spot) {
    code.iload(places[operand]);
    for (int d = form.flat ? RANK - 1 : 0; d < RANK && spot != null; d++) {
      code.iload(spot[d]).iload(strides[operand][d]).imul().iadd();
    }
  }

  private void min() {
    int b = stored();
    int a = stored();
    code.iload(a).iload(b);
    unless(Opcode.IF_ICMPLE, () -> code.iload(b).istore(a));
    code.iload(a);
  }

  /** Leaves what came of the part, for the next kernel. */
  private void leave() {
    for (Step step : plan.steps.subList(form.from, form.to)) {
      if (step.value() != null && step.value().slot() >= 0) {
        // Every part finds the same.
        place("groupIdy");
        unless(Opcode.IFNE, () -> leave(step.value(), code::iconst_0));
      } else if (step.walk() != null) {
        for (Element e : step.walk()) {
          if (e.result() != null) {
            leave(e.result(), () -> place("groupIdy"));
          }
        }
      }
    }
  }

  private void leave(Value value, Runnable part) {
    set(form.real, false, () -> stored(value.slot(), part), known.get(value));
  }

  /** Stores the row values that are wanted: the first part does. */
  private void keep() {
    place("groupIdy");
    unless(Opcode.IFNE, this::keepAll);
  }

  private void keepAll() {
    Set<Value> kept = plan.kept();
    for (Step step : plan.steps) {
      if (step.value() != null && kept.contains(step.value()) && !known.containsKey(step.value())) {
        value(step.value());
      } else if (step.walk() != null) {
        for (Element e : step.walk()) {
          if (kept.contains(e.result()) && !known.containsKey(e.result())) {
            addUp(e.result());
          }
        }
      }
    }
    int firstRow = places.length - plan.last.length;
    for (int k = 0; k < plan.last.length; k++) {
      if (plan.keeps(k)) {
        int o = firstRow + k;
        set(
            form.reals.get(o),
            form.booleans.get(o),
            () -> code.iload(places[o]),
            known.get(plan.last[k]));
      }
    }
  }
}
