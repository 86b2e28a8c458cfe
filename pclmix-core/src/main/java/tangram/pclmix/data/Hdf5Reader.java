package tangram.pclmix.data;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ChunkedDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads slices and volumes from HDF5 files in the layout of the ACDC scribble data: datasets {@code
 * image} (intensities), {@code scribble} (0..3, 4 unlabelled) and {@code label} (dense truth 0..3)
 * of one shape, [height, width] or [depth, height, width]. An attribute {@code spacing} of {@code
 * image} (z, y, x in mm) is read where a volume has one.
 *
 * <p>Nothing a file declares is believed before it is checked. Intensities are scaled to [0, 1]
 * slice by slice. Safe for use by several threads at once.
 */
public final class Hdf5Reader {
  private static final int MAX_FILE_BYTES = 1 << 30;
  private static final int MAX_SIDE = 8192;
  private static final int MAX_ELEMENTS = 1 << 28;

  /** Deflate cannot shrink data further than 1032:1. */
  private static final long MAX_COMPRESSION = 1032;

  private Hdf5Reader() {}

  /**
   * Reads a training slice.
   *
   * @param file a file such as patient041_frame01_slice_3.h5
   * @param labelRequired whether a file without {@code label} is refused
   * @return the slice; its label is null where the file has none
   * @throws DataException if the file is missing or malformed
   */
  public static Slice readSlice(Path file, boolean labelRequired) {
    return read(
        file,
        hdf -> {
          int[] shape = new int[2];
          float[] image = image(hdf, file, shape);
          byte[] scribble = classes(hdf, file, "scribble", Slice.UNLABELLED, shape, true);
          byte[] label = classes(hdf, file, "label", Slice.CLASSES - 1, shape, labelRequired);
          Intensity.scale(image, 0, image.length);
          return new Slice(
              CaseName.withoutExtension(file),
              CaseName.patientOf(file),
              shape[0],
              shape[1],
              image,
              label,
              scribble);
        });
  }

