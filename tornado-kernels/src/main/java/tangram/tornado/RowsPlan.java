package tangram.tornado;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Kind;
import tangram.tensor.kernel.Cascade.Pass;

/**
 * How the passes of a cascade without sums over rows become walks over a row's elements: passes
 * that do not need the results of each other's folds share a walk.
 */
final class RowsPlan {
  /**
   * A row value at some point of the cascade.
   *
   * @param rows the row values of that point, which the pass may read
   * @param slot its number among those that come of walks, -1 for one that is computed of others
   */
  record Value(Pass pass, Value[] rows, int slot) {}

  /**
   * A pass within a walk.
   *
   * @param result what it folds into; null for an output
   */
  record Element(Pass pass, Value[] rows, Value result) {}

  /**
   * A row value to compute, or a walk; the other is null.
   *
   * @param value of the kind ROW or NEAR
   */
  record Step(Value value, List<Element> walk) {
    boolean folds() {
      return walk != null && walk.stream().anyMatch(e -> e.result != null);
    }
  }

  final Cascade cascade;
  final List<Step> steps = new ArrayList<>();

  /** The row values when all is done. */
  final Value[] last;

  /** Number of values that come of walks. */
  final int slots;

  private final int firstRow;

  RowsPlan(Cascade cascade) {
    this.cascade = cascade;
    this.firstRow = cascade.inputs() + cascade.outputs();
    this.last = new Value[cascade.rows()];
    List<Element> walk = new ArrayList<>();
    Set<Value> pending = new HashSet<>();
    int count = 0;
    for (Pass pass : cascade.passes()) {
      boolean element = pass.kind() == Kind.FOLD || pass.kind() == Kind.MAP;
      if (!element || readsAny(pass, pending)) {
        end(walk, pending);
      }
      Value[] rows = last.clone();
      if (element) {
        Value result = pass.kind() == Kind.FOLD ? new Value(pass, rows, count++) : null;
        walk.add(new Element(pass, rows, result));
        if (result != null) {
          pending.add(result);
          last[pass.target()] = result;
        }
      } else {
        Value value = new Value(pass, rows, pass.kind() == Kind.NEAR ? count++ : -1);
        steps.add(new Step(value, null));
        last[pass.target()] = value;
      }
    }
    end(walk, pending);
    slots = count;
  }

  private boolean readsAny(Pass pass, Set<Value> values) {
    return IntStream.range(0, last.length)
        .anyMatch(k -> values.contains(last[k]) && reads(pass, k));
  }

  private boolean reads(Pass pass, int row) {
    return pass.formula().reads(firstRow + row);
  }

  private void end(List<Element> walk, Set<Value> pending) {
    if (!walk.isEmpty()) {
      steps.add(new Step(null, List.copyOf(walk)));
    }
    walk.clear();
    pending.clear();
  }

  /** Whether an operand has to have a place: row values that nobody wants have none. */
  boolean uses(int operand) {
    if (operand >= firstRow) {
      return keeps(operand - firstRow);
    }
    return operand >= cascade.inputs()
        || cascade.passes().stream().anyMatch(p -> p.formula().reads(operand));
  }

  /** Whether a row value is made and wanted when all is done. */
  boolean keeps(int row) {
    return last[row] != null && cascade.keeps(row);
  }

  /** Which row value an operand is; -1 for none. */
  int row(int operand) {
    return operand < firstRow ? -1 : operand - firstRow;
  }

  /** Steps that begin a kernel each where rows are divided among groups, and the end of all. */
  int[] divided() {
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).folds()) {
        starts.add(i + 1);
      }
    }
    starts.add(steps.size());
    return starts.stream().mapToInt(i -> i).toArray();
  }

  /** Whether elements are walked over in some steps. */
  boolean walks(int from, int to) {
    return steps.subList(from, to).stream().anyMatch(s -> s.walk != null);
  }

  /** The row values that the walks of some steps read, and those that these are made of. */
  Set<Value> neededBy(int from, int to) {
    Set<Value> needed = new HashSet<>();
    for (Step step : steps.subList(from, to)) {
      if (step.walk != null) {
        step.walk.forEach(e -> need(e.pass, e.rows, needed));
      }
    }
    return needed;
  }

  /** The row values that are wanted when all is done, and those that these are made of. */
  Set<Value> kept() {
    Set<Value> needed = new HashSet<>();
    for (int k = 0; k < last.length; k++) {
      if (keeps(k)) {
        need(last[k], needed);
      }
    }
    return needed;
  }

  private void need(Pass pass, Value[] rows, Set<Value> needed) {
    for (int k = 0; k < rows.length; k++) {
      if (reads(pass, k)) {
        need(rows[k], needed);
      }
    }
  }

  private void need(Value value, Set<Value> needed) {
    if (needed.add(value) && value.slot < 0) {
      need(value.pass, value.rows, needed);
    }
  }
}
