package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.vector.elementwise.CascadeCompiler.Columns;

/** The loop of a stage of a cascade, made when it is worth it; until then passes run one by one. */
final class HotSweep {
  /**
   * Nanoseconds for an operator of an element that a compiled loop stays below, and one that is
   * interpreted exceeds several times.
   */
  private static final double COMPILED = 1;

  /** Rows, runs and lengths that take every way through the loops, also their ends. */
  private static final int[][] SHAPES = {{60, 1, 33}, {3, 3, 200}, {2, 1, 1300}, {1, 2, 1111}};

  private record Key(int stage, Columns columns, String single) {}

  private final AtomicLong computed = new AtomicLong();
  private final Cascade cascade;
  private final Stage stage;
  private final boolean[] single;
  private final Columns columns;
  private volatile Sweep ready;

  private HotSweep(Cascade cascade, int stage, boolean[] single, Columns columns) {
    this.cascade = cascade;
    this.stage = Stage.of(cascade).get(stage);
    this.single = single;
    this.columns = columns;
  }

  /** A cascade's; see {@link CascadeCompiler#compile}. */
  static HotSweep of(Cascade cascade, int stage, boolean[] single, Columns columns) {
    return cascade.compiled(
        new Key(stage, columns, Arrays.toString(single)),
        () -> new HotSweep(cascade, stage, single, columns));
  }

  /** The loop if it is ready, else null; asks for it when many elements were computed. */
  Sweep count(long elements) {
    if (ready == null) {
      long before = computed.getAndAdd(elements);
      if (before < LoopWarmer.HOT && before + elements >= LoopWarmer.HOT) {
        LoopWarmer.request(this::warm);
      }
    }
    return ready;
  }

  /** A new loop, not yet fast. */
  Sweep compile() {
    return CascadeCompiler.compile(cascade, stage, single, columns);
  }

  private void warm() {
    Sweep sweep = compile();
    int count = cascade.operands();
    Object[] arrays = new Object[count];
    int[] rowSteps = new int[count];
    int[] runSteps = new int[count];
    for (int i = 0; i < count; i++) {
      float[] elements = new float[1 << 13];
      Arrays.fill(elements, 0.5f + i);
      arrays[i] = elements;
    }
    boolean sides = columns != Columns.NO;
    double[] parameters = new double[16];
    Arrays.fill(parameters, 1);
    double[] room = new double[CascadeCompiler.room(cascade)];
    int operators = 1;
    for (Pass pass : stage.elements()) {
      operators += 1 + pass.formula().program().operations();
    }
    int fast = 0;
    for (int run = 0; run < LoopWarmer.MOST_RUNS && fast < LoopWarmer.FASTER; run++) {
      int[] shape = SHAPES[run % SHAPES.length];
      int rows = sides ? shape[2] : shape[0];
      int runs = sides ? 1 : shape[1];
      int n = sides ? shape[0] + (columns == Columns.LONG ? 6 : 0) : shape[2];
      for (int i = 0; i < count; i++) {
        boolean value = i >= cascade.inputs() + cascade.outputs();
        rowSteps[i] = sides || value ? 1 : runs * n;
        runSteps[i] = value ? 0 : sides ? rows / 16 : n;
      }
      LoopWarmer.pause(run);
      long start = System.nanoTime();
      sweep.run(parameters, arrays, new int[count], rowSteps, runSteps, room, rows, runs, n);
      long elements = (long) rows * runs * n;
      fast = System.nanoTime() - start < COMPILED * elements * operators ? fast + 1 : 0;
    }
    if (fast == LoopWarmer.FASTER) {
      ready = sweep;
    }
  }
}