  /**
   * Reads a volume.
   *
   * @param file a file such as patient021_frame01.h5
   * @param labelRequired whether a file without {@code label} is refused
   * @return the volume; label, scribble and spacing are null where the file has none
   * @throws DataException if the file is missing or malformed
   */
  public static Volume readVolume(Path file, boolean labelRequired) {
    return read(
        file,
        hdf -> {
          Volume v = imageVolume(hdf, file);
          int[] shape = {v.depth(), v.height(), v.width()};
          byte[] scribble = classes(hdf, file, "scribble", Slice.UNLABELLED, shape, false);
          byte[] label = classes(hdf, file, "label", Slice.CLASSES - 1, shape, labelRequired);
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
    return read(file, hdf -> imageVolume(hdf, file));
  }

  private static Volume imageVolume(HdfFile hdf, Path file) {
    int[] shape = new int[3];
    float[] image = image(hdf, file, shape);
    Intensity.scaleSlices(image, shape[0], shape[1] * shape[2]);
    return new Volume(
        CaseName.withoutExtension(file),
        CaseName.patientOf(file),
        shape[0],
        shape[1],
        shape[2],
        image,
        null,
        spacing(hdf, file),
        null);
  }

  private interface Body<T> {
    T read(HdfFile hdf);
  }

  private static <T> T read(Path file, Body<T> body) {
    byte[] bytes = bytes(file);
    // From memory rather than memory-mapped: a file cut short while it is read cannot crash the
    // JVM.
    try (HdfFile hdf = HdfFile.fromBytes(bytes)) {
      // A library that maps what it needs would read on happily where the missing end goes unused.
      long end = hdf.getHdfBackingStorage().getSuperblock().getEndOfFileAddress();
      if (end > bytes.length) {
        throw new DataException(
            file
                + ": cut short, "
                + bytes.length
                + " of "
                + end
                + " bytes are there; fetch the file again.");
      }
      return body.read(hdf);
    } catch (DataException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      // A malformed file makes the library fail in many ways, endless recursion among them.
      throw new DataException(
          file
              + ": not a readable HDF5 file ("
              + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
              + "), perhaps damaged or copied in part; fetch or convert it again.",
          e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new DataException(
            file + ": " + size + " bytes are more than the 1 GiB read at once; split the file.");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": there is no such file; check the path.", e);
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be read (" + e + "); check that it is a readable file.", e);
    }
  }

  /** The image's values; {@code shape}, whose length is the rank wanted, receives its shape. */
  private static float[] image(HdfFile hdf, Path file, int[] shape) {
    io.jhdf.api.Dataset dataset = dataset(hdf, file, "image");
    int[] dimensions = checkedShape(hdf, file, "image", dataset, shape.length);
    System.arraycopy(dimensions, 0, shape, 0, shape.length);
    Object data = dataset.getDataFlat();
    float[] values = new float[elements(dimensions)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) number(file, "image", data, i);
      if (!Float.isFinite(values[i])) {
        throw new DataException(
            file
                + ": 'image' holds "
                + values[i]
                + " at "
                + position(i, dimensions)
                + "; replace such pixels by numbers.");
      }
    }
    return values;
  }

  /** A map of whole numbers 0..max of the image's shape; null if absent and not required. */
  private static byte[] classes(
      HdfFile hdf, Path file, String name, int max, int[] shape, boolean required) {
    if (!required && hdf.getChild(name) == null) {
      return null;
    }
    io.jhdf.api.Dataset dataset = dataset(hdf, file, name);
    int[] dimensions = checkedShape(hdf, file, name, dataset, shape.length);
    if (!Arrays.equals(dimensions, shape)) {
      throw new DataException(
          file
              + ": '"
              + name
              + "' is "
              + text(dimensions)
              + " but 'image' "
              + text(shape)
              + "; export the file again with one shape.");
    }
    Object data = dataset.getDataFlat();
    byte[] values = new byte[elements(dimensions)];
    for (int i = 0; i < values.length; i++) {
      double value = number(file, name, data, i);
      // Written so that NaN fails too.
      if (!(value >= 0 && value <= max && value == Math.rint(value))) {
        throw new DataException(
            file
                + ": '"
                + name
                + "' holds "
                + value
                + " at "
                + position(i, dimensions)
                + "; map its values to the whole numbers 0.."
                + max
                + ".");
      }
      values[i] = (byte) value;
    }
    return values;
  }

  private static io.jhdf.api.Dataset dataset(HdfFile hdf, Path file, String name) {
    Node node = hdf.getChild(name);
    if (node == null) {
      throw new DataException(
          file + ": dataset '" + name + "' is missing; add it or leave the file out.");
    }
    if (!(node instanceof io.jhdf.api.Dataset)) {
      throw new DataException(
          file + ": '" + name + "' is not a dataset; export the file again with an array there.");
    }
    return (io.jhdf.api.Dataset) node;
  }

  /**
   * The declared shape, once it is known that reading it cannot take more memory than it should.
   */
  private static int[] checkedShape(
      HdfFile hdf, Path file, String name, io.jhdf.api.Dataset dataset, int rank) {
    int[] dimensions = dataset.getDimensions();
    if (dimensions.length != rank) {
      throw new DataException(
          file
              + ": '"
              + name
              + "' has "
              + dimensions.length
              + " dimensions where a "
              + (rank == 2 ? "slice" : "volume")
              + " has "
              + rank
              + "; check that slices and volumes were not mixed up.");
    }
    checkDeclared(hdf, file, name, dataset, "declares", dimensions);
    if (dataset instanceof ChunkedDataset chunked) {
      checkDeclared(hdf, file, name, dataset, "declares chunks of", chunked.getChunkDimensions());
    }
    return dimensions;
  }

  private static void checkDeclared(
      HdfFile hdf,
      Path file,
      String name,
      io.jhdf.api.Dataset dataset,
      String what,
      int[] dimensions) {
    long elements = 1;
    boolean absurd = false;
    for (int side : dimensions) {
      absurd |= side < 1 || side > MAX_SIDE;
      elements = absurd ? 0 : Math.min(elements * side, Integer.MAX_VALUE);
    }
    absurd |= elements > MAX_ELEMENTS;
    // The file's size bounds what it can hold.
    long ratio = dataset instanceof ChunkedDataset ? MAX_COMPRESSION : 1;
    int elementBytes = dataset.getDataType().getSize();
    if (elementBytes < 1 || elementBytes > 8) {
      throw notNumbers(file, name);
    }
    if (absurd || elements * elementBytes > hdf.size() * ratio) {
      throw new DataException(
          file
              + ": '"
              + name
              + "' "
              + what
              + " "
              + text(dimensions)
              + " elements of "
              + elementBytes
              + " bytes, which a file of "
              + hdf.size()
              + " bytes cannot hold or nobody needs; the file is damaged, fetch it again.");
    }
  }

  private static double[] spacing(HdfFile hdf, Path file) {
    Attribute attribute = hdf.getChild("image").getAttribute("spacing");
    if (attribute == null) {
      return null;
    }
    if (attribute.getSize() == 3 && attribute.getData() instanceof double[] spacing) {
      if (Volume.isSpacing(spacing)) {
        return spacing;
      }
    }
    throw new DataException(
        file
            + ": attribute 'spacing' of 'image' is not three positive doubles (z, y, x in mm);"
            + " correct or remove it.");
  }

  private static double number(Path file, String name, Object data, int i) {
    if (data instanceof float[] values) {
      return values[i];
    } else if (data instanceof double[] values) {
      return values[i];
    } else if (data instanceof byte[] values) {
      return values[i];
    } else if (data instanceof short[] values) {
      return values[i];
    } else if (data instanceof int[] values) {
      return values[i];
    } else if (data instanceof long[] values) {
      return values[i];
    }
    throw notNumbers(file, name);
  }

  private static DataException notNumbers(Path file, String name) {
    return new DataException(
        file
            + ": '"
            + name
            + "' does not hold numbers; store integers or floats of up to 8 bytes.");
  }

  private static int elements(int[] dimensions) {
    int elements = 1;
    for (int side : dimensions) {
      elements = Math.multiplyExact(elements, side);
    }
    return elements;
  }

  private static String text(int[] dimensions) {
    StringBuilder text = new StringBuilder();
    for (int side : dimensions) {
      text.append(text.isEmpty() ? "" : "x").append(side);
    }
    return text.toString();
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
