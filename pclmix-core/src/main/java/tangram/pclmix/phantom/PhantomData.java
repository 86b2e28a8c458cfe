package tangram.pclmix.phantom;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;

/** Generated patients in the form of training slices and volumes, ten slices each. */
public final class PhantomData {
  private PhantomData() {}

  /**
   * The slices of patients, from base to apex.
   *
   * @param size pixels along each side
   * @param seed which population
   */
  public static List<Slice> slices(Patients patients, int size, long seed) {
    return Arrays.stream(patients.numbers())
        .boxed()
        .parallel()
        .flatMap(
            patient ->
                IntStream.range(0, HeartPhantom.POSITIONS)
                    .mapToObj(position -> slice(patient, position, size, seed)))
        .toList();
  }

  private static Slice slice(int patient, int position, int size, long seed) {
    Phantom p = HeartPhantom.slice(size, seed, patient, position);
    String name = name(patient) + "_slice_" + position;
    return new Slice(name, patient, size, size, p.image(), p.label(), p.scribble());
  }

  /**
   * The volumes of patients.
   *
   * @param size pixels along each side of a slice
   * @param seed which population
   */
  public static List<Volume> volumes(Patients patients, int size, long seed) {
    return Arrays.stream(patients.numbers())
        .boxed()
        .parallel()
        .map(patient -> volume(patient, size, seed))
        .toList();
  }

  private static Volume volume(int patient, int size, long seed) {
    Phantom p = HeartPhantom.volume(size, seed, patient, HeartPhantom.POSITIONS);
    double[] spacing = {p.sliceSpacing(), p.spacing(), p.spacing()};
    return new Volume(
        name(patient), patient, p.depth(), size, size, p.image(), p.label(), spacing, p.scribble());
  }

  private static String name(int patient) {
    return String.format(Locale.ROOT, "patient%03d_frame01", patient);
  }
}
