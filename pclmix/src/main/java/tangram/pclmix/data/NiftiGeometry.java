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

  /** By what part sizes in one header may differ from each other. */
  private static final double SELF_TOLERANCE = 1e-2;

  /** How far the columns of an sform that leaves the scale out are from length 1. */
  private static final double UNIT_TOLERANCE = 1e-4;

  /** Voxels of a heart's image have sides between these, mm. */
  private static final double SMALLEST = 0.01;

  private static final double LARGEST = 100;

  private NiftiGeometry() {}

  /** What {@link NiftiHeader#doubt} says. */
  static String doubt(NiftiHeader header) {
    double[] spacing = header.spacing();
    String absurd = doubt(spacing);
    if (absurd != null) {
      return "pixdim " + absurd + "; correct it, or xyzt_units";
    }
    ByteBuffer bytes = header.geometry();
    if (bytes.getShort(SFORM_CODE) <= 0) {
      return null;
    }
    double[] own = sformSpacing(bytes);
    if (isUnit(own)) {
      // ACDC's form: directions alone.
      return null;
    }
    for (int i = 0; i < 3; i++) {
      own[i] *= header.millimetres();
    }
    for (int i = 0; i < 3; i++) {
      boolean single = i == 0 && header.depth() == 1;
      // Written so that NaN differs.
      if (!single && !(Math.abs(own[i] - spacing[i]) <= SELF_TOLERANCE * spacing[i])) {
        return "pixdim tells of voxels of "
            + text(spacing)
            + " mm (z, y, x), its sform of "
            + text(own)
            + "; pixdim is believed, so correct whichever is wrong";
      }
    }
    return null;
  }

  /** What is doubtful about a spacing {z, y, x}, behind the name of what tells it; or null. */
  static String doubt(double[] spacing) {
    for (double side : spacing) {
      if (side < SMALLEST || side > LARGEST) {
        return "tells of voxels of " + text(spacing) + " mm (z, y, x), which no scanner makes";
      }
    }
    return null;
  }

  /** Whether the file says where its voxels lie. */
  static boolean isPlaced(NiftiHeader header) {
    ByteBuffer bytes = header.geometry();
    return bytes.getShort(SFORM_CODE) > 0 || bytes.getShort(QFORM_CODE) > 0;
  }

  /** The lengths of the sform's columns {z, y, x}, in the file's unit. */
  private static double[] sformSpacing(ByteBuffer bytes) {
    double[] spacing = new double[3];
    for (int column = 0; column < 3; column++) {
      double sum = 0;
      for (int row = 0; row < 3; row++) {
        double value = bytes.getFloat(SFORM + 16 * row + 4 * column);
        sum += value * value;
      }
      spacing[2 - column] = Math.sqrt(sum);
    }
    return spacing;
  }

  private static boolean isUnit(double[] spacing) {
    for (double side : spacing) {
      if (!(Math.abs(side - 1) <= UNIT_TOLERANCE)) {
        return false;
      }
    }
    return true;
  }

  /** What {@link NiftiHeader#differenceFrom} says. */
  static String difference(NiftiHeader a, NiftiHeader b) {
    if (a.isBlank() || b.isBlank()) {
      return null;
    }
    double[] own = a.spacing();
    double[] others = b.spacing();
    int[] sides = {b.depth(), b.height(), b.width()};
    for (int i = 0; i < 3; i++) {
      // Across a single slice tools write anything.
      if (sides[i] > 1 && Math.abs(own[i] - others[i]) > SPACING_TOLERANCE * others[i]) {
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
        : String.format(Locale.ROOT, "places voxels up to %.4g mm away", distance);
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

  /**
   * Voxel (x, y, z, 1) to place in mm, three rows of four; null where the file does not say. An
   * sform of directions alone, as ACDC has it, is scaled by pixdim.
   */
  static double[] affine(NiftiHeader header) {
    double[] affine = inFilesUnit(header);
    for (int i = 0; affine != null && i < affine.length; i++) {
      affine[i] *= header.millimetres();
    }
    return affine;
  }

  private static double[] inFilesUnit(NiftiHeader header) {
    ByteBuffer bytes = header.geometry();
    double[] affine = new double[12];
    if (bytes.getShort(SFORM_CODE) > 0) {
      boolean directions = isUnit(sformSpacing(bytes));
      for (int i = 0; i < 12; i++) {
        double side = directions && i % 4 < 3 ? bytes.getFloat(PIXDIM + 4 * (i % 4 + 1)) : 1;
        affine[i] = bytes.getFloat(SFORM + 4 * i) * side;
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
