package tangram.web.annotate;

import tangram.pclmix.data.NiftiHeader;

/**
 * How slices are turned for the eye: right, anterior or superior is at the left or top, as
 * radiologists look at images. Voxels stay as they are.
 *
 * @param flipX whether columns are shown from the last to the first
 * @param flipY whether rows are
 * @param edges what is at the left, right, top and bottom of the screen; null where the file does
 *     not say
 */
record Orientation(boolean flipX, boolean flipY, String[] edges) {
  private static final String[] TOWARDS = {"R", "A", "S"};
  private static final String[] AWAY = {"L", "P", "I"};

  /** The orientation of a grid's slices. */
  static Orientation of(NiftiHeader header) {
    double[] affine = header.affine();
    if (affine == null) {
      return new Orientation(false, false, null);
    }
    int column = 0;
    int row = 1;
    double most = -1;
    // The axes of the body that columns and rows follow best; never the same.
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        double along = part(affine, 0, a) + part(affine, 1, b);
        if (a != b && along > most + 1e-6) {
          most = along;
          column = a;
          row = b;
        }
      }
    }
    return new Orientation(
        affine[4 * column] > 0,
        affine[4 * row + 1] > 0,
        new String[] {TOWARDS[column], AWAY[column], TOWARDS[row], AWAY[row]});
  }

  /** How much of the step from voxel to voxel, from 0 to 1, is along an axis of the body. */
  private static double part(double[] affine, int step, int axis) {
    double length = Math.hypot(Math.hypot(affine[step], affine[4 + step]), affine[8 + step]);
    return length > 0 ? Math.abs(affine[4 * axis + step]) / length : 0;
  }
}
