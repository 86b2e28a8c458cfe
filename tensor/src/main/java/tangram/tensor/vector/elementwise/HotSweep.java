package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Cascade.Pass;
import tangram.tensor.kernel.Cascade.Stage;

/** The loop of a stage of a cascade, made when it is worth it; until then passes run one by one. */
final class HotSweep {
  /**
   * Nanoseconds for an operator of an element that a compiled loop stays below, and one that is
   * interpreted exceeds several times.
   */
  private static final double COMPILED = 1;

  private record Key(int stage, boolean columns, String ofRow) {}

  private final AtomicLong computed = new AtomicLong();
  private final Cascade cascade;
  private final Stage stage;
  private final boolean[] ofRow;
  private final boolean columns;
  private volatile SweepCompiler.Sweep ready;

  private HotSweep(Cascade cascade, int stage, boolean[] ofRow, boolean columns) {
    this.cascade = cascade;
    this.stage = cascade.stages().get(stage);
    this.ofRow = ofRow;
    this.columns = columns;
  }

  /** A cascade's; see {@link SweepCompiler#compile}. */
  static HotSweep of(Cascade cascade, int stage, boolean[] ofRow, boolean columns) {
    return cascade.compiled(
        new Key(stage, columns, Arrays.toString(ofRow)),
        () -> new HotSweep(cascade, stage, ofRow, columns));
  }

  /** The loop if it is ready, else null; asks for it when many elements were computed. */
  SweepCompiler.Sweep count(int elements) {
    if (ready == null) {
      long before = computed.getAndAdd(elements);
      if (before < LoopWarmer.HOT
          && before + elements >= LoopWarmer.HOT
          && SweepCompiler.canCompile(stage)) {
        LoopWarmer.request(this::warm);
      }
    }
    return ready;
  }

  private void warm() {
    SweepCompiler.Sweep sweep = SweepCompiler.compile(stage, cascade.inputs(), ofRow, columns);
    int passes = stage.elements().size();
    int operands = cascade.operands();
    Object[] arrays = new Object[operands + passes];
    int[] offsets = new int[arrays.length];
    int[] steps = new int[arrays.length];
    for (int i = 0; i < arrays.length; i++) {
      float[] tile = new float[TileProgram.TILE];
      Arrays.fill(tile, 0.5f + i);
      arrays[i] = tile;
    }
    double[] parameters = new double[16];
    Arrays.fill(parameters, 1);
    double[] partials = new double[passes * TileProgram.TILE];
    int operators = 1;
    for (Pass pass : stage.elements()) {
      operators += 1 + pass.formula().program().operations();
    }
    int fast = 0;
    for (int run = 0; run < LoopWarmer.MOST_RUNS && fast < LoopWarmer.FASTER; run++) {
      // Also lengths that no vector divides, so that the ends of loops are compiled.
      int rows = 1 + run % 3;
      int n = TileProgram.TILE / rows - run % 37;
      LoopWarmer.pause(run);
      long start = System.nanoTime();
      sweep.run(parameters, arrays, offsets, steps, partials, 0, n, rows, run % 2);
      fast = System.nanoTime() - start < COMPILED * n * rows * operators ? fast + 1 : 0;
    }
    if (fast == LoopWarmer.FASTER) {
      ready = sweep;
    }
  }
}
