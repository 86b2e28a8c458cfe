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

  /** Steps into which {@link #scaleVolume} divides the range of images that are not whole. */
  private static final int BINS = 256;

  /**
   * Scales a whole volume in place as the HDF5 files of the ACDC scribble data were made: values
   * above a limit are lowered to it, then the least becomes 0 and the limit 1. Of whole numbers the
   * limit is the least value that at least 99% do not exceed; of others it is the middle of the
   * first of 256 equal bins up to whose end 99% lie (which {@code
   * skimage.exposure.cumulative_distribution} returns, so that the two forms of a volume agree to
   * the last bits).
   *
   * @param values finite numbers
   * @param whole whether the file holds whole numbers, unscaled
   * @return whether there was anything to scale: false, and the values untouched, if the limit is
   *     the least value
   */
  public static boolean scaleVolume(float[] values, boolean whole) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    float min = sorted[0];
    float limit = whole ? quantile(sorted) : binned(sorted);
    double range = (double) limit - min;
    if (!(range > 0)) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (((double) Math.min(values[i], limit) - min) / range);
    }
    return true;
  }

  private static float quantile(float[] sorted) {
    int i = 0;
    while (!reached(i + 1, sorted.length)) {
      i++;
    }
    return sorted[i];
  }

  private static float binned(float[] sorted) {
    double min = sorted[0];
    double max = sorted[sorted.length - 1];
    double step = (max - min) / BINS;
    int below = 0;
    float start = sorted[0];
    for (int bin = 1; bin <= BINS; bin++) {
      // Edges are floats, as NumPy's are for floats: whole numbers often lie on one.
      float end = bin == BINS ? (float) max : (float) (bin * step + min);
      while (below < sorted.length && (sorted[below] < end || bin == BINS)) {
        below++;
      }
      if (reached(below, sorted.length)) {
        return (start + end) / 2;
      }
      start = end;
    }
    throw new IllegalStateException("the last bin reaches everything");
  }

  private static boolean reached(int count, int all) {
    return (double) count / all >= 0.99;
  }
}
