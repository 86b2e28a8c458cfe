package tangram.pclmix.preparation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Intensity;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Supervision;
import tangram.pclmix.data.Volume;

/**
 * One case, read, checked and scaled.
 *
 * @param volume with truth and scribble where there are some; intensities scaled as a whole
 * @param labels what the classes are
 * @param warnings sentences for the user
 */
record PreparedCase(Volume volume, Labels labels, List<String> warnings) {
  /** The share of a class's scribbled pixels above which disagreement with the truth is told. */
  private static final double DISAGREEMENT = 0.05;

  /** Fewer pixels than this are no share: the border of a scribble often leaves its class. */
  private static final int FEW = 10;

  /**
   * Reads and checks a case.
   *
   * @param labels the classes in its files
   * @param anywhere whether truth and scribble may lie elsewhere in the scanner than the image
   * @throws DataException if a file is missing or malformed or does not fit the image
   */
  static PreparedCase read(SourceCase source, Labels labels, boolean anywhere) {
    List<String> warnings = new ArrayList<>();
    NiftiImage image = Nifti.read(source.image());
    String doubt = image.header().doubt();
    if (doubt != null) {
      warnings.add(source.image() + ": its " + doubt + ".");
    }
    float[] values = image.floats();
    if (!Intensity.scaleVolume(values, image.whole())) {
      throw new DataException(
          source.image()
              + ": 99% or more of its voxels have the least value, so there is nothing to see;"
              + " fetch the file again or leave the case out.");
    }
    byte[] truth = null;
    if (source.truth() != null) {
      NiftiImage file = Nifti.read(source.truth());
      requireShape(source, source.truth(), file, image);
      truth = classes(source.truth(), file, labels, false);
      String difference = file.header().differenceFrom(image.header());
      if (difference != null) {
        displaced(source, source.truth(), difference, anywhere, warnings);
      }
    }
    byte[] scribble = null;
    if (source.scribble() != null) {
      NiftiImage file = Nifti.read(source.scribble());
      requireShape(source, source.scribble(), file, image);
      scribble = classes(source.scribble(), file, labels, true);
      requireDrawn(source.scribble(), scribble, labels, warnings);
      String disagreement = truth == null ? null : disagreement(scribble, truth, labels);
      if (disagreement != null) {
        warnings.add(
            source.scribble() + ": " + disagreement + "; check that the two belong together.");
      }
      String difference = file.header().differenceFrom(image.header());
      if (difference != null) {
        // Tools that draw often lose the place; the truth shows whether the voxels are the same.
        boolean confirmed = truth != null && disagreement == null;
        displaced(source, source.scribble(), difference, anywhere || confirmed, warnings);
      }
    }
    Volume volume =
        new Volume(
            source.name().text(),
            source.name().patient(),
            image.depth(),
            image.height(),
            image.width(),
            values,
            truth,
            image.spacing(),
            scribble);
    return new PreparedCase(volume, labels, List.copyOf(warnings));
  }

  /** The slices to train on; none without a scribble. */
  List<Slice> slices() {
    Volume v = volume;
    List<Slice> slices = new ArrayList<>();
    int pixels = v.height() * v.width();
    for (int z = 0; v.scribble() != null && z < v.depth(); z++) {
      int from = z * pixels;
      int to = from + pixels;
      slices.add(
          new Slice(
              v.name() + "_slice_" + z,
              v.patient(),
              v.height(),
              v.width(),
              labels,
              Arrays.copyOfRange(v.image(), from, to),
              v.label() == null ? null : Arrays.copyOfRange(v.label(), from, to),
              Arrays.copyOfRange(v.scribble(), from, to),
              v.spacing()));
    }
    return slices;
  }

  private static void displaced(
      SourceCase source, Path file, String difference, boolean accepted, List<String> warnings) {
    String what =
        file
            + ": does not lie on the grid of "
            + source.image().getFileName()
            + ", it "
            + difference;
    if (!accepted) {
      throw new DataException(
          what
              + "; resample it onto the scan, or use --ignore-geometry if the two match voxel by"
              + " voxel.");
    }
    warnings.add(what + "; taken voxel by voxel all the same.");
  }

  private static void requireShape(
      SourceCase source, Path file, NiftiImage other, NiftiImage image) {
    if (!shape(other).equals(shape(image))) {
      throw new DataException(
          file
              + ": is "
              + shape(other)
              + " voxels but "
              + source.image().getFileName()
              + " is "
              + shape(image)
              + "; put the file of the same case there.");
    }
  }

  private static String shape(NiftiImage image) {
    return image.depth() + "x" + image.height() + "x" + image.width();
  }

  private static byte[] classes(Path file, NiftiImage image, Labels labels, boolean scribble) {
    byte[] classes = image.labels();
    int pixels = image.height() * image.width();
    for (int i = 0; i < classes.length; i++) {
      int c = labels.ofFile(classes[i] & 0xFF, scribble);
      if (c < 0) {
        throw new DataException(
            file
                + ": holds class "
                + (classes[i] & 0xFF)
                + " in slice "
                + i / pixels
                + "; map its classes to "
                + labels.fileNumbers(scribble)
                + ".");
      }
      classes[i] = (byte) c;
    }
    return classes;
  }

  private static void requireDrawn(
      Path file, byte[] scribble, Labels labels, List<String> warnings) {
    if (Supervision.isEmpty(scribble, labels)) {
      throw new DataException(
          file
              + ": nothing is scribbled, every voxel is "
              + labels.unlabelledInFiles()
              + " (unlabelled); fetch it again or leave it out.");
    }
    if (Supervision.isDense(scribble, labels)) {
      warnings.add(
          file
              + ": every voxel has a class and none is "
              + labels.unlabelledInFiles()
              + " (unlabelled); if it is a scribble whose unlabelled voxels are 0, map these to "
              + labels.unlabelledInFiles()
              + " and start again.");
    }
  }

  /** What is to be told about scribbled pixels that the truth gives another class; or null. */
  private static String disagreement(byte[] scribble, byte[] truth, Labels labels) {
    long[] drawn = Supervision.counts(scribble, 0, scribble.length, labels);
    long[] other = new long[labels.count()];
    for (int i = 0; i < scribble.length; i++) {
      if (scribble[i] != labels.unlabelled() && scribble[i] != truth[i]) {
        other[scribble[i]]++;
      }
    }
    List<String> parts = new ArrayList<>();
    for (int c = 0; c < labels.count(); c++) {
      if (other[c] >= FEW && other[c] > DISAGREEMENT * drawn[c]) {
        parts.add(
            String.format(
                Locale.ROOT, "%d of %d pixels of %s", other[c], drawn[c], labels.name(c)));
      }
    }
    return parts.isEmpty() ? null : String.join(", ", parts) + " have another class in the truth";
  }
}
