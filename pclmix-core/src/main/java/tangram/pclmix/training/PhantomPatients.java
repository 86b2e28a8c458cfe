package tangram.pclmix.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;
import tangram.pclmix.phantom.HeartPhantom;
import tangram.pclmix.phantom.Phantom;

/** Generated patients in the form of training slices and volumes, ten slices each. */
public final class PhantomPatients {
  private PhantomPatients() {}

  /**
   * The slices of patients, from base to apex.
   *
   * @param size pixels along each side
   * @param seed which population
   */
  public static List<Slice> slices(Patients patients, int size, long seed) {
    List<Slice> slices = new ArrayList<>();
    for (int patient : patients.numbers()) {
      for (int i = 0; i < HeartPhantom.POSITIONS; i++) {
        Phantom p = HeartPhantom.slice(size, seed, patient, i);
        slices.add(
            new Slice(
                name(patient) + "_slice_" + i,
                patient,
                size,
                size,
                p.image(),
                p.label(),
                p.scribble()));
      }
    }
    return slices;
  }

  /**
   * The volumes of patients.
   *
   * @param size pixels along each side of a slice
   * @param seed which population
   */
  public static List<Volume> volumes(Patients patients, int size, long seed) {
    List<Volume> volumes = new ArrayList<>();
    for (int patient : patients.numbers()) {
      Phantom p = HeartPhantom.volume(size, seed, patient, HeartPhantom.POSITIONS);
      volumes.add(
          new Volume(
              name(patient),
              patient,
              p.depth(),
              size,
              size,
              p.image(),
              p.label(),
              new double[] {p.sliceSpacing(), p.spacing(), p.spacing()},
              p.scribble()));
    }
    return volumes;
  }

  private static String name(int patient) {
    return String.format(Locale.ROOT, "patient%03d_frame01", patient);
  }
}
