package tangram.pclmix.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import tangram.nn.FileFormatException;
import tangram.nn.data.DataException;

/**
 * Reads slices and volumes from HDF5 files in the layout of the ACDC scribble data: datasets {@code
 * image} (intensities), {@code scribble} and {@code label} (dense truth), both in the numbers that
 * the {@link Labels} tell, of one shape, [height, width] or [depth, height, width]. An attribute
 * {@code spacing} of {@code image} (z, y, x in mm) is read where there is one.
 *
 * <p>Nothing a file declares is believed before it is checked, and memory is taken only for what
 * the file can hold, unpacked, of at most {@link Volume#MAX_VOXELS} elements. Intensities are
 * scaled to [0, 1] slice by slice. Safe for use by several threads at once.
 */
public final class Hdf5Reader {
  private static final int MAX_FILE_BYTES = 1 << 30;

  private Hdf5Reader() {}

  /**
   * Reads a training slice.
   *
   * @param file a file such as patient041_frame01_slice_3.h5
   * @param labels the classes that the file may hold
   * @param labelRequired whether a file without {@code label} is refused
   * @return the slice; its label and spacing are null where the file has none
   * @throws DataException if the file is missing or malformed
   */
  public static Slice readSlice(Path file, Labels labels, boolean labelRequired) {
    return read(
        file,
        hdf -> {
          int[] shape = new int[2];
          float[] image = image(hdf, shape);
          byte[] scribble = classes(hdf, "scribble", labels, shape, true);
          byte[] label = classes(hdf, "label", labels, shape, labelRequired);
          Intensity.scale(image, 0, image.length);
          return new Slice(
              CaseName.withoutExtension(file),
              CaseName.patientOf(file),
              shape[0],
              shape[1],
              labels,
              image,
              label,
              scribble,
              spacing(hdf));
        });
  }

  /**
   * Reads a volume.
   *
   * @param file a file such as patient021_frame01.h5
   * @param labels the classes that the file may hold
   * @param labelRequired whether a file without {@code label} is refused
   * @return the volume; label, scribble and spacing are null where the file has none
   * @throws DataException if the file is missing or malformed
   */
  public static Volume readVolume(Path file, Labels labels, boolean labelRequired) {
    return read(
        file,
        hdf -> {
          Volume v = imageVolume(hdf);
          int[] shape = {v.depth(), v.height(), v.width()};
          byte[] scribble = classes(hdf, "scribble", labels, shape, false);
          byte[] label = classes(hdf, "label", labels, shape, labelRequired);
          return new Volume(
              v.name(),
              v.patient(),
              v.depth(),
              v.height(),
              v.width(),
              v.image(),
              label,
              v.spacing(),
              scribble);
        });
  }

  /**
   * Reads a volume's image alone, whatever else is in the file.
   *
   * @param file a file such as patient021_frame01.h5
   * @return the volume; label and scribble are null, and spacing where the file has none
   * @throws DataException if the file is missing or malformed
   */
  public static Volume readImage(Path file) {
    return read(file, Hdf5Reader::imageVolume);
  }

  private static Volume imageVolume(Hdf5File hdf) {
    int[] shape = new int[3];
    float[] image = image(hdf, shape);
    Intensity.scaleSlices(image, shape[0], shape[1] * shape[2]);
    return new Volume(
        CaseName.withoutExtension(hdf.path()),
        CaseName.patientOf(hdf.path()),
        shape[0],
        shape[1],
        shape[2],
        image,
        null,
        spacing(hdf),
        null);
  }

  private interface Body<T> {
    T read(Hdf5File hdf);
  }

  private static <T> T read(Path file, Body<T> body) {
    byte[] bytes = bytes(file);
    try {
      return body.read(new Hdf5File(file, bytes));
    } catch (RuntimeException | StackOverflowError e) {
      // A malformed file makes the library fail in many ways, endless recursion among them, and
      // wrap what failed first.
      Throwable first = e;
      while (!(first instanceof DataException) && first.getCause() != null) {
        first = first.getCause();
      }
      if (first instanceof DataException known) {
        throw known;
      }
      String reason =
          first.getMessage() == null ? first.getClass().getSimpleName() : first.getMessage();
      throw new DataException(
          file
              + ": not a readable HDF5 file ("
              + FileFormatException.quote(reason)
              + "); fetch it again, or if h5py reads it, "
              + Hdf5File.rewrite("image"),
          e);
    }
  }

