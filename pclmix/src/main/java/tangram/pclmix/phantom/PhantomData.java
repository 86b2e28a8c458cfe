package tangram.pclmix.phantom;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Hdf5Writer;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;

/**
 * Phantoms as data sets. Training patients are 1, 2, ...; validation patients start at {@link
 * #FIRST_VALIDATION_PATIENT}, so that the two never meet and validation stays the same however many
 * patients are trained on. Each patient has {@link HeartPhantom#POSITIONS} slices, named as ACDC's
 * files are. Patients are generated in parallel; the result does not depend on it.
 */
public final class PhantomData {
  /** The number of the first validation patient. */
  public static final int FIRST_VALIDATION_PATIENT = 10_001;

  private PhantomData() {}

  /**
   * Training slices with scribbles and dense truth, in order of patient and position.
   *
   * @param size pixels along each side, at least {@link HeartPhantom#SMALLEST}
   * @param seed the seed
   * @param patients number of patients, 1 to 10000
   * @return {@code patients * HeartPhantom.POSITIONS} slices
   * @throws IllegalArgumentException if the size or the number of patients is out of range
   */
  public static List<Slice> trainingSlices(int size, long seed, int patients) {
    return training(patients)
        .boxed()
        .flatMap(patient -> slices(size, seed, patient).stream())
        .toList();
  }

  /**
   * The training patients' volumes: the same slices as {@link #trainingSlices}.
   *
   * @throws IllegalArgumentException if the size or the number of patients is out of range
   */
  public static List<Volume> trainingVolumes(int size, long seed, int patients) {
    return training(patients).mapToObj(patient -> volume(size, seed, patient)).toList();
  }

  /**
   * Volumes of patients that are in no training set, with truth and spacing in millimetres.
   *
   * @param size pixels along each side of a slice, at least {@link HeartPhantom#SMALLEST}
   * @param seed the seed
   * @param patients number of patients, at least 1
   * @throws IllegalArgumentException if the size or the number of patients is out of range
   */
  public static List<Volume> validationVolumes(int size, long seed, int patients) {
    if (patients < 1) {
      throw new IllegalArgumentException("patients must be at least 1, got " + patients);
    }
    int end = Math.addExact(FIRST_VALIDATION_PATIENT, patients);
    return IntStream.range(FIRST_VALIDATION_PATIENT, end)
        .parallel()
        .mapToObj(patient -> volume(size, seed, patient))
        .toList();
  }

  private static IntStream training(int patients) {
    if (patients < 1 || patients >= FIRST_VALIDATION_PATIENT) {
      throw new IllegalArgumentException(
          "patients must be from 1 to " + (FIRST_VALIDATION_PATIENT - 1) + ", got " + patients);
    }
    return IntStream.rangeClosed(1, patients).parallel();
  }

  /** One patient's slices, from base to apex. */
  public static List<Slice> slices(int size, long seed, int patient) {
    Phantom volume = HeartPhantom.volume(size, seed, patient, HeartPhantom.POSITIONS);
    return IntStream.range(0, volume.depth())
        .mapToObj(
            position -> {
              Phantom slice = volume.slice(position);
              return new Slice(
                  name(patient) + "_slice_" + position,
                  patient,
                  size,
                  size,
                  Labels.HEART,
                  slice.image(),
                  slice.label(),
                  slice.scribble(),
                  spacing(volume));
            })
        .toList();
  }

  /** One patient's volume, of the same slices. */
  public static Volume volume(int size, long seed, int patient) {
    Phantom phantom = HeartPhantom.volume(size, seed, patient, HeartPhantom.POSITIONS);
    return new Volume(
        name(patient),
        patient,
        phantom.depth(),
        size,
        size,
        phantom.image(),
        phantom.label(),
        spacing(phantom),
        phantom.scribble());
  }

  private static double[] spacing(Phantom phantom) {
    return new double[] {phantom.sliceSpacing(), phantom.spacing(), phantom.spacing()};
  }

  /**
   * Writes one patient's slices, and last the volume, into a folder of the layout of {@link
   * DataFolder}.
   *
   * @return the slices
   * @throws tangram.nn.FileWriteException if a file cannot be written
   */
  public static List<Slice> write(Path folder, int size, long seed, int patient) {
    List<Slice> slices = slices(size, seed, patient);
    for (Slice slice : slices) {
      Hdf5Writer.writeSlice(folder.resolve(DataFolder.SLICES).resolve(slice.name() + ".h5"), slice);
    }
    Hdf5Writer.writeVolume(volumeFile(folder, patient), volume(size, seed, patient));
    return slices;
  }

  /** Whether a folder has all files of a patient. */
  public static boolean isWritten(Path folder, int patient) {
    return Files.isRegularFile(volumeFile(folder, patient));
  }

  private static Path volumeFile(Path folder, int patient) {
    return folder.resolve(DataFolder.VOLUMES).resolve(name(patient) + ".h5");
  }

  private static String name(int patient) {
    return String.format(Locale.ROOT, "patient%03d_frame01", patient);
  }
}
