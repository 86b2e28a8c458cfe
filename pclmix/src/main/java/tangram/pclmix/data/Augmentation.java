package tangram.pclmix.data;

import tangram.tensor.CounterRandom;

/**
 * Random rotations and flips of square slices before CutMix (paper 4.1).
 *
 * <p>With probability 0.5 a random multiple-of-90-degree rotation and a flip along a random axis;
 * else with probability 0.5 a rotation about the centre by an angle uniform in [-20, 20] degrees
 * (image bilinear, filled with 0; scribble nearest, filled with 4; label nearest, filled with 0);
 * else the slice as it is. What happens depends on (seed, step, sample) alone.
 */
public final class Augmentation {
  private static final double MAX_DEGREES = 20;

  private final long seed;

  /** Creates the augmentation of a run. */
  public Augmentation(long seed) {
    this.seed = seed;
  }

  /**
   * Writes the augmented slice into the arrays given, each [height][width] from its offset.
   *
   * @param slice a square slice
   * @param step the training step
   * @param sample the position in the batch
   * @param image receives the image
   * @param imageOffset where the image starts
   * @param scribble receives the scribble
   * @param scribbleOffset where the scribble starts
   * @param label receives the label, or null where it is not wanted
   * @param labelOffset where the label starts
   * @throws IllegalArgumentException if the slice is not square, or the label is wanted but unknown
   */
  public void apply(
      Slice slice,
      long step,
      int sample,
      float[] image,
      int imageOffset,
      int[] scribble,
      int scribbleOffset,
      int[] label,
      int labelOffset) {
    int n = slice.height();
    if (n != slice.width()) {
      throw new IllegalArgumentException(
          slice.name() + " is " + n + "x" + slice.width() + "; resize it to a square first");
    }
    if (label != null && slice.label() == null) {
      throw new IllegalArgumentException(slice.name() + " has no label");
    }
    CounterRandom random = new CounterRandom(seed, Purpose.AUGMENTATION, step, sample);
    boolean quarters = random.nextFloat() < 0.5f;
    if (!quarters && random.nextFloat() < 0.5f) {
      double angle = Math.toRadians(MAX_DEGREES * (2 * random.nextDouble() - 1));
      double cos = StrictMath.cos(angle);
      double sin = StrictMath.sin(angle);
      rotateBilinear(slice.image(), n, cos, sin, image, imageOffset);
      rotateNearest(slice.scribble(), n, cos, sin, Slice.UNLABELLED, scribble, scribbleOffset);
      if (label != null) {
        rotateNearest(slice.label(), n, cos, sin, 0, label, labelOffset);
      }
    } else {
      int turns = quarters ? random.nextInt(4) : 0;
      int flip = quarters ? random.nextInt(2) : NO_FLIP;
      for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++) {
          int from = quarterSource(y, x, n, turns, flip);
          int to = y * n + x;
          image[imageOffset + to] = slice.image()[from];
          scribble[scribbleOffset + to] = slice.scribble()[from];
          if (label != null) {
            label[labelOffset + to] = slice.label()[from];
          }
        }
      }
    }
  }

  static final int NO_FLIP = -1;

  /**
   * Where pixel (y, x) of {@code np.flip(np.rot90(a, turns), axis=flip)} comes from: an index into
   * a, [n][n].
   */
  static int quarterSource(int y, int x, int n, int turns, int flip) {
    int fy = flip == 0 ? n - 1 - y : y;
    int fx = flip == 1 ? n - 1 - x : x;
    switch (turns) {
      case 0:
        return fy * n + fx;
      case 1:
        return fx * n + n - 1 - fy;
      case 2:
        return (n - 1 - fy) * n + n - 1 - fx;
      case 3:
        return (n - 1 - fx) * n + fy;
      default:
        throw new IllegalArgumentException(turns + " quarter turns");
    }
  }

  /** Counter-clockwise (as seen with y downwards) by the angle of cos and sin; 0 outside. */
  static void rotateBilinear(
      float[] source, int n, double cos, double sin, float[] target, int offset) {
    double centre = (n - 1) / 2.0;
    for (int y = 0; y < n; y++) {
      for (int x = 0; x < n; x++) {
        double sy = centre + cos * (y - centre) + sin * (x - centre);
        double sx = centre - sin * (y - centre) + cos * (x - centre);
        int y0 = (int) Math.floor(sy);
        int x0 = (int) Math.floor(sx);
        double fy = sy - y0;
        double fx = sx - x0;
        double top = (1 - fx) * pixel(source, n, y0, x0) + fx * pixel(source, n, y0, x0 + 1);
        double bottom =
            (1 - fx) * pixel(source, n, y0 + 1, x0) + fx * pixel(source, n, y0 + 1, x0 + 1);
        target[offset + y * n + x] = (float) ((1 - fy) * top + fy * bottom);
      }
    }
  }

  private static float pixel(float[] source, int n, int y, int x) {
    return y >= 0 && y < n && x >= 0 && x < n ? source[y * n + x] : 0;
  }

  /** As {@link #rotateBilinear}, taking the nearest pixel. */
  static void rotateNearest(
      byte[] source, int n, double cos, double sin, int fill, int[] target, int offset) {
    double centre = (n - 1) / 2.0;
    for (int y = 0; y < n; y++) {
      for (int x = 0; x < n; x++) {
        int sy = (int) Math.floor(centre + cos * (y - centre) + sin * (x - centre) + 0.5);
        int sx = (int) Math.floor(centre - sin * (y - centre) + cos * (x - centre) + 0.5);
        boolean inside = sy >= 0 && sy < n && sx >= 0 && sx < n;
        target[offset + y * n + x] = inside ? source[sy * n + sx] : fill;
      }
    }
  }
}
