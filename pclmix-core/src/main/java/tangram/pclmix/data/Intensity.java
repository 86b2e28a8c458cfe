package tangram.pclmix.data;

import java.util.Arrays;

/** Scaling of intensities (paper 4.1). */
public final class Intensity {
  private Intensity() {}

  /**
   * Scales {@code length} finite values in place so that the least becomes 0 and the greatest 1.
   * Values that are all equal become 0.
   */
  public static void scale(float[] values, int offset, int length) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = offset; i < offset + length; i++) {
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    // In double: the difference of two large floats may overflow a float.
    double range = (double) max - min;
    for (int i = offset; i < offset + length; i++) {
      values[i] = range > 0 ? (float) (((double) values[i] - min) / range) : 0;
    }
  }

  /**
   * Lowers the values above a percentile to it, in place. Between two values the percentile is
   * interpolated, as {@code numpy.percentile} does.
   *
   * @param values finite numbers
   * @param percentile 0..100
   */
  public static void clipAbove(float[] values, double percentile) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    double position = percentile / 100 * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    float limit =
        (float) (sorted[below] + (position - below) * ((double) sorted[above] - sorted[below]));
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.min(values[i], limit);
    }
  }

  /** Scales each of {@code depth} consecutive slices of {@code pixels} values by itself. */
  public static void scaleSlices(float[] values, int depth, int pixels) {
    for (int z = 0; z < depth; z++) {
      scale(values, z * pixels, pixels);
    }
  }
}
