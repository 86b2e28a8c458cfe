package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import tangram.nn.data.DataException;

/**
 * What a NIfTI-1 header says about the grid: its size, voxel spacing and place in the scanner, and
 * the number of volumes on it.
 *
 * <p>Arrays are in C order with the file's x fastest, [depth z][height y][width x]. Source: the
 * NIfTI-1 standard, nifti1.h (https://nifti.nimh.nih.gov/nifti-1).
 */
public final class NiftiHeader {
  /** Bytes of a header. */
  static final int BYTES = 348;

  /** Where the data of the files we write starts: after the header and four extension bytes. */
  static final int DATA_OFFSET = 352;

  private static final int UNITS = 123;
  static final int DIM = 40;
  static final int PIXDIM = 76;

  /** As in the file: how many dimensions, then x, y, z, time and three more; 1 where unused. */
  private final int[] dim;

  private final int datatype;
  private final double slope;
  private final double intercept;
  private final long dataOffset;
  private final ByteOrder order;
  private final byte[] geometry;

  NiftiHeader(
      int[] dim,
      int datatype,
      double slope,
      double intercept,
      long dataOffset,
      ByteOrder order,
      byte[] geometry) {
    this.dim = dim;
    this.datatype = datatype;
    this.slope = slope;
    this.intercept = intercept;
    this.dataOffset = dataOffset;
    this.order = order;
    this.geometry = geometry;
  }

