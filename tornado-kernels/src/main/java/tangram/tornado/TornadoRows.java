package tangram.tornado;

import static tangram.tornado.Launch.blocks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.kernel.Cascade;

/** Calls of the kernels that {@link RowsCompiler} makes. */
final class TornadoRows {
  /** Rows that are short enough for one thread each. */
  private static final int SHORT = 16;

  /** Groups of a call that is worth it to divide rows for: two on each processor of an H200. */
  private static final int GROUPS = 264;

  /** Parts of a row at most. */
  private static final int MOST_PARTS = 64;

  /** Elements of a lane from which on rows are divided, and of a lane of a part at least. */
  private static final int LONG = 64;

  private static final int EACH = 16;

  private final Launcher launcher;

  TornadoRows(Launcher launcher) {
    this.launcher = launcher;
  }

  /**
   * Threads of a call.
   *
   * @param sideBySide rows of a group
   * @param lanes threads of a row
   * @param part elements of a part of a row
   */
  private record Threads(int sideBySide, int lanes, int part) {
    static Threads of(int rows, int length, boolean neighbours) {
      int sideBySide;
      int lanes;
      if (length <= SHORT) {
        lanes = 1;
        sideBySide = Math.min(128, atLeast(rows));
      } else if (neighbours) {
        sideBySide = Math.min(32, atLeast(rows));
        lanes = Math.min(RowsCompiler.GROUP / sideBySide, atLeast(length) / 2);
      } else {
        lanes = Math.min(RowsCompiler.GROUP, Math.max(32, atLeast(length) / 4));
        sideBySide = Math.min(Math.max(1, 64 / lanes), atLeast(rows));
      }
      int wanted = Math.min(MOST_PARTS, GROUPS / blocks(rows, sideBySide));
      boolean divided = lanes > 1 && length >= LONG * lanes;
      int parts = divided ? Math.max(1, Math.min(wanted, length / (lanes * EACH))) : 1;
      return new Threads(sideBySide, lanes, blocks(length, parts));
    }

    /** The smallest power of two that is not smaller. */
    private static int atLeast(int n) {
      return Integer.highestOneBit(Math.max(1, 2 * n - 1));
    }
  }

  /**
   * A cascade of some operands.
   *
   * @param placed the operands that it uses, else null
   * @param kept over the rows
   * @param folded over the elements of a row
   */
  record Rows(Cascade cascade, RowsPlan plan, View[] placed, Walk kept, Walk folded) {}

  /**
   * A cascade without sums over rows; null if a kernel cannot take so many operands or dimensions.
   *
   * @param operands inputs, outputs and row values, placed; null for what is not used
   * @param dims of the operands
   * @param rowDims the same with 1 where elements belong to one row
   */
  static Rows rows(Cascade cascade, View[] operands, int[] dims, int[] rowDims) {
    RowsPlan plan = cascade.compiled(RowsPlan.class, () -> new RowsPlan(cascade));
    View[] placed = new View[operands.length];
    Arrays.setAll(placed, o -> plan.uses(o) ? operands[o] : null);
    long count = Arrays.stream(placed).filter(v -> v != null).count();
    if (count == 0 || RowsCompiler.OPERANDS + count * RowsCompiler.OPERAND > Kernel.INTS) {
      return null;
    }
    Walk kept = walk(placed, dims, d -> rowDims[d] == dims[d]);
    Walk folded = walk(placed, dims, d -> rowDims[d] != dims[d]);
    boolean fits = kept.rank() <= RowsCompiler.RANK && folded.rank() <= RowsCompiler.RANK;
    return fits ? new Rows(cascade, plan, placed, kept, folded) : null;
  }

