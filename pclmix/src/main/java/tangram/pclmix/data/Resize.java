package tangram.pclmix.data;

/**
 * Resizing of planes [height][width] with pixel centres at (i + 0.5) / n, which PyTorch calls
 * {@code align_corners=False}.
 */
public final class Resize {
  private Resize() {}

  /**
   * Nearest neighbour: output i takes input floor((i + 0.5) * in / out), PyTorch's {@code
   * nearest-exact}.
   */
  public static void nearest(
      byte[] source,
      int sourceOffset,
      int sourceHeight,
      int sourceWidth,
      byte[] target,
      int targetOffset,
      int height,
      int width) {
    check(source.length, sourceOffset, sourceHeight, sourceWidth);
    check(target.length, targetOffset, height, width);
    for (int y = 0; y < height; y++) {
      int row = sourceOffset + nearestIndex(y, sourceHeight, height) * sourceWidth;
      for (int x = 0; x < width; x++) {
        target[targetOffset + y * width + x] = source[row + nearestIndex(x, sourceWidth, width)];
      }
    }
  }

  /**
   * Bilinear: output i samples the input at (i + 0.5) * in / out - 0.5; beyond the outermost
   * centres the border value holds. No smoothing before shrinking, as {@code
   * F.interpolate(mode="bilinear", align_corners=False)}.
   */
  public static void bilinear(
      float[] source,
      int sourceOffset,
      int sourceHeight,
      int sourceWidth,
      float[] target,
      int targetOffset,
      int height,
      int width) {
    check(source.length, sourceOffset, sourceHeight, sourceWidth);
    check(target.length, targetOffset, height, width);
    for (int y = 0; y < height; y++) {
      double sy = coordinate(y, sourceHeight, height);
      int y0 = (int) sy;
      int y1 = Math.min(y0 + 1, sourceHeight - 1);
      double fy = sy - y0;
      int row0 = sourceOffset + y0 * sourceWidth;
      int row1 = sourceOffset + y1 * sourceWidth;
      for (int x = 0; x < width; x++) {
        double sx = coordinate(x, sourceWidth, width);
        int x0 = (int) sx;
        int x1 = Math.min(x0 + 1, sourceWidth - 1);
        double fx = sx - x0;
        double top = source[row0 + x0] + fx * ((double) source[row0 + x1] - source[row0 + x0]);
        double bottom = source[row1 + x0] + fx * ((double) source[row1 + x1] - source[row1 + x0]);
        target[targetOffset + y * width + x] = (float) (top + fy * (bottom - top));
      }
    }
  }

  private static int nearestIndex(int i, int in, int out) {
    // floor((i + 0.5) * in / out) in whole numbers, so that no rounding can cross a border.
    return (int) ((2L * i + 1) * in / (2L * out));
  }

  private static double coordinate(int i, int in, int out) {
    double c = (i + 0.5) * in / out - 0.5;
    return Math.min(Math.max(c, 0), in - 1);
  }

  private static void check(int length, int offset, int height, int width) {
    if (height <= 0 || width <= 0 || offset < 0 || (long) height * width > length - offset) {
      throw new IllegalArgumentException(
          "a plane of " + height + "x" + width + " at " + offset + " in " + length + " elements");
    }
  }
}