  /**
   * A header for a grid whose place in the scanner is unknown.
   *
   * @param depth number of slices
   * @param height number of rows
   * @param width number of columns
   * @param spacing distance between voxel centres in mm, {z, y, x}; null for unknown, written as 1
   *     in unknown units
   */
  public static NiftiHeader of(int depth, int height, int width, double[] spacing) {
    if (spacing != null && !Volume.isSpacing(spacing)) {
      throw new IllegalArgumentException("a spacing of " + Arrays.toString(spacing));
    }
    for (int side : new int[] {depth, height, width}) {
      if (side < 1 || side > Short.MAX_VALUE) {
        throw new IllegalArgumentException("a grid of " + depth + "x" + height + "x" + width);
      }
    }
    ByteBuffer buffer = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 8; i++) {
      boolean known = spacing != null && i >= 1 && i <= 3;
      buffer.putFloat(PIXDIM + 4 * i, known ? (float) spacing[3 - i] : 1);
    }
    buffer.put(UNITS, (byte) (spacing == null ? 0 : Units.MILLIMETRE));
    return new NiftiHeader(
        new int[] {3, width, height, depth, 1, 1, 1, 1},
        NiftiType.UINT8.code,
        1,
        0,
        DATA_OFFSET,
        ByteOrder.LITTLE_ENDIAN,
        buffer.array());
  }

  /** Codes of the unit of length, the low three bits of xyzt_units. */
  private static final class Units {
    static final int METRE = 1;
    static final int MILLIMETRE = 2;
    static final int MICROMETRE = 3;
  }

  /**
   * Checks that there is one volume rather than a series.
   *
   * @throws DataException if there are several; the message starts with {@code name}
   */
  void requireOneVolume(String name) {
    if (frames() > 1) {
      throw severalVolumes(name, 4, frames());
    }
  }

  static DataException severalVolumes(String name, int dimension, int side) {
    return new DataException(
        name
            + ": holds several volumes (dimension "
            + dimension
            + " is "
            + side
            + "); extract one volume into a file of its own.");
  }

  /**
   * The header of a file with this geometry, little-endian.
   *
   * @param type of the data, which are not scaled
   * @param components values a voxel, each of which is a volume, or series, of its own in the last
   *     dimension; 0 for a single value without a dimension
   */
  byte[] encode(NiftiType type, int components) {
    ByteBuffer buffer =
        ByteBuffer.wrap(geometry.clone()).order(ByteOrder.LITTLE_ENDIAN).putInt(0, BYTES);
    buffer.put(38, (byte) 'r');
    int[] dim = this.dim.clone();
    if (components > 0) {
      int last = frames() > 1 ? 5 : 4;
      dim[0] = last;
      dim[last] = components;
      // Of the input's dimension, which may be time.
      buffer.putFloat(PIXDIM + 4 * last, 1);
    }
    for (int i = 0; i < dim.length; i++) {
      buffer.putShort(DIM + 2 * i, (short) dim[i]);
    }
    buffer.putShort(70, (short) type.code).putShort(72, (short) (8 * type.bytes));
    buffer.putFloat(108, DATA_OFFSET).putFloat(112, 1).putFloat(116, 0);
    buffer.put(344, (byte) 'n').put(345, (byte) '+').put(346, (byte) '1');
    return buffer.array();
  }

  /** Number of slices (z). */
  public int depth() {
    return dim[3];
  }

  /** Number of rows (y). */
  public int height() {
    return dim[2];
  }

  /** Number of columns (x). */
  public int width() {
    return dim[1];
  }

  /** Number of volumes, 1 unless it is a series over time. */
  public int frames() {
    return dim[4];
  }

  /** Number of voxels of one volume. */
  public int voxels() {
    return depth() * height() * width();
  }

  /**
   * Distance between voxel centres in millimetres, {z, y, x}. Unknown units are taken for
   * millimetres; a single slice without a spacing across gets 1.
   */
  public double[] spacing() {
    ByteBuffer buffer = geometry();
    double scale = millimetres();
    double[] spacing = new double[3];
    for (int i = 0; i < 3; i++) {
      double pixdim = buffer.getFloat(PIXDIM + 4 * (3 - i));
      spacing[i] = pixdim == 0 ? 1 : pixdim * scale;
    }
    return spacing;
  }

  /** Millimetres of the file's unit of length. */
  double millimetres() {
    int units = geometry().get(UNITS) & 7;
    return units == Units.METRE ? 1000 : units == Units.MICROMETRE ? 0.001 : 1;
  }

  /** Whether the header says nothing of size and place: voxels of 1 without a unit, no codes. */
  boolean isBlank() {
    double[] spacing = spacing();
    return geometry().get(UNITS) == 0
        && spacing[0] == 1
        && spacing[1] == 1
        && spacing[2] == 1
        && !NiftiGeometry.isPlaced(this);
  }

  /**
   * What is doubtful about the voxels' size: the header contradicts itself, or tells of voxels that
   * no scanner makes.
   *
   * @return such as {@code pixdim tells of voxels of ...}, a clause for the user that follows the
   *     file's name; null if all is well
   */
  public String doubt() {
    return NiftiGeometry.doubt(this);
  }

  /**
   * In which way another grid of the same shape lies elsewhere, in words for the user.
   *
   * @return such as {@code has voxels of 1.000x1.000x1.000 mm (z, y, x), not 10.00x1.500x1.500};
   *     null if the two lie alike, to a thousandth in spacing and a tenth of a voxel in place
   */
  public String differenceFrom(NiftiHeader other) {
    return NiftiGeometry.difference(this, other);
  }

  /**
   * Where voxels lie: the place of voxel (x, y, z) in millimetres towards right, anterior and
   * superior is the product with (x, y, z, 1).
   *
   * @return three rows of four numbers; null where the file does not say
   */
  public double[] affine() {
    return NiftiGeometry.affine(this);
  }

  /** The geometry's bytes at their places in a header, little-endian; not to be written to. */
  ByteBuffer geometry() {
    return ByteBuffer.wrap(geometry).order(ByteOrder.LITTLE_ENDIAN);
  }

  NiftiType type() {
    return NiftiType.of(datatype);
  }

  double slope() {
    return slope;
  }

  double intercept() {
    return intercept;
  }

  long dataOffset() {
    return dataOffset;
  }

  ByteOrder order() {
    return order;
  }
}
