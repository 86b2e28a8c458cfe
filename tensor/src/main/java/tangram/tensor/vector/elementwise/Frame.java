package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.vector.runtime.VectorTranspose;

/** A thread's working memory for formulas: where the operands of a tile are. */
final class Frame {
  private static final int TILE = TileProgram.TILE;

  private static final ThreadLocal<Frame[]> LOCAL =
      ThreadLocal.withInitial(() -> new Frame[DType.values().length]);

  /** More partial results are not kept from call to call. */
  private static final int MOST_KEPT = 1 << 17;

  private final Domain domain;
  private Object[] arrays = new Object[16];
  private int[] offsets = new int[16];

  /** The place of the element that an operand repeats; -1 where it repeats none. */
  private int[] repeated = new int[16];

  private Object tiles;
  private int capacity;
  private Object partials;
  private int room;
  private int result;
  private Object values;
  private int first;
  private double[] parameters;

  private Frame(Domain domain) {
    this.domain = domain;
  }

  /** The calling thread's, with the numbers of a formula in place. */
  static Frame prepared(TileProgram program, Domain domain, double[] parameters) {
    Frame[] all = LOCAL.get();
    int number = domain.type().ordinal();
    if (all[number] == null) {
      all[number] = new Frame(domain);
    }
    Frame frame = all[number];
    frame.prepare(program, parameters);
    return frame;
  }

  private void prepare(TileProgram program, double[] numbers) {
    parameters = numbers;
    int operands = program.operands();
    if (arrays.length < operands) {
      arrays = new Object[operands];
      offsets = new int[operands];
      repeated = new int[operands];
    }
    Arrays.fill(repeated, 0, program.inputs(), -1);
    // A tile for each operand, one for the result and one to accumulate in.
    if (capacity < operands + 2) {
      capacity = Math.max(18, operands + 2);
      tiles = domain.newTiles(capacity * TILE);
    }
    program.prepare(domain, numbers, arrays, offsets, tiles, program.inputs() * TILE);
    result = operands * TILE;
  }

  /**
   * Makes n elements of a view the i-th operand: where they are if they lie side by side and have
   * the type that is computed in, else gathered.
   *
   * @param inWalk the view's number in the walk
   * @param shift added to the places of all elements
   * @param from the number of the first element in the walk
   */
  void load(Walk walk, int inWalk, View view, int i, int shift, int from, int n) {
    if (view.type() == domain.type() && walk.isRun(inWalk, from, n)) {
      arrays[i] = view.buffer().storage();
      offsets[i] = walk.place(inWalk, from) + shift;
    } else {
      arrays[i] = tiles;
      offsets[i] = i * TILE;
      Copies.gather(walk, inWalk, view, shift, from, n, domain.type(), tiles, i * TILE);
    }
  }

  /** Makes a block of n rows of m elements of a view, from a place on, the i-th operand. */
  void load(View view, int i, int from, int row, int column, int n, int m) {
    Object storage = view.buffer().storage();
    arrays[i] = tiles;
    offsets[i] = i * TILE;
    if (row == 1 && view.type() == DType.F32 && domain.type() == DType.F32) {
      VectorTranspose.transpose(
          (float[]) storage, from, column, (float[]) tiles, i * TILE, m, n, m);
    } else {
      for (int r = 0; r < n; r++) {
        int to = i * TILE + r * m;
        Copies.copy(view.type(), storage, from + r * row, column, domain.type(), tiles, to, 1, m);
      }
    }
  }

  /** Makes one element of a view, repeated, the i-th operand, unless it is already. */
  void repeat(View view, int place, int i) {
    if (repeated[i] != place) {
      repeated[i] = place;
      arrays[i] = tiles;
      offsets[i] = i * TILE;
      Object storage = view.buffer().storage();
      Copies.copy(view.type(), storage, place, 0, domain.type(), tiles, i * TILE, 1, TILE);
    }
  }

  /** Computes n elements and stores them in a view. */
  void compute(TileProgram program, Walk walk, int inWalk, View y, int from, int n) {
    if (y.type() == domain.type() && walk.isRun(inWalk, from, n)) {
      Object storage = y.buffer().storage();
      program.run(domain, parameters, arrays, offsets, storage, walk.place(inWalk, from), n);
    } else {
      compute(program, n);
      Copies.scatter(walk, inWalk, y, 0, from, n, domain.type(), values, first);
    }
  }

  /** Computes n elements; {@link #values} has them from {@link #first} on. */
  void compute(TileProgram program, int n) {
    int alone = program.isOperand();
    if (alone >= 0) {
      values = arrays[alone];
      first = offsets[alone];
    } else {
      values = tiles;
      first = result;
      program.run(domain, parameters, arrays, offsets, tiles, result, n);
    }
  }

  Object tiles() {
    return tiles;
  }

  /** Memory for n partial results, until the thread asks again. */
  Object partials(int n) {
    if (n > MOST_KEPT) {
      return domain.newPartials(n);
    }
    if (room < n) {
      room = Math.max(n, 64);
      partials = domain.newPartials(room);
    }
    return partials;
  }

  Object values() {
    return values;
  }

  int first() {
    return first;
  }

  /** Where a tile begins that nothing else uses. */
  int spare() {
    return result + TILE;
  }
}
