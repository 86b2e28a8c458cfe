package tangram.pclmix.data;

import java.util.Arrays;

/**
 * One 3-D case. The arrays are shared, not copied.
 *
 * @param name the file's name without extension
 * @param patient the patient's number, 0 where unknown
 * @param depth number of slices
 * @param height number of rows
 * @param width number of columns
 * @param image intensities in [0, 1], scaled slice by slice, [depth][height][width]
 * @param label dense truth 0..3, [depth][height][width]; null where unknown
 * @param spacing distance between voxel centres in mm, {z, y, x}; null where unknown
 * @param scribble 0..3 where scribbled, 4 where unlabelled, [depth][height][width]; may be null
 */
public record Volume(
    String name,
    int patient,
    int depth,
    int height,
    int width,
    float[] image,
    byte[] label,
    double[] spacing,
    byte[] scribble) {
  /**
   * The most voxels of a volume that is read, 512x512x256: no scan of a heart has more, and a small
   * file that unpacks to more must not fill the memory.
   */
  static final int MAX_VOXELS = 1 << 26;

  /**
   * Checks the arrays' lengths.
   *
   * @throws IllegalArgumentException if a length is not depth x height x width, the image is null,
   *     or a spacing is not positive
   */
  public Volume {
    if (depth <= 0 || height <= 0 || width <= 0) {
      throw new IllegalArgumentException("a volume of " + depth + "x" + height + "x" + width);
    }
    int voxels = Math.multiplyExact(depth, Math.multiplyExact(height, width));
    if (image == null || image.length != voxels) {
      throw new IllegalArgumentException(name + ": the image does not have " + voxels + " voxels");
    }
    if (label != null && label.length != voxels) {
      throw new IllegalArgumentException(name + ": the label does not have " + voxels + " voxels");
    }
    if (scribble != null && scribble.length != voxels) {
      throw new IllegalArgumentException(
          name + ": the scribble does not have " + voxels + " voxels");
    }
    if (spacing != null && !isSpacing(spacing)) {
      throw new IllegalArgumentException(name + ": a spacing of " + Arrays.toString(spacing));
    }
  }

  /** Whether these are three positive finite numbers. */
  static boolean isSpacing(double[] spacing) {
    return spacing.length == 3
        && Arrays.stream(spacing).allMatch(s -> s > 0 && s < Double.POSITIVE_INFINITY);
  }
}
