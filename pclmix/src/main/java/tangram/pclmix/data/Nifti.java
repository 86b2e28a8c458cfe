package tangram.pclmix.data;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import tangram.nn.AtomicFile;
import tangram.nn.data.DataException;

/**
 * Reads and writes volumes, and series of volumes over time, in NIfTI-1 files, {@code .nii} or
 * {@code .nii.gz}.
 *
 * <p>The file stores x fastest, then y, then z, which in C order is [z][y][x]: nothing is
 * transposed or turned, and a mask written with an image's header lies on that image voxel by
 * voxel.
 */
public final class Nifti {
  private static final int MAX_DATA_BYTES = 1 << 29;

  /** Deflate cannot shrink data further than 1032:1. */
  static final int MAX_COMPRESSION = 1032;

  /** What may follow the voxels: a gzip stream is read on to its checksum, but not for ever. */
  private static final int MAX_TRAILING = 1 << 20;

  private Nifti() {}

  /**
   * Reads a volume. Compression is recognised by the content, not by the name. No more memory is
   * taken than a small multiple of what the file holds, unpacked, of at most {@link
   * Volume#MAX_VOXELS} voxels a volume and half a gigabyte.
   *
   * @throws DataException if the file is missing or malformed or holds several volumes
   */
  public static NiftiImage read(Path file) {
    return read(file, false);
  }

  /**
   * Reads a volume or a series, whose fourth dimension is time.
   *
   * @throws DataException if the file is missing or malformed or has further dimensions
   */
  public static NiftiImage readSeries(Path file) {
    return read(file, true);
  }

  private static NiftiImage read(Path file, boolean series) {
    DataException.requireRegular(file);
    // One open file: what replaces it meanwhile is not mixed with it.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        InputStream raw = new BufferedInputStream(Channels.newInputStream(channel))) {
      raw.mark(2);
      boolean zipped = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      long available = Math.multiplyExact(channel.size(), zipped ? MAX_COMPRESSION : 1);
      if (!zipped) {
        return read(file, raw, available, series);
      }
      try (InputStream in = new GZIPInputStream(raw, 1 << 16)) {
        return read(file, in, available, series);
      }
    } catch (ZipException | EOFException e) {
      throw damagedStream(file, e.getMessage(), e);
    } catch (StackOverflowError e) {
      // GZIPInputStream calls itself for every part of the stream that is empty.
      throw damagedStream(file, "thousands of empty parts", e);
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }

