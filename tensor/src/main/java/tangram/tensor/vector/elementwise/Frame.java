package tangram.tensor.vector.elementwise;

import tangram.tensor.View;

/** A thread's working memory for formulas: where the operands of a tile are. */
final class Frame {
  private static final int TILE = TileProgram.TILE;

  private static final ThreadLocal<Frame> LOCAL = ThreadLocal.withInitial(Frame::new);

  private float[][] arrays = new float[16][];
  private int[] offsets = new int[16];

  /** A tile for each operand, one for the result and one to accumulate in. */
  private float[] tiles = new float[18 * TILE];

  private int result;

  private Frame() {}

  /** The calling thread's, with the constants of a formula in place. */
  static Frame prepared(TileProgram program) {
    Frame frame = LOCAL.get();
    int operands = program.operands();
    if (frame.arrays.length < operands) {
      frame.arrays = new float[operands][];
      frame.offsets = new int[operands];
    }
    if (frame.tiles.length < (operands + 2) * TILE) {
      frame.tiles = new float[(operands + 2) * TILE];
    }
    program.prepare(frame.arrays, frame.offsets, frame.tiles, program.inputs() * TILE);
    frame.result = operands * TILE;
    return frame;
  }

  /**
   * Makes n elements of a view the i-th operand: where they are if they lie side by side, else
   * gathered.
   *
   * @param inWalk the view's number in the walk
   * @param shift added to the places of all elements
   * @param from the number of the first element in the walk
   */
  void load(Walk walk, int inWalk, View view, int i, int shift, int from, int n) {
    float[] storage = view.buffer().floats();
    if (walk.isRun(inWalk, from, n)) {
      arrays[i] = storage;
      offsets[i] = walk.place(inWalk, from) + shift;
    } else {
      arrays[i] = tiles;
      offsets[i] = i * TILE;
      walk.gather(inWalk, storage, shift, from, n, tiles, i * TILE);
    }
  }

  /** Computes n elements into consecutive places. */
  void compute(TileProgram program, float[] y, int yo, int n) {
    program.run(arrays, offsets, y, yo, n);
  }

  /** Computes n elements into {@link #tiles} from {@link #result} on. */
  void compute(TileProgram program, int n) {
    program.run(arrays, offsets, tiles, result, n);
  }

  float[] tiles() {
    return tiles;
  }

  /** Where the tile of the result begins. */
  int result() {
    return result;
  }

  /** Where a tile begins that nothing else uses. */
  int spare() {
    return result + TILE;
  }
}