  /** In memory rather than memory-mapped: a file cut short meanwhile cannot crash the JVM. */
  private static byte[] bytes(Path file) {
    DataException.requireRegular(file);
    // One open file: what replaces it meanwhile is not mixed with it.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size > MAX_FILE_BYTES) {
        throw new DataException(
            file + ": " + size + " bytes are more than the 1 GiB read at once; split the file.");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) size);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Reads may return less than asked for.
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }

  /** The image's values; {@code shape}, whose length is the rank wanted, receives its shape. */
  private static float[] image(Hdf5File hdf, int[] shape) {
    Hdf5Dataset dataset = required(hdf, "image");
    System.arraycopy(dataset.shape(shape.length), 0, shape, 0, shape.length);
    dataset.requireReadable(false);
    float[] values = new float[elements(shape)];
    dataset.forEach(
        (i, number) -> {
          values[i] = (float) number;
          if (!Float.isFinite(values[i])) {
            throw new DataException(
                hdf.path()
                    + ": 'image' holds "
                    + values[i]
                    + " at "
                    + position(i, shape)
                    + "; replace such pixels by numbers.");
          }
        });
    return values;
  }

  /** A map of classes of the image's shape; null if absent and not required. */
  private static byte[] classes(
      Hdf5File hdf, String name, Labels labels, int[] shape, boolean required) {
    boolean scribble = name.equals("scribble");
    Hdf5Dataset dataset = required ? required(hdf, name) : hdf.dataset(name);
    if (dataset == null) {
      return null;
    }
    int[] own = dataset.shape(shape.length);
    if (!Arrays.equals(own, shape)) {
      throw new DataException(
          hdf.path()
              + ": '"
              + name
              + "' is "
              + Hdf5Dataset.text(own)
              + " but 'image' "
              + Hdf5Dataset.text(shape)
              + "; export the file again with one shape.");
    }
    dataset.requireReadable(true);
    byte[] values = new byte[elements(shape)];
    dataset.forEach(
        (i, number) -> {
          int c = labels.ofFile(NumberType.asClass(number), scribble);
          if (c < 0) {
            throw new DataException(
                hdf.path()
                    + ": '"
                    + name
                    + "' holds "
                    + number
                    + " at "
                    + position(i, shape)
                    + "; map its values to the whole numbers "
                    + labels.fileNumbers(scribble)
                    + " ("
                    + labels.text()
                    + ") or name other classes with --classes.");
          }
          values[i] = (byte) c;
        });
    return values;
  }

  private static Hdf5Dataset required(Hdf5File hdf, String name) {
    Hdf5Dataset dataset = hdf.dataset(name);
    if (dataset == null) {
      throw new DataException(
          hdf.path()
              + ": dataset '"
              + name
              + "' is missing at the top of the file; add it there or leave the file out.");
    }
    return dataset;
  }

  private static double[] spacing(Hdf5File hdf) {
    double[] spacing = required(hdf, "image").threeNumbers("spacing");
    if (spacing != null && !Volume.isSpacing(spacing)) {
      throw new DataException(
          hdf.path()
              + ": attribute 'spacing' of 'image' is not three positive numbers (z, y, x in mm);"
              + " correct or remove it.");
    }
    return spacing;
  }

  private static int elements(int[] dimensions) {
    int elements = 1;
    for (int side : dimensions) {
      elements = Math.multiplyExact(elements, side);
    }
    return elements;
  }

  private static String position(int index, int[] dimensions) {
    int[] position = new int[dimensions.length];
    for (int d = dimensions.length - 1; d >= 0; d--) {
      position[d] = index % dimensions[d];
      index /= dimensions[d];
    }
    return Arrays.toString(position);
  }
}
