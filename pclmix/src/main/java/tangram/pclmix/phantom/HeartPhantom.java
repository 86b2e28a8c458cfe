package tangram.pclmix.phantom;

import java.util.Objects;
import tangram.tensor.CounterRandom;

/**
 * Generates short-axis slices and volumes of hearts that never were, with dense truth and scribbles
 * (a phantom in the imaging sense). The same arguments give the same bits on every machine: random
 * numbers are counter-based and named by seed, patient and slice.
 *
 * <p>A patient is a set of parameters (shape, pose, tissues, surroundings, coil, noise) drawn once;
 * all its slices follow from them. Fields of view of 170 to 220 mm show the heart at about three
 * times its share of an ACDC picture, so that 64 x 64 pixels resolve the wall.
 */
public final class HeartPhantom {
  /** Positions along the heart from which {@link #slice} chooses: 0 is the base, 9 the apex. */
  public static final int POSITIONS = 10;

  /** Below this the wall is thinner than a pixel. */
  public static final int SMALLEST = 32;

  private static final int MOST_SLICES = 1 << 10;

  private HeartPhantom() {}

  /**
   * One slice: the same as slice {@code position} of a volume of depth {@link #POSITIONS}.
   *
   * @param size pixels along each side, at least {@link #SMALLEST}
   * @param seed the seed
   * @param patient the patient's number, any number from 0 up
   * @param position 0 (base) to {@code POSITIONS - 1} (apex)
   * @return a phantom of depth 1
   * @throws IllegalArgumentException if the size or the patient is too small
   * @throws IndexOutOfBoundsException if there is no such position
   */
  public static Phantom slice(int size, long seed, int patient, int position) {
    Objects.checkIndex(position, POSITIONS);
    check(size, patient);
    Patient parameters = new Patient(seed, patient);
    Phantom phantom = empty(size, 1, parameters, POSITIONS);
    fill(phantom, parameters, seed, patient, position, POSITIONS, 0);
    return phantom;
  }

  /**
   * One volume from base to apex.
   *
   * @param size pixels along each side of a slice, at least {@link #SMALLEST}
   * @param seed the seed
   * @param patient the patient's number, any number from 0 up
   * @param depth number of slices, 3 to 1024; ACDC has 6 to 18
   * @return a phantom of that depth, in which every class occurs
   * @throws IllegalArgumentException if an argument is out of range
   */
  public static Phantom volume(int size, long seed, int patient, int depth) {
    check(size, patient);
    if (depth < 3 || depth > MOST_SLICES) {
      throw new IllegalArgumentException(
          "depth must be from 3 to " + MOST_SLICES + ", got " + depth);
    }
    Patient parameters = new Patient(seed, patient);
    Phantom phantom = empty(size, depth, parameters, depth);
    for (int i = 0; i < depth; i++) {
      fill(phantom, parameters, seed, patient, i, depth, i * size * size);
    }
    return phantom;
  }

  private static void check(int size, int patient) {
    if (size < SMALLEST) {
      throw new IllegalArgumentException("size must be at least " + SMALLEST + ", got " + size);
    }
    if (patient < 0) {
      throw new IllegalArgumentException("patient must not be negative, got " + patient);
    }
  }

  private static Phantom empty(int size, int depth, Patient patient, int slices) {
    int count = Math.multiplyExact(depth, Math.multiplyExact(size, size));
    return new Phantom(
        depth,
        size,
        new float[count],
        new byte[count],
        new byte[count],
        patient.fieldOfView / size,
        step(patient, slices) * patient.anatomy.length());
  }

  private static void fill(
      Phantom into, Patient patient, long seed, int number, int slice, int slices, int offset) {
    double step = step(patient, slices);
    double z = patient.firstZ + step * slice;
    HeartSection section = patient.anatomy.section(z, step / 2);
    Pose pose = patient.pose(into.size());
    int sample = slices * MOST_SLICES + slice;
    new SliceRenderer(patient, pose, section, z)
        .render(
            into.image(),
            into.label(),
            offset,
            new CounterRandom(seed, SliceRenderer.NOISE, number, sample));
    new Scribbler(
            pose,
            section,
            patient.anatomy.axisX(z),
            patient.anatomy.axisY(z),
            new CounterRandom(seed, Scribbler.PURPOSE, number, sample))
        .draw(into.label(), into.scribble(), offset);
  }

  /** The distance between slices in units of the long axis. */
  private static double step(Patient patient, int slices) {
    return (patient.lastZ - patient.firstZ) / (slices - 1);
  }
}
