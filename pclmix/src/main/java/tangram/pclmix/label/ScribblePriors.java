package tangram.pclmix.label;

import java.util.Arrays;
import tangram.pclmix.metrics.DistanceTransform;
import tangram.pclmix.metrics.VoxelGrid;

/**
 * What scribbles say without drawing it, provided that every structure in a slice is scribbled, as
 * in ACDC: far from all scribbled structures is background. A slice in which nothing at all is
 * scribbled, not even background, says nothing.
 */
public final class ScribblePriors {
  /**
   * The side of the field of view in mm that is taken for granted where the spacing is unknown: 128
   * pixels of 2.7 mm, an average of ACDC.
   */
  public static final double FIELD_OF_VIEW = 128 * 2.7;

  private ScribblePriors() {}

  /**
   * Labels what is farther from every foreground scribble than a distance as background.
   *
   * @param scribble 0..K-1, or K for unlabelled, [height, width]
   * @param classes K
   * @param distance in mm
   * @param spacingY distance of rows in mm
   * @param spacingX distance of columns in mm
   * @return 0 where it is far, K elsewhere; all 0 if no foreground is scribbled but background is
   * @throws IllegalArgumentException if the array is no such plane
   */
  public static byte[] farBackground(
      byte[] scribble,
      int classes,
      int height,
      int width,
      double distance,
      double spacingY,
      double spacingX) {
    byte[] labels = new byte[scribble.length];
    if (says(scribble, classes)) {
      boolean[] foreground = new boolean[scribble.length];
      for (int i = 0; i < foreground.length; i++) {
        foreground[i] = isForeground(scribble[i], classes);
      }
      VoxelGrid grid = new VoxelGrid(1, height, width, 1, spacingY, spacingX);
      double[] squares = DistanceTransform.squared(foreground, grid);
      for (int i = 0; i < labels.length; i++) {
        labels[i] = (byte) (squares[i] > distance * distance ? 0 : classes);
      }
    } else {
      Arrays.fill(labels, (byte) classes);
    }
    return labels;
  }

  /** As above, of a slice whose spacing is unknown: its sides are {@link #FIELD_OF_VIEW}. */
  public static byte[] farBackground(
      byte[] scribble, int classes, int height, int width, double distance) {
    return farBackground(
        scribble, classes, height, width, distance, FIELD_OF_VIEW / height, FIELD_OF_VIEW / width);
  }

  private static boolean says(byte[] scribble, int classes) {
    for (byte c : scribble) {
      if (c != classes) {
        return true;
      }
    }
    return false;
  }

  private static boolean isForeground(byte c, int classes) {
    return c > 0 && c != classes;
  }
}
