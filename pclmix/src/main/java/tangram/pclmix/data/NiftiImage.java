package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import tangram.nn.data.DataException;

/**
 * A volume as read from a NIfTI-1 file, or a series of volumes over time: header and voxels,
 * [frame][depth][height][width].
 */
public final class NiftiImage {
  /** Values above this percentile of a volume are lowered to it before segmentation. */
  public static final double CLIP_PERCENTILE = 99;

  private final Path file;
  private final NiftiHeader header;
  private final byte[] data;

  NiftiImage(Path file, NiftiHeader header, byte[] data) {
    this.file = file;
    this.header = header;
    this.data = data;
  }

  /** The header, to be handed to {@link Nifti#write} for results on the same grid. */
  public NiftiHeader header() {
    return header;
  }

  /** Number of volumes. */
  public int frames() {
    return header.frames();
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

  /** How much memory the voxels take. */
  public long bytes() {
    return data.length;
  }

  /** Whether the file holds whole numbers, to be taken as they are. */
  public boolean whole() {
    NiftiType type = header.type();
    return type != NiftiType.FLOAT32
        && type != NiftiType.FLOAT64
        && header.slope() == 1
        && header.intercept() == 0;
  }

  /** The voxels of the only or first frame, as {@link #floats(int)}. */
  public float[] floats() {
    return floats(0);
  }

  /**
   * The voxels of a frame with the header's scaling applied, [depth][height][width].
   *
   * @throws DataException if one is not a finite float
   */
  public float[] floats(int frame) {
    return floats(frame, 0, header.voxels());
  }

  /**
   * The voxels of a slice of a frame with the header's scaling applied, [height][width].
   *
   * @throws DataException if one is not a finite float
   */
  public float[] floats(int frame, int slice) {
    int plane = height() * width();
    return floats(frame, Objects.checkIndex(slice, depth()) * plane, plane);
  }

  private float[] floats(int frame, int from, int length) {
    float[] values = new float[length];
    int first = Objects.checkIndex(frame, frames()) * header.voxels() + from;
    ByteBuffer buffer = ByteBuffer.wrap(data).order(header.order());
    NiftiType type = header.type();
    for (int i = 0; i < values.length; i++) {
      double value = type.get(buffer, first + i);
      values[i] = (float) (value * header.slope() + header.intercept());
      if (!Float.isFinite(values[i])) {
        throw new DataException(
            file
                + ": holds "
                + values[i]
                + " at "
                + position(from + i)
                + (frames() == 1 ? " (z, y, x)" : " (z, y, x) of frame " + (frame + 1))
                + "; replace such voxels by numbers.");
      }
    }
    return values;
  }

  /**
   * A frame prepared for segmentation: intensities clipped and scaled to [0, 1] slice by slice.
   *
   * <p>Values above the volume's 99th percentile are lowered to it, since the images that the
   * network learns from were so prepared: the HDF5 files of the ACDC scribble data, made from the
   * same NIfTI volumes, hold min(1, (value - minimum) / (limit - minimum)) with a limit that is the
   * 99th percentile to within 0.4%.
   *
   * @return the volume, without truth and scribble
   * @throws DataException if a voxel is not a finite float
   */
  public Volume volume(int frame) {
    float[] values = floats(frame);
    Intensity.clipAbove(values, CLIP_PERCENTILE);
    Intensity.scaleSlices(values, depth(), height() * width());
    return new Volume(
        CaseName.withoutExtension(file),
        CaseName.patientOf(file),
        depth(),
        height(),
        width(),
        values,
        null,
        spacing(),
        null);
  }

  /** The voxels of the only or first frame, as {@link #labels(int)}. */
  public byte[] labels() {
    return labels(0);
  }

  /**
   * The voxels of a frame as class numbers, [depth][height][width]; numbers above 127 as unsigned
   * bytes.
   *
   * @throws DataException if one is not, to a thousandth, a whole number in 0..255
   */
  public byte[] labels(int frame) {
    byte[] values = new byte[header.voxels()];
    int first = Objects.checkIndex(frame, frames()) * values.length;
    ByteBuffer buffer = ByteBuffer.wrap(data).order(header.order());
    NiftiType type = header.type();
    for (int i = 0; i < values.length; i++) {
      double value = type.get(buffer, first + i) * header.slope() + header.intercept();
      int number = NumberType.asClass(value);
      if (number < 0) {
        throw new DataException(
            file
                + ": holds "
                + value
                + " at "
                + position(i)
                + (frames() == 1 ? " (z, y, x)" : " (z, y, x) of frame " + (frame + 1))
                + ", not a whole number in 0..255; name a file of class labels.");
      }
      values[i] = (byte) number;
    }
    return values;
  }

  private String position(int i) {
    int plane = header.height() * header.width();
    return Arrays.toString(
        new int[] {i / plane, i % plane / header.width(), i % plane % header.width()});
  }
}
