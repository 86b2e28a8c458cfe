package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;

/**
 * A thread's working memory for a cascade: for every pass where its operands are, and the folds of
 * the rows that are being computed. Tiles lie in one array: those of operands whose elements are
 * gathered or repeated, those of one value a row, one for results, one for each pass to accumulate
 * in, and each pass's constants.
 */
final class CascadeFrame {
  private static final int TILE = TileProgram.TILE;

  private static final ThreadLocal<CascadeFrame[]> LOCAL =
      ThreadLocal.withInitial(() -> new CascadeFrame[DType.values().length]);

  final RealDomain domain;
  Object tiles;

  /** Folds by pass and row. */
  double[] partials = {};

  TileProgram[] programs = {};

  private Object[][] arrays = {};
  private int[][] offsets = {};
  private int capacity;
  private int operands;
  private double[] parameters = {};
  private Cascade prepared;

  private CascadeFrame(RealDomain domain) {
    this.domain = domain;
  }

  /** The calling thread's, with the numbers of all formulas in place. */
  static CascadeFrame prepared(Cascade cascade, RealDomain domain, double[] parameters) {
    CascadeFrame[] all = LOCAL.get();
    int number = domain.type().ordinal();
    if (all[number] == null) {
      all[number] = new CascadeFrame(domain);
    }
    all[number].prepare(cascade, parameters);
    return all[number];
  }

  private void prepare(Cascade cascade, double[] numbers) {
    // The constants are in place if the task before was of the same call.
    if (prepared == cascade && Arrays.equals(parameters, numbers)) {
      return;
    }
    prepared = cascade;
    parameters = numbers;
    operands = cascade.operands();
    int passes = cascade.passes().size();
    if (programs.length < passes) {
      programs = new TileProgram[passes];
      arrays = new Object[passes][0];
      offsets = new int[passes][0];
      partials = new double[passes * TILE];
    }
    int used = 2 * operands + 1 + passes;
    for (int p = 0; p < passes; p++) {
      programs[p] = program(cascade.passes().get(p).formula());
      int count = programs[p].operands();
      if (arrays[p].length < count) {
        arrays[p] = new Object[count];
        offsets[p] = new int[count];
      }
      used += count - operands;
    }
    if (used > capacity) {
      capacity = used;
      tiles = domain.newTiles(used * TILE);
    }
    int at = 2 * operands + 1 + passes;
    for (int p = 0; p < passes; p++) {
      programs[p].prepare(domain, numbers, arrays[p], offsets[p], tiles, at * TILE);
      at += programs[p].operands() - operands;
    }
  }

  static TileProgram program(Formula formula) {
    return formula.compiled(VectorMaps.class, TileProgram::new);
  }

  /** Where the tile of an operand's elements begins. */
  int tile(int operand) {
    return operand * TILE;
  }

  /** Where the tile of an operand's values, one a row, begins. */
  int values(int operand) {
    return (operands + operand) * TILE;
  }

  /** Where the tile of results begins. */
  int result() {
    return 2 * operands * TILE;
  }

  /** Where the tile begins in which a pass accumulates. */
  int accumulator(int pass) {
    return (2 * operands + 1 + pass) * TILE;
  }

  /** Where the folds of a pass begin. */
  int partial(int pass) {
    return pass * TILE;
  }

  /** Says where a pass finds an operand. */
  void place(int pass, int operand, Object array, int offset) {
    arrays[pass][operand] = array;
    offsets[pass][operand] = offset;
  }

  Object array(int pass, int operand) {
    return arrays[pass][operand];
  }

  int offset(int pass, int operand) {
    return offsets[pass][operand];
  }

  /** Computes n values of a pass. */
  void run(int pass, Object y, int at, int n) {
    programs[pass].run(domain, parameters, arrays[pass], offsets[pass], y, at, n);
  }
}
