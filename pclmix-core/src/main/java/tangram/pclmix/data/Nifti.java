package tangram.pclmix.data;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * Reads and writes single volumes in NIfTI-1 files, {@code .nii} or {@code .nii.gz}.
 *
 * <p>The file stores x fastest, then y, then z, which in C order is [z][y][x]: nothing is
 * transposed or turned, and a mask written with an image's header lies on that image voxel by
 * voxel.
 */
public final class Nifti {
  private static final int MAX_DATA_BYTES = 1 << 30;

  /** Deflate cannot shrink data further than 1032:1. */
  private static final long MAX_COMPRESSION = 1032;

  /** What may follow the data before we stop reading on to a gzip stream's checksum. */
  private static final int MAX_TRAILING = 1 << 20;

  /** Values above this percentile of a volume are lowered to it. */
  public static final double CLIP_PERCENTILE = 99;

  private Nifti() {}

  /**
   * Reads a volume. Compression is recognised by the content, not by the name.
   *
   * @throws DataException if the file is missing or malformed
   */
  public static NiftiImage read(Path file) {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
      raw.mark(2);
      boolean zipped = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      long available = Math.multiplyExact(Files.size(file), zipped ? MAX_COMPRESSION : 1);
      if (!zipped) {
        return read(file, raw, available);
      }
      try (InputStream in = new GZIPInputStream(raw, 1 << 16)) {
        return read(file, in, available);
      }
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": there is no such file; check the path.", e);
    } catch (ZipException | EOFException e) {
      throw new DataException(
          file
              + ": its gzip stream is damaged or cut short ("
              + e.getMessage()
              + "); fetch it again.",
          e);
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be read (" + e + "); check that it is a readable file.", e);
    }
  }

  private static NiftiImage read(Path file, InputStream in, long available) throws IOException {
    NiftiHeader header = NiftiHeader.parse(file.toString(), in.readNBytes(NiftiHeader.BYTES));
    long bytes = (long) header.voxels() * header.type().bytes;
    if (bytes > MAX_DATA_BYTES) {
      throw new DataException(
          file + ": declares " + bytes + " bytes of data, more than the 1 GiB read; crop it.");
    }
    if (header.dataOffset() + bytes > available) {
      throw cutShort(file, header, bytes);
    }
    // Both calls read and allocate piece by piece, never more than the stream delivers.
    in.skipNBytes(header.dataOffset() - NiftiHeader.BYTES);
    byte[] data = in.readNBytes((int) bytes);
    if (data.length < bytes) {
      throw cutShort(file, header, bytes);
    }
    // To the end, where gzip keeps its checksum.
    in.readNBytes(MAX_TRAILING);
    return new NiftiImage(file.toString(), header, data);
  }

  private static DataException cutShort(Path file, NiftiHeader header, long bytes) {
    return new DataException(
        file
            + ": cut short, "
            + header.depth()
            + "x"
            + header.height()
            + "x"
            + header.width()
            + " voxels of "
            + header.type()
            + " need "
            + bytes
            + " bytes after byte "
            + header.dataOffset()
            + "; fetch the file again.");
  }

  /**
   * Writes class labels as uint8 on the grid of a header, compressed if the name ends in {@code
   * .gz}. The file appears whole or not at all.
   *
   * @param labels [depth][height][width]
   * @throws DataException if the file cannot be written
   * @throws IllegalArgumentException if the array is not of the header's size
   */
  public static void write(Path file, NiftiHeader header, byte[] labels) {
    write(file, header, NiftiType.UINT8, labels.length, (out, i) -> out.put(labels[i]));
  }

  /** As {@link #write(Path, NiftiHeader, byte[])}, as int16. */
  public static void write(Path file, NiftiHeader header, short[] values) {
    write(file, header, NiftiType.INT16, values.length, (out, i) -> out.putShort(values[i]));
  }

  /** As {@link #write(Path, NiftiHeader, byte[])}, as float32. */
  public static void write(Path file, NiftiHeader header, float[] values) {
    write(file, header, NiftiType.FLOAT32, values.length, (out, i) -> out.putFloat(values[i]));
  }

  private interface Element {
    void put(ByteBuffer out, int i);
  }

  private static void write(
      Path file, NiftiHeader header, NiftiType type, int length, Element element) {
    if (length != header.voxels()) {
      throw new IllegalArgumentException(
          length + " values for a grid of " + header.voxels() + " voxels");
    }
    boolean zip = file.toString().endsWith(".gz");
    AtomicFile.write(
        file,
        temporary -> {
          try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(temporary));
              OutputStream out = zip ? new GZIPOutputStream(raw, 1 << 16) : raw) {
            out.write(Arrays.copyOf(header.encode(type), NiftiHeader.DATA_OFFSET));
            int plane = header.height() * header.width();
            ByteBuffer buffer =
                ByteBuffer.allocate(plane * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int z = 0; z < header.depth(); z++) {
              buffer.clear();
              for (int i = z * plane; i < (z + 1) * plane; i++) {
                element.put(buffer, i);
              }
              out.write(buffer.array());
            }
          }
        });
  }

  /**
   * Reads a volume for prediction or evaluation: intensities clipped and scaled to [0, 1] slice by
   * slice, and the truth, if given.
   *
   * <p>Values above the volume's 99th percentile are lowered to it, since the images that the
   * network learns from were so prepared: the HDF5 files of the ACDC scribble data, made from the
   * same NIfTI volumes, hold min(1, (value - minimum) / (limit - minimum)) with a limit that is the
   * 99th percentile to within 0.4%.
   *
   * @param image the image's file
   * @param label the truth's file, classes 0..3 on the same grid; null where unknown
   * @throws DataException if a file is missing or malformed or the two do not belong together
   */
  public static Volume readVolume(Path image, Path label) {
    NiftiImage read = read(image);
    int d = read.depth();
    int h = read.height();
    int w = read.width();
    float[] values = read.floats();
    Intensity.clipAbove(values, CLIP_PERCENTILE);
    Intensity.scaleSlices(values, d, h * w);
    byte[] classes = null;
    if (label != null) {
      NiftiImage truth = read(label);
      if (truth.depth() != d || truth.height() != h || truth.width() != w) {
        throw new DataException(
            String.format(
                "%s: is %dx%dx%d but the image %s %dx%dx%d; name the truth of this image.",
                label, truth.depth(), truth.height(), truth.width(), image, d, h, w));
      }
      classes = truth.labels();
      for (byte c : classes) {
        if (c < 0 || c >= Slice.CLASSES) {
          throw new DataException(
              label + ": holds class " + (c & 0xFF) + "; map its classes to 0..3.");
        }
      }
    }
    return new Volume(
        CaseName.withoutExtension(image),
        CaseName.patientOf(image),
        d,
        h,
        w,
        values,
        classes,
        read.spacing(),
        null);
  }
}
