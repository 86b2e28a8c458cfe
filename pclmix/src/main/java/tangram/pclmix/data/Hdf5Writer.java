package tangram.pclmix.data;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableDataset;
import io.jhdf.exceptions.HdfException;
import java.io.IOException;
import java.nio.file.Path;
import tangram.nn.AtomicFile;

/**
 * Writes slices and volumes in the layout that {@link Hdf5Reader} reads: {@code image} as 32-bit
 * floats, {@code scribble} and {@code label} as 8-bit integers, contiguous. A file appears whole or
 * not at all.
 */
public final class Hdf5Writer {
  private Hdf5Writer() {}

  /**
   * Writes a slice, replacing what was there; its spacing, if known, becomes the attribute {@code
   * spacing} of {@code image}.
   *
   * @throws tangram.nn.FileWriteException if the file cannot be written
   */
  public static void writeSlice(Path file, Slice slice) {
    int h = slice.height();
    int w = slice.width();
    write(
        file,
        hdf -> {
          putSpacing(hdf.putDataset("image", rows(slice.image(), 0, h, w)), slice.spacing());
          hdf.putDataset("scribble", rows(slice.scribble(), 0, h, w));
          if (slice.label() != null) {
            hdf.putDataset("label", rows(slice.label(), 0, h, w));
          }
        });
  }

  /**
   * Writes a volume, replacing what was there; its spacing, if known, becomes the attribute {@code
   * spacing} of {@code image}.
   *
   * @throws tangram.nn.FileWriteException if the file cannot be written
   */
  public static void writeVolume(Path file, Volume volume) {
    int d = volume.depth();
    int h = volume.height();
    int w = volume.width();
    write(
        file,
        hdf -> {
          float[][][] planes = new float[d][][];
          for (int z = 0; z < d; z++) {
            planes[z] = rows(volume.image(), z * h * w, h, w);
          }
          putSpacing(hdf.putDataset("image", planes), volume.spacing());
          putClasses(hdf, "scribble", volume.scribble(), d, h, w);
          putClasses(hdf, "label", volume.label(), d, h, w);
        });
  }

  private interface Body {
    void write(WritableHdfFile hdf);
  }

  private static void write(Path file, Body body) {
    AtomicFile.writePath(
        file,
        temporary -> {
          try (WritableHdfFile hdf = HdfFile.write(temporary)) {
            body.write(hdf);
          } catch (HdfException e) {
            // The library says only that it failed; what failed, such as a full disk, is within.
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getMessage(), e);
          }
        });
  }

  private static void putSpacing(WritableDataset image, double[] spacing) {
    if (spacing != null) {
      image.putAttribute("spacing", spacing);
    }
  }

  private static void putClasses(
      WritableHdfFile hdf, String name, byte[] values, int d, int h, int w) {
    if (values != null) {
      byte[][][] planes = new byte[d][][];
      for (int z = 0; z < d; z++) {
        planes[z] = rows(values, z * h * w, h, w);
      }
      hdf.putDataset(name, planes);
    }
  }

  private static float[][] rows(float[] values, int offset, int h, int w) {
    float[][] rows = new float[h][w];
    for (int y = 0; y < h; y++) {
      System.arraycopy(values, offset + y * w, rows[y], 0, w);
    }
    return rows;
  }

  private static byte[][] rows(byte[] values, int offset, int h, int w) {
    byte[][] rows = new byte[h][w];
    for (int y = 0; y < h; y++) {
      System.arraycopy(values, offset + y * w, rows[y], 0, w);
    }
    return rows;
  }
}
