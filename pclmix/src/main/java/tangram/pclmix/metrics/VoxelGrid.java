package tangram.pclmix.metrics;

/**
 * The shape of a volume and the distance between its voxels.
 *
 * <p>Arrays over a grid are row-major [depth][height][width]: voxel (z, y, x) is element {@code (z
 * * height + y) * width + x}.
 *
 * @param depth number of slices
 * @param height rows of a slice
 * @param width columns of a slice
 * @param spacingZ distance between slices, in millimetres (or 1 to measure in voxels)
 * @param spacingY distance between rows
 * @param spacingX distance between columns
 */
public record VoxelGrid(
    int depth, int height, int width, double spacingZ, double spacingY, double spacingX) {

  /**
   * Checks sizes and spacing.
   *
   * @throws IllegalArgumentException if a size is not positive, the volume has more than 2^31 - 1
   *     voxels, or a spacing is not a positive finite number
   */
  public VoxelGrid {
    if (depth <= 0 || height <= 0 || width <= 0) {
      throw new IllegalArgumentException(
          "a volume needs positive sizes, got " + depth + "x" + height + "x" + width);
    }
    if ((long) depth * height > Integer.MAX_VALUE
        || (long) depth * height * width > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a volume of " + depth + "x" + height + "x" + width + " voxels is too large");
    }
    requireSpacing(spacingZ);
    requireSpacing(spacingY);
    requireSpacing(spacingX);
  }

  private static void requireSpacing(double spacing) {
    if (!(spacing > 0) || Double.isInfinite(spacing)) {
      throw new IllegalArgumentException("voxel spacing must be a positive number, got " + spacing);
    }
  }

  /** A grid with distances counted in voxels: spacing 1 along every axis. */
  public static VoxelGrid ofVoxels(int depth, int height, int width) {
    return new VoxelGrid(depth, height, width, 1, 1, 1);
  }

  /** This grid with distances counted in voxels. */
  public VoxelGrid inVoxels() {
    return ofVoxels(depth, height, width);
  }

  /** Number of voxels. */
  public int size() {
    return depth * height * width;
  }

  /** The element of voxel (z, y, x). */
  int index(int z, int y, int x) {
    return (z * height + y) * width + x;
  }

  /** Fails unless an array of this length covers the grid. */
  void requireLength(int length) {
    if (length != size()) {
      throw new IllegalArgumentException(
          "expected "
              + depth
              + "x"
              + height
              + "x"
              + width
              + " = "
              + size()
              + " voxels, got "
              + length);
    }
  }
}
