package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A volume as read from a NIfTI-1 file: its header and its voxels, [depth][height][width]. */
public final class NiftiImage {
  private final String name;
  private final NiftiHeader header;
  private final byte[] data;

  NiftiImage(String name, NiftiHeader header, byte[] data) {
    this.name = name;
    this.header = header;
    this.data = data;
  }

  /** The header, to be handed to {@link Nifti#write} for results on the same grid. */
  public NiftiHeader header() {
    return header;
  }

  /** Number of slices (z). */
  public int depth() {
    return header.depth();
  }

  /** Number of rows (y). */
  public int height() {
    return header.height();
  }

  /** Number of columns (x). */
  public int width() {
    return header.width();
  }

  /** Distance between voxel centres in millimetres, {z, y, x}. */
  public double[] spacing() {
    return header.spacing();
  }

  /**
   * The voxels with the header's scaling applied, [depth][height][width].
   *
   * @throws DataException if one is not a finite float
   */
  public float[] floats() {
    float[] values = new float[header.voxels()];
    ByteBuffer buffer = ByteBuffer.wrap(data).order(header.order());
    NiftiType type = header.type();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (type.get(buffer, i) * header.slope() + header.intercept());
      if (!Float.isFinite(values[i])) {
        throw new DataException(
            name
                + ": holds "
                + values[i]
                + " at "
                + position(i)
                + " (z, y, x); replace such voxels by numbers.");
      }
    }
    return values;
  }

  /**
   * The voxels as class numbers, [depth][height][width]; numbers above 127 as unsigned bytes.
   *
   * @throws DataException if one is not a whole number in 0..255
   */
  public byte[] labels() {
    byte[] values = new byte[header.voxels()];
    ByteBuffer buffer = ByteBuffer.wrap(data).order(header.order());
    NiftiType type = header.type();
    for (int i = 0; i < values.length; i++) {
      double value = type.get(buffer, i) * header.slope() + header.intercept();
      // Written so that NaN fails too.
      if (!(value >= 0 && value <= 255 && value == Math.rint(value))) {
        throw new DataException(
            name
                + ": holds "
                + value
                + " at "
                + position(i)
                + " (z, y, x), not a whole number in 0..255; name a file of class labels.");
      }
      values[i] = (byte) (int) value;
    }
    return values;
  }

  private String position(int i) {
    int plane = header.height() * header.width();
    return Arrays.toString(
        new int[] {i / plane, i % plane / header.width(), i % plane % header.width()});
  }
}
