package tangram.tornado;

import static tangram.tornado.Launch.blocks;

/**
 * How a product of matrices is spread over the device: the side of the tiles that groups compute,
 * and into how many parts the sum is cut, each of which is left to other groups. The parts are
 * added in their order, so results have the same bits from run to run; and sizes alone decide, so
 * they have them on any device.
 *
 * <p>The device is taken for an H200, whose processors work through the groups in waves. Times are
 * in those that a processor takes for a multiplication at full speed, 4 picoseconds. How fast tiles
 * are was read off their machine code, not measured.
 *
 * @param tile side of a tile
 * @param parts number of parts
 * @param steps steps of the sum in a part
 */
record Tiling(int tile, int parts, int steps) {
  /** Sides of tiles that products have. */
  static final int[] ALL = {64, 128};

  /** Sides of tiles that convolutions have. */
  static final int[] SMALL = {64};

  private static final int PROCESSORS = 132;

  /** Speed of a processor that has one large tile, or one, two or three small ones at a time. */
  private static final double LARGE_SPEED = 0.62;

  private static final double[] SMALL_SPEED = {0.33, 0.47, 0.55};

  /** A call, besides its multiplications: 2 microseconds. */
  private static final double CALL = 5e5;

  /** Another number in a sum of parts, which waits for memory; and to move a number there. */
  private static final double PART = 1e4;

  private static final double MOVE = 0.6;

  /** Numbers of parts to choose from, most of which fill a wave with some number of tiles. */
  private static final int[] PARTS = {1, 2, 3, 4, 6, 8, 11, 16, 22, 33, 44, 66, 88, 132};

  /** Steps of a part at least. */
  private static final int FEWEST_STEPS = 128;

  /** Steps of a part are a multiple of this. */
  private static final int GRAIN = 16;

  /** Groups along z of the grid, and elements of all parts, at most. */
  private static final int MOST_GROUPS = 65535;

  private static final long MOST_ELEMENTS = 1 << 24;

  /**
   * Chooses for products of [rows, sum] and [sum, cols].
   *
   * @param count number of products
   * @param tiles sides of tiles to choose from
   */
  static Tiling of(int rows, int cols, int sum, int count, int[] tiles) {
    Tiling best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int tile : tiles) {
      for (int most : PARTS) {
        int steps = blocks(Math.max(FEWEST_STEPS, blocks(sum, most)), GRAIN) * GRAIN;
        Tiling tiling =
            most == 1
                ? new Tiling(tile, 1, blocks(sum, GRAIN) * GRAIN)
                : new Tiling(tile, Math.max(1, blocks(sum, steps)), steps);
        double time = tiling.time(rows, cols, count);
        if (time < least && (most == 1 || tiling.isPossible(rows, cols, count))) {
          best = tiling;
          least = time;
        }
      }
    }
    return best;
  }

  private boolean isPossible(int rows, int cols, int count) {
    long matrices = (long) count * parts;
    return matrices <= MOST_GROUPS && matrices * rows * cols <= MOST_ELEMENTS;
  }

  private double time(int rows, int cols, int count) {
    double groups = (double) blocks(rows, tile) * blocks(cols, tile) * count * parts;
    double waves = Math.ceil(groups / PROCESSORS);
    double group = (double) tile * tile * steps;
    double time = CALL;
    if (tile > SMALL[0]) {
      time += waves * group / LARGE_SPEED;
    } else {
      int together = SMALL_SPEED.length;
      int rest = (int) (waves % together);
      time += (waves - rest) * group / SMALL_SPEED[together - 1];
      time += rest == 0 ? 0 : rest * group / SMALL_SPEED[rest - 1];
    }
    if (parts > 1) {
      time += CALL + PART * parts + MOVE * parts * rows * cols * count;
    }
    return time;
  }
}
