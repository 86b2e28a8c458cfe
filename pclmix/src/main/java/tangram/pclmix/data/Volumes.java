package tangram.pclmix.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import tangram.nn.data.DataException;

/**
 * Volumes from a data folder: with truth for validation and evaluation, or the image alone.
 *
 * <p>HDF5 volumes usually carry no voxel spacing. It is taken from the NIfTI file of the same case
 * where there is one: {@code nifti/patient021_frame01.nii.gz} (or {@code .nii}) in the data folder
 * or beside the folder of the volumes; else from a table.
 */
public final class Volumes {
  static final String NIFTI = "nifti";

  private Volumes() {}

  /**
   * Reads the patients' volumes, in order of patient and frame.
   *
   * @param folder as {@link DataFolder} describes it
   * @param labels the classes in its files
   * @param patients whose volumes; null for everybody's
   * @param spacings tells those that no file tells
   * @param notices hear of files that are left out and of doubtful sizes
   * @return at least one volume; each has a label, and a spacing where one is known
   * @throws DataException if there are no such volumes, or a file is malformed or does not fit its
   *     partner
   */
  public static List<Volume> load(
      Path folder, Labels labels, Patients patients, Spacings spacings, Notices notices) {
    return DataFolder.volumes(folder, patients, notices).parallelStream()
        .map(file -> read(file, labels, spacings, notices))
        .toList();
  }

  /**
   * As {@link #load}, but what cannot be read is told to the notices and left out.
   *
   * @throws DataException if none can be read
   */
  public static List<Volume> loadSound(
      Path folder, Labels labels, Patients patients, Spacings spacings, Notices notices) {
    List<Volume> volumes =
        DataFolder.volumes(folder, patients, notices).parallelStream()
            .map(
                file -> {
                  try {
                    return read(file, labels, spacings, notices);
                  } catch (DataException e) {
                    notices.failed(e);
                    return null;
                  }
                })
            .filter(Objects::nonNull)
            .toList();
    if (volumes.isEmpty()) {
      throw notices.failures().get(0);
    }
    return volumes;
  }

  private static Volume read(Path file, Labels labels, Spacings spacings, Notices notices) {
    try {
      return withSpacing(Hdf5Reader.readVolume(file, labels, true), file, spacings, notices);
    } catch (OutOfMemoryError e) {
      throw tooLarge(file, e);
    }
  }

  /**
   * Reads the image of one HDF5 volume.
   *
   * @param spacings tells what no file tells
   * @param notices hear of a doubtful size
   * @return the volume; label and scribble are null, and spacing where none is known
   * @throws DataException if the file is malformed or does not fit its partner
   */
  public static Volume readImage(Path file, Spacings spacings, Notices notices) {
    return withSpacing(Hdf5Reader.readImage(file), file, spacings, notices);
  }

  private static Volume withSpacing(Volume volume, Path file, Spacings spacings, Notices notices) {
    if (volume.spacing() != null) {
      String doubt = NiftiGeometry.doubt(volume.spacing());
      if (doubt != null) {
        notices.doubt(file + ": its attribute 'spacing' " + doubt + "; correct it.");
      }
      return volume;
    }
    Path place = file.toAbsolutePath().getParent();
    for (Path folder : new Path[] {place, place.getParent()}) {
      for (String extension : new String[] {".nii.gz", ".nii"}) {
        Path nifti =
            folder == null ? null : folder.resolve(NIFTI).resolve(volume.name() + extension);
        if (nifti != null && Files.isRegularFile(nifti)) {
          return withSpacing(volume, file, nifti, notices);
        }
      }
    }
    return withSpacing(volume, spacings.of(volume.name()));
  }

  private static Volume withSpacing(Volume v, Path file, Path nifti, Notices notices) {
    NiftiHeader header = Nifti.read(nifti).header();
    String doubt = header.doubt();
    if (doubt != null) {
      notices.doubt(nifti + ": its " + doubt + ".");
    }
    if (header.depth() != v.depth()
        || header.height() != v.height()
        || header.width() != v.width()) {
      throw new DataException(
          String.format(
              "%s: is %dx%dx%d voxels but %s, whose spacing it should tell, is %dx%dx%d; put the"
                  + " file of the same case there or move it away.",
              nifti,
              header.depth(),
              header.height(),
              header.width(),
              file.getFileName(),
              v.depth(),
              v.height(),
              v.width()));
    }
    return withSpacing(v, header.spacing());
  }

  private static Volume withSpacing(Volume v, double[] spacing) {
    return new Volume(
        v.name(),
        v.patient(),
        v.depth(),
        v.height(),
        v.width(),
        v.image(),
        v.label(),
        spacing,
        v.scribble());
  }

  /** Says that a file takes more memory than there is. */
  public static DataException tooLarge(Path file, OutOfMemoryError e) {
    return new DataException(
        file
            + ": takes more memory than the "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB that Java may use; crop it, or allow more, as by"
            + " PCLMIX_JAVA_OPTIONS=-Xmx8g.",
        e);
  }
}