  /**
   * Runs a cascade.
   *
   * @param real whether it computes with real numbers, else with integers
   * @param reserved elements at the beginning of the scratch memory that stay
   */
  void run(Rows rows, double[] parameters, boolean real, int reserved) {
    RowsPlan plan = rows.plan;
    View[] placed = rows.placed;
    Walk kept = rows.kept;
    Walk folded = rows.folded;
    int mine = first(placed);
    int across = Math.abs(kept.innerStride(mine));
    int along = Math.abs(folded.innerStride(mine));
    boolean neighbours = across != 0 && (across < along || along == 0);
    Threads threads = Threads.of(kept.size(), folded.size(), neighbours);
    int parts = blocks(folded.size(), threads.part);
    int end = plan.steps.size();
    int[] starts = parts > 1 ? plan.divided() : new int[] {0, end};
    int room = parts == 1 ? 0 : reserved + plan.slots * parts * kept.size();
    int stored = reserved + (real ? launcher.scratch(room) : launcher.intScratch(room));
    for (int k = 0; k + 1 < starts.length; k++) {
      // Without a walk there is only what the parts gave to add up.
      Threads these =
          plan.walks(starts[k], starts[k + 1])
              ? threads
              : new Threads(Math.min(128, Threads.atLeast(kept.size())), 1, folded.size());
      RowsCompiler.Form form =
          new RowsCompiler.Form(
              real,
              types(placed, type -> type.isReal()),
              types(placed, type -> type == DType.BOOL),
              folded.rank() == 1,
              these.lanes == 1,
              starts[k],
              starts[k + 1],
              k + 2 == starts.length);
      Kernel kernel = rows.cascade.compiled(form, () -> RowsCompiler.compile(plan, form));
      Launch launch =
          Launch.of(kernel)
              .n(kept.size(), folded.size(), these.sideBySide, these.lanes)
              .n(these.part, stored, parts);
      addDims(launch, kept);
      addDims(launch, folded);
      addStep(launch, folded, these.lanes);
      for (int o = 0; o < placed.length; o++) {
        if (plan.uses(o)) {
          launch.n(kept.place(o, 0));
          addStrides(launch, kept, o);
          addStrides(launch, folded, o);
        }
      }
      for (double parameter : parameters) {
        launch.s(parameter);
      }
      launcher.launch(
          launch.groups(
              blocks(kept.size(), these.sideBySide),
              blocks(folded.size(), these.part),
              1,
              these.sideBySide * these.lanes,
              1,
              1));
    }
  }

  private static int first(View[] views) {
    int v = 0;
    while (views[v] == null) {
      v++;
    }
    return v;
  }

  /** Some of the dimensions, in the order in which the first operand lies in memory. */
  private static Walk walk(View[] views, int[] dims, IntPredicate which) {
    int[] order =
        IntStream.of(Walk.memoryOrder(views[first(views)].strides())).filter(which).toArray();
    int[][] strides =
        Arrays.stream(views).map(v -> v == null ? null : v.strides()).toArray(int[][]::new);
    int[] offsets = Arrays.stream(views).mapToInt(v -> v == null ? 0 : v.offset()).toArray();
    return new Walk(order, dims, strides, offsets);
  }

  private static List<Boolean> types(View[] views, Predicate<DType> which) {
    List<Boolean> types = new ArrayList<>();
    for (View view : views) {
      types.add(view != null && which.test(view.type()));
    }
    return types;
  }

  private static void addDims(Launch launch, Walk walk) {
    for (int d = walk.rank() - RowsCompiler.RANK; d < walk.rank(); d++) {
      launch.n(d < 0 ? 1 : walk.dim(d));
    }
  }

  private static void addStrides(Launch launch, Walk walk, int operand) {
    for (int d = walk.rank() - RowsCompiler.RANK; d < walk.rank(); d++) {
      launch.n(d < 0 ? 0 : walk.stride(operand, d));
    }
  }

  /** A number of elements as an index into the last dimensions of a walk. */
  private static void addStep(Launch launch, Walk walk, int elements) {
    int[] steps = new int[RowsCompiler.RANK];
    int rest = elements;
    for (int d = RowsCompiler.RANK - 1; d >= 0; d--) {
      int from = walk.rank() - RowsCompiler.RANK + d;
      int length = from < 0 ? 1 : walk.dim(from);
      steps[d] = d == 0 ? rest : rest % length;
      rest /= length;
    }
    launch.n(steps);
  }
}
