package tangram.web.annotate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tangram.nn.data.DataException;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;

/** The files of scribbles: {@code X_scribble.nii.gz} beside the scan X. */
final class Scribbles {
  /** What means unlabelled in memory and in the API. */
  static final byte NONE = (byte) 255;

  /** Zeros above this part, in a file without another number for unlabelled, may mean that. */
  private static final double MOSTLY = 0.9;

  private Scribbles() {}

  /**
   * What a file holds.
   *
   * @param slices those with something drawn, {@link #NONE} elsewhere
   * @param asks whether zeros may mean unlabelled
   */
  record Found(Map<SliceKey, byte[]> slices, boolean asks) {}

  /** Where a scan's scribble is written. */
  static Path file(SessionScan scan) {
    return scan.file.resolveSibling(scan.name + "_scribble.nii.gz");
  }

  /** Where a scan's scribble is read: another program may have left it uncompressed. */
  static Path existing(SessionScan scan) {
    Path file = file(scan);
    Path plain = scan.file.resolveSibling(scan.name + "_scribble.nii");
    return !Files.exists(file) && Files.exists(plain) ? plain : file;
  }

  /**
   * Reads a scribble.
   *
   * @param scan whose header is known
   * @param alsoUnlabelled a further number that means unlabelled, or -1
   * @param zeroIsBackground whether that has been said
   * @throws DataException if it is malformed or does not fit the scan
   */
  static Found read(
      Path file, SessionScan scan, Labels labels, int alsoUnlabelled, boolean zeroIsBackground) {
    NiftiImage image = Nifti.readSeries(file);
    requireFit(file, image, scan);
    Map<SliceKey, byte[]> slices = new HashMap<>();
    int plane = scan.plane();
    long zeros = 0;
    boolean unlabelled = false;
    for (int frame = 0; frame < image.frames(); frame++) {
      byte[] values = image.labels(frame);
      for (int i = 0; i < values.length; i++) {
        int number = values[i] & 0xFF;
        int label = labels.ofFile(number, true);
        if (number == alsoUnlabelled || label == labels.unlabelled()) {
          values[i] = NONE;
          unlabelled = true;
        } else if (label < 0) {
          throw new DataException(
              file
                  + ": holds class "
                  + number
                  + " in slice "
                  + i / plane
                  + "; map its classes to "
                  + labels.fileNumbers(true)
                  + ", or name a table of more classes with --classes.");
        }
        zeros += number == 0 ? 1 : 0;
      }
      put(slices, scan.id, frame, values, plane);
    }
    double voxels = (double) image.frames() * image.depth() * plane;
    boolean asks = !unlabelled && !zeroIsBackground && zeros > MOSTLY * voxels;
    return new Found(slices, asks);
  }

  private static void put(
      Map<SliceKey, byte[]> slices, int scan, int frame, byte[] values, int plane) {
    for (int z = 0; z < values.length / plane; z++) {
      byte[] slice = Arrays.copyOfRange(values, z * plane, (z + 1) * plane);
      if (count(slice) > 0) {
        slices.put(new SliceKey(scan, frame, z), slice);
      }
    }
  }

  /** Checks that a mask is of a scan's shape and place. */
  static void requireFit(Path file, NiftiImage image, SessionScan scan) {
    String own = shape(image.frames(), image.depth(), image.height(), image.width());
    String other =
        shape(scan.header.frames(), scan.header.depth(), scan.header.height(), scan.header.width());
    if (!own.equals(other)) {
      throw new DataException(
          file
              + ": is "
              + own
              + " voxels but "
              + scan.fileName()
              + " is "
              + other
              + "; put the file of this scan there, or move it away.");
    }
    String difference = image.header().differenceFrom(scan.header);
    if (difference != null) {
      throw new DataException(
          file
              + ": does not lie on the grid of "
              + scan.fileName()
              + ", it "
              + difference
              + "; resample it onto the scan, or move it away.");
    }
  }

  private static String shape(int frames, int depth, int height, int width) {
    return (frames == 1 ? "" : frames + "x") + depth + "x" + height + "x" + width;
  }

  /** The same where zeros mean unlabelled. */
  static Map<SliceKey, byte[]> withoutZeros(Map<SliceKey, byte[]> slices) {
    Map<SliceKey, byte[]> rest = new HashMap<>();
    slices.forEach(
        (key, labels) -> {
          byte[] slice = labels.clone();
          for (int i = 0; i < slice.length; i++) {
            slice[i] = slice[i] == 0 ? NONE : slice[i];
          }
          if (count(slice) > 0) {
            rest.put(key, slice);
          }
        });
    return rest;
  }

  /** Writes all of a scan's slices, on the scan's own grid. */
  static void write(SessionScan scan, Map<SliceKey, byte[]> slices, Labels labels) {
    int plane = scan.plane();
    byte unlabelled = (byte) labels.unlabelledInFiles();
    byte[][] values = new byte[scan.header.frames()][scan.header.voxels()];
    for (byte[] frame : values) {
      Arrays.fill(frame, unlabelled);
    }
    slices.forEach(
        (key, slice) -> {
          byte[] frame = values[key.frame()];
          for (int i = 0; i < plane; i++) {
            frame[key.slice() * plane + i] = slice[i] == NONE ? unlabelled : slice[i];
          }
        });
    Nifti.writeSeries(file(scan), scan.header, values);
  }

  /** Whether a slice holds classes and {@link #NONE} alone. */
  static boolean isOf(byte[] slice, Labels labels) {
    for (byte value : slice) {
      if (value != NONE && (value & 0xFF) >= labels.count()) {
        return false;
      }
    }
    return true;
  }

  /** The number of labelled voxels. */
  static int count(byte[] slice) {
    int count = 0;
    for (byte value : slice) {
      count += value == NONE ? 0 : 1;
    }
    return count;
  }
}
