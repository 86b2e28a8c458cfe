package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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

  /** Where the data must have started: the field is a float and has no odd numbers above. */
  private static final float MAX_DATA_OFFSET = 0x1p24f;

  private static final int DIM = 40;
  private static final int PIXDIM = 76;

  // The geometry as bytes, little-endian: kept whole, so that writing changes nothing of it.
  private static final int[][] GEOMETRY = {
    // {offset, bytes of an element, elements}: dim_info; pixdim; slice_end, then one byte each
    // slice_code and xyzt_units; slice_start; toffset and slice_duration; descrip;
    // qform_code, sform_code; quaternion, offsets and the three rows of the sform.
    {39, 1, 1},
    {PIXDIM, 4, 8},
    {120, 2, 1},
    {122, 1, 2},
    {74, 2, 1},
    {132, 4, 2},
    {148, 1, 80},
    {252, 2, 2},
    {256, 4, 18}
  };

  /** As in the file: how many dimensions, then x, y, z, time and three more; 1 where unused. */
  private final int[] dim;

  private final int datatype;
  private final double slope;
  private final double intercept;
  private final long dataOffset;
  private final ByteOrder order;
  private final byte[] geometry;

  private NiftiHeader(
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
    buffer.put(123, (byte) (spacing == null ? 0 : Units.MILLIMETRE));
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
   * Parses the first 348 bytes of a file.
   *
   * @throws DataException if they are not a NIfTI-1 header of one volume or a series; the message
   *     starts with {@code name}
   */
  static NiftiHeader parse(String name, byte[] bytes) {
    if (bytes.length < BYTES) {
      throw new DataException(
          name
              + ": its "
              + bytes.length
              + " bytes are fewer than the 348 of a NIfTI-1 header; fetch the file again.");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, BYTES).slice().order(ByteOrder.LITTLE_ENDIAN);
    // The header's own size, 348, shows the order of its bytes.
    if (buffer.getInt(0) != BYTES) {
      buffer.order(ByteOrder.BIG_ENDIAN);
    }
    if (buffer.getInt(0) != BYTES) {
      boolean two = buffer.getInt(0) == 540 || Integer.reverseBytes(buffer.getInt(0)) == 540;
      throw new DataException(
          name
              + (two
                  ? ": a NIfTI-2 file, which is not supported; convert it to NIfTI-1."
                  : ": not a NIfTI-1 file; convert it to .nii or .nii.gz."));
    }
    String magic = new String(bytes, 344, 4, StandardCharsets.ISO_8859_1);
    if (!magic.equals("n+1\0")) {
      throw new DataException(
          name
              + (magic.equals("ni1\0")
                  ? ": a header without data (.hdr/.img pair); convert it to one .nii file."
                  : ": not a NIfTI-1 file (perhaps Analyze 7.5); convert it to .nii or .nii.gz."));
    }
    int[] dim = dim(name, buffer);
    int datatype = buffer.getShort(70);
    NiftiType type = NiftiType.of(datatype);
    if (type == null) {
      throw new DataException(
          name
              + ": data type "
              + datatype
              + " is not supported; convert it to uint8, int8, int16, uint16, int32, float32 or"
              + " float64.");
    }
    if (buffer.getShort(72) != 8 * type.bytes) {
      throw new DataException(
          name
              + ": declares "
              + buffer.getShort(72)
              + " bits a voxel where "
              + type
              + " has "
              + 8 * type.bytes
              + "; the header is damaged, fetch the file again.");
    }
    float start = buffer.getFloat(108);
    if (!(start >= DATA_OFFSET && start < MAX_DATA_OFFSET && start == Math.rint(start))) {
      throw new DataException(
          name
              + ": its data starts at byte "
              + start
              + ", which is not possible; the header is damaged, fetch the file again.");
    }
    double slope = buffer.getFloat(112);
    double intercept = buffer.getFloat(116);
    if (slope == 0 || Double.isNaN(slope)) {
      // The standard: a slope of 0 means no scaling; nibabel and others write NaN for that.
      slope = 1;
      intercept = 0;
    } else if (Double.isInfinite(slope) || !Double.isFinite(intercept)) {
      throw new DataException(
          name
              + ": its scaling (scl_slope "
              + slope
              + ", scl_inter "
              + intercept
              + ") is not finite; correct the header.");
    }
    for (int i = 1; i <= 3; i++) {
      // A single slice may have no spacing across.
      float spacing = buffer.getFloat(PIXDIM + 4 * i);
      if (!(spacing > 0 && spacing < Float.POSITIVE_INFINITY) && !(spacing == 0 && dim[i] == 1)) {
        throw new DataException(
            name
                + ": the voxel spacing pixdim["
                + i
                + "] is "
                + spacing
                + "; set it to a positive number.");
      }
    }
    return new NiftiHeader(
        dim, datatype, slope, intercept, (long) start, buffer.order(), geometry(buffer));
  }

  private static int[] dim(String name, ByteBuffer buffer) {
    int rank = buffer.getShort(DIM);
    if (rank < 1 || rank > 7) {
      throw new DataException(
          name
              + ": declares "
              + rank
              + " dimensions; the header is damaged, fetch the file again.");
    }
    int[] dim = {rank, 1, 1, 1, 1, 1, 1, 1};
    long voxels = 1;
    for (int i = 1; i <= rank; i++) {
      int side = buffer.getShort(DIM + 2 * i);
      if (side < 1) {
        throw new DataException(
            name
                + ": declares a size of "
                + side
                + " in dimension "
                + i
                + "; the header is damaged, fetch the file again.");
      }
      if (i > 4 && side > 1) {
        throw severalVolumes(name, i, side);
      }
      dim[i] = side;
      // Of one volume: those of a series are looked at one by one.
      voxels *= i <= 3 ? side : 1;
      if (voxels > Volume.MAX_VOXELS) {
        throw new DataException(
            name
                + ": declares more than "
                + Volume.MAX_VOXELS
                + " voxels; the header is damaged, or crop the volume.");
      }
    }
    return dim;
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

  private static DataException severalVolumes(String name, int dimension, int side) {
    return new DataException(
        name
            + ": holds several volumes (dimension "
            + dimension
            + " is "
            + side
            + "); extract one volume into a file of its own.");
  }

  /** The geometry's bytes at their places, in little-endian order. */
  private static byte[] geometry(ByteBuffer from) {
    ByteBuffer to = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int[] field : GEOMETRY) {
      for (int i = 0; i < field[2]; i++) {
        int at = field[0] + i * field[1];
        if (field[1] == 1) {
          to.put(at, from.get(at));
        } else if (field[1] == 2) {
          to.putShort(at, from.getShort(at));
        } else {
          // As an int, which keeps the bits of a NaN.
          to.putInt(at, from.getInt(at));
        }
      }
    }
    return to.array();
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
    ByteBuffer buffer = ByteBuffer.wrap(geometry).order(ByteOrder.LITTLE_ENDIAN);
    int units = buffer.get(123) & 7;
    double scale = units == Units.METRE ? 1000 : units == Units.MICROMETRE ? 0.001 : 1;
    double[] spacing = new double[3];
    for (int i = 0; i < 3; i++) {
      double pixdim = buffer.getFloat(PIXDIM + 4 * (3 - i));
      spacing[i] = pixdim == 0 ? 1 : pixdim * scale;
    }
    return spacing;
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
