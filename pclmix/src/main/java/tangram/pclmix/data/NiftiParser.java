package tangram.pclmix.data;

import static tangram.pclmix.data.NiftiHeader.BYTES;
import static tangram.pclmix.data.NiftiHeader.DATA_OFFSET;
import static tangram.pclmix.data.NiftiHeader.DIM;
import static tangram.pclmix.data.NiftiHeader.PIXDIM;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import tangram.nn.data.DataException;

/** Reads the header of a NIfTI-1 file, which is not believed before it is checked. */
final class NiftiParser {
  /** Where the data must have started: the field is a float and has no odd numbers above. */
  private static final float MAX_DATA_OFFSET = 0x1p24f;

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

  private NiftiParser() {}

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
              + NiftiType.name(datatype)
              + " is not supported; convert it to integers of 8 to 64 bits, float32 or float64.");
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
    for (int i = 1; i <= rank; i++) {
      int side = buffer.getShort(DIM + 2 * i);
      if (i > 3 && side == 0) {
        // Some tools leave it so where there is no such dimension.
        side = 1;
      }
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
        throw NiftiHeader.severalVolumes(name, i, side);
      }
      dim[i] = side;
    }
    // Of one volume: those of a series are looked at one by one.
    if ((long) dim[1] * dim[2] * dim[3] > Volume.MAX_VOXELS) {
      throw new DataException(
          name
              + ": has "
              + dim[3]
              + "x"
              + dim[2]
              + "x"
              + dim[1]
              + " voxels, more than the "
              + Volume.MAX_VOXELS
              + " that are read; crop or resample the volume.");
    }
    return dim;
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
}
