package tangram.pclmix.data;

/** Scaling of intensities, slice by slice (paper 4.1). */
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

  /** Scales each of {@code depth} consecutive slices of {@code pixels} values by itself. */
  public static void scaleSlices(float[] values, int depth, int pixels) {
    for (int z = 0; z < depth; z++) {
      scale(values, z * pixels, pixels);
    }
  }
}