  private static NiftiImage read(Path file, InputStream in, long available, boolean series)
      throws IOException {
    NiftiHeader header = NiftiParser.parse(file.toString(), in.readNBytes(NiftiHeader.BYTES));
    if (!series) {
      header.requireOneVolume(file.toString());
    }
    long bytes = (long) header.voxels() * header.frames() * header.type().bytes;
    if (bytes > MAX_DATA_BYTES) {
      throw new DataException(
          file + ": declares " + bytes + " bytes of data, more than the 512 MiB read; crop it.");
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
    readToEnd(file, in);
    return new NiftiImage(file, header, data);
  }

  private static void readToEnd(Path file, InputStream in) throws IOException {
    byte[] part = new byte[1 << 13];
    int trailing = 0;
    for (int n = in.read(part); n >= 0; n = in.read(part)) {
      trailing += n;
      if (trailing > MAX_TRAILING) {
        throw new DataException(
            file
                + ": continues for more than "
                + MAX_TRAILING
                + " bytes after its voxels; the header is damaged, fetch the file again.");
      }
    }
  }

  private static DataException damagedStream(Path file, String what, Throwable cause) {
    return new DataException(
        file + ": its gzip stream is damaged or cut short (" + what + "); fetch it again.", cause);
  }

  private static DataException cutShort(Path file, NiftiHeader header, long bytes) {
    return new DataException(
        file
            + ": cut short, "
            + (header.frames() == 1 ? "" : header.frames() + "x")
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
   * @throws tangram.nn.FileWriteException if the file cannot be written
   * @throws IllegalArgumentException if the array is not of the header's size
   */
  public static void write(Path file, NiftiHeader header, byte[] labels) {
    writeSeries(file, header, new byte[][] {labels});
  }

  /**
   * As {@link #write(Path, NiftiHeader, byte[])}, a series: labels [frame][depth, height, width].
   */
  public static void writeSeries(Path file, NiftiHeader header, byte[][] labels) {
    require(labels.length == header.frames(), header);
    for (byte[] frame : labels) {
      require(frame.length == header.voxels(), header);
    }
    write(file, header, NiftiType.UINT8, 0, (out, frame, i) -> out.put(labels[frame][i]));
  }

  /** As {@link #write(Path, NiftiHeader, byte[])}, as int16. */
  public static void write(Path file, NiftiHeader header, short[] values) {
    require(header.frames() == 1 && values.length == header.voxels(), header);
    write(file, header, NiftiType.INT16, 0, (out, frame, i) -> out.putShort(values[i]));
  }

  /** As {@link #write(Path, NiftiHeader, byte[])}, as float32. */
  public static void write(Path file, NiftiHeader header, float[] values) {
    require(header.frames() == 1 && values.length == header.voxels(), header);
    write(file, header, NiftiType.FLOAT32, 0, (out, frame, i) -> out.putFloat(values[i]));
  }

  /**
   * Writes several values a voxel as float32, each as a volume, or series, of its own. The file has
   * the dimensions (x, y, z, component), or (x, y, z, time, component) for a series.
   *
   * @param values [frame][component][depth, height, width]
   * @throws tangram.nn.FileWriteException if the file cannot be written
   * @throws IllegalArgumentException if the arrays are not of the header's size
   */
  public static void writeComponents(Path file, NiftiHeader header, float[][][] values) {
    require(values.length == header.frames(), header);
    int components = values[0].length;
    for (float[][] frame : values) {
      require(frame.length == components && components > 0, header);
      for (float[] component : frame) {
        require(component.length == header.voxels(), header);
      }
    }
    write(
        file,
        header,
        NiftiType.FLOAT32,
        components,
        (out, volume, i) ->
            out.putFloat(values[volume % values.length][volume / values.length][i]));
  }

  private static void require(boolean fits, NiftiHeader header) {
    if (!fits) {
      throw new IllegalArgumentException(
          "values for another grid than " + header.frames() + " x " + header.voxels() + " voxels");
    }
  }

  private interface Element {
    /** Puts element i of a volume of the file. */
    void put(ByteBuffer out, int volume, int i);
  }

  private static void write(
      Path file, NiftiHeader header, NiftiType type, int components, Element element) {
    int volumes = header.frames() * Math.max(1, components);
    boolean zip = file.toString().endsWith(".gz");
    AtomicFile.write(
        file,
        channel -> {
          try (OutputStream raw = new BufferedOutputStream(Channels.newOutputStream(channel));
              OutputStream out = zip ? new GZIPOutputStream(raw, 1 << 16) : raw) {
            out.write(Arrays.copyOf(header.encode(type, components), NiftiHeader.DATA_OFFSET));
            int plane = header.height() * header.width();
            ByteBuffer buffer =
                ByteBuffer.allocate(plane * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int volume = 0; volume < volumes; volume++) {
              for (int z = 0; z < header.depth(); z++) {
                buffer.clear();
                for (int i = z * plane; i < (z + 1) * plane; i++) {
                  element.put(buffer, volume, i);
                }
                out.write(buffer.array());
              }
            }
          }
        });
  }

  /**
   * Reads a volume for prediction or evaluation, prepared as by {@link NiftiImage#volume}, and the
   * truth, if given.
   *
   * @param image the image's file
   * @param label the truth's file, classes 0..3 on the same grid; null where unknown
   * @throws DataException if a file is missing or malformed or the two do not belong together
   */
  public static Volume readVolume(Path image, Path label, Labels labels) {
    Volume v = read(image).volume(0);
    if (label == null) {
      return v;
    }
    NiftiImage truth = read(label);
    if (truth.depth() != v.depth() || truth.height() != v.height() || truth.width() != v.width()) {
      throw new DataException(
          String.format(
              "%s: is %dx%dx%d but the image %s %dx%dx%d; name the truth of this image.",
              label,
              truth.depth(),
              truth.height(),
              truth.width(),
              image,
              v.depth(),
              v.height(),
              v.width()));
    }
    byte[] classes = truth.labels();
    for (byte c : classes) {
      if (labels.ofFile(c, false) < 0) {
        throw new DataException(
            label
                + ": holds class "
                + (c & 0xFF)
                + "; map its classes to "
                + labels.fileNumbers(false)
                + ".");
      }
    }
    return new Volume(
        v.name(),
        v.patient(),
        v.depth(),
        v.height(),
        v.width(),
        v.image(),
        classes,
        v.spacing(),
        null);
  }
}
