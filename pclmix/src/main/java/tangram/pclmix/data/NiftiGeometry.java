package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Where the voxels of a NIfTI-1 file lie in the scanner. Source: nifti1.h, "3D image (volume)
 * orientation and location in space".
 */
final class NiftiGeometry {
  private static final int PIXDIM = 76;
  private static final int QFORM_CODE = 252;
  private static final int SFORM_CODE = 254;
  private static final int QUATERNION = 256;
  private static final int SFORM = 280;

  /** Spacings are written with few digits, and recomputed in single precision. */
  private static final double SPACING_TOLERANCE = 1e-3;

  /** The part of a voxel by which places may differ. */
  private static final double PLACE_TOLERANCE = 0.1;

  private NiftiGeometry() {}

  /** What {@link NiftiHeader#differenceFrom} says. */
  static String difference(NiftiHeader a, NiftiHeader b) {
    double[] own = a.spacing();
    double[] others = b.spacing();
    for (int i = 0; i < 3; i++) {
      if (Math.abs(own[i] - others[i]) > SPACING_TOLERANCE * others[i]) {
        return "has voxels of " + text(own) + " mm (z, y, x), not " + text(others);
      }
    }
    double[] from = affine(a);
    double[] to = affine(b);
    if (from == null || to == null) {
      return null;
    }
    double distance = farthest(from, to, b.width(), b.height(), b.depth());
    double voxel = Math.min(others[0], Math.min(others[1], others[2]));
    // Written so that NaN differs.
    return distance <= PLACE_TOLERANCE * voxel
        ? null
        : String.format(Locale.ROOT, "lies up to %.4g mm away", distance);
  }

  /** The greatest distance between the corners of a grid under two placements. */
  private static double farthest(double[] a, double[] b, int width, int height, int depth) {
    double farthest = 0;
    for (int corner = 0; corner < 8; corner++) {
      double[] at = {
        (corner & 1) * (width - 1), (corner >> 1 & 1) * (height - 1), (corner >> 2) * (depth - 1), 1
      };
      double sum = 0;
      for (int row = 0; row < 3; row++) {
        double d = 0;
        for (int i = 0; i < 4; i++) {
          d += (a[4 * row + i] - b[4 * row + i]) * at[i];
        }
        sum += d * d;
      }
      farthest = Math.max(farthest, Math.sqrt(sum));
    }
    return farthest;
  }

  /** Voxel (x, y, z, 1) to place, three rows of four; null where the file does not say. */
  static double[] affine(NiftiHeader header) {
    ByteBuffer bytes = header.geometry();
    double[] affine = new double[12];
    if (bytes.getShort(SFORM_CODE) > 0) {
      for (int i = 0; i < 12; i++) {
        affine[i] = bytes.getFloat(SFORM + 4 * i);
      }
      return affine;
    }
    if (bytes.getShort(QFORM_CODE) <= 0) {
      return null;
    }
    double b = bytes.getFloat(QUATERNION);
    double c = bytes.getFloat(QUATERNION + 4);
    double d = bytes.getFloat(QUATERNION + 8);
    double a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
    double[] rotation = {
      a * a + b * b - c * c - d * d,
      2 * (b * c - a * d),
      2 * (b * d + a * c),
      2 * (b * c + a * d),
      a * a + c * c - b * b - d * d,
      2 * (c * d - a * b),
      2 * (b * d - a * c),
      2 * (c * d + a * b),
      a * a + d * d - b * b - c * c
    };
    for (int row = 0; row < 3; row++) {
      for (int i = 0; i < 3; i++) {
        double side = bytes.getFloat(PIXDIM + 4 * (i + 1));
        // The first number tells whether z runs the other way.
        double sign = i == 2 && bytes.getFloat(PIXDIM) < 0 ? -1 : 1;
        affine[4 * row + i] = rotation[3 * row + i] * side * sign;
      }
      affine[4 * row + 3] = bytes.getFloat(QUATERNION + 12 + 4 * row);
    }
    return affine;
  }

  private static String text(double[] spacing) {
    return String.format(Locale.ROOT, "%.4gx%.4gx%.4g", spacing[0], spacing[1], spacing[2]);
  }
}
