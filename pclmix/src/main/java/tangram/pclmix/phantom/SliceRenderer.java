package tangram.pclmix.phantom;

import java.util.Arrays;
import tangram.tensor.CounterRandom;

/**
 * Paints one slice of one patient: tissues from back to front with edges blurred by pixel size and
 * slice thickness, then bias field, Rician noise and scaling to [0, 1].
 *
 * <p>The truth follows the smooth outlines, as a reader draws them: papillary muscles and
 * trabeculae belong to the cavity although they look like muscle.
 */
final class SliceRenderer {
  /** Names the stream of the noise of a slice. */
  static final int NOISE = 0x50480002;

  /** Share of pixels that become white, as in ACDC's training slices. */
  private static final double SATURATED = 0.01;

  private final Patient patient;
  private final Pose pose;
  private final HeartSection section;
  private final double z;
  private final double axisX;
  private final double axisY;
  private final double edge;

  SliceRenderer(Patient patient, Pose pose, HeartSection section, double z) {
    this.patient = patient;
    this.pose = pose;
    this.section = section;
    this.z = z;
    this.axisX = patient.anatomy.axisX(z);
    this.axisY = patient.anatomy.axisY(z);
    // The point spread of the acquisition: about a pixel, and never finer than the scanner's grid.
    this.edge = Math.max(1.1 * pose.spacing(), 1.8);
  }

  /** Fills image and label from {@code offset} on. */
  void render(float[] image, byte[] label, int offset, CounterRandom random) {
    int size = pose.size();
    for (int row = 0; row < size; row++) {
      double v = pose.millimetres(row);
      for (int column = 0; column < size; column++) {
        double u = pose.millimetres(column);
        double x = pose.patientX(u, v);
        double y = pose.patientY(u, v);
        int index = offset + row * size + column;
        image[index] = (float) (paint(x, y, index, label) * bias(u, v));
      }
    }
    addNoise(image, offset, size * size, random);
    scale(image, offset, size * size);
  }

  private double paint(double x, double y, int index, byte[] label) {
    double depth = z * 5;
    double coarse = patient.texture.at(x / 22 + 40, y / 22 + 40, depth);
    double fine =
        0.75 * patient.texture.at(x / 6.5 + 17.3, y / 6.5 + 29.1, depth + 0.5)
            + 0.4 * patient.texture.at(0.3 * x + 0.2 * y + 3.7, 0.3 * y - 0.2 * x + 5.1, depth);
    double value = patient.surroundings.at(x, y, z, edge, coarse, fine);
    double hx = x - axisX;
    double hy = y - axisY;
    double r2 = hx * hx + hy * hy;
    if (r2 > 100 * 100) {
      return value;
    }
    double r = Math.sqrt(r2);
    return heart(value, hx, hy, r, StrictMath.atan2(hy, hx), coarse, fine, index, label);
  }

  private double heart(
      double below,
      double x,
      double y,
      double r,
      double angle,
      double coarse,
      double fine,
      int index,
      byte[] label) {
    Tissues tissues = patient.tissues;
    double outer = section.epicardium().distance(r, angle);
    double right = section.hasRight() ? section.right().distance(r, angle) : Double.MAX_VALUE;
    double fat = patient.heartFat * Math.max(0, 1 + 1.3 * coarse);
    double value = below;
    double outerEdge = Math.max(edge, section.epicardium().edge());
    value +=
        (tissues.heartFat() * (1 + 0.25 * fine) - value)
            * Blob.coverage(section.envelope().distance(r, angle) - fat, edge);
    if (section.hasRight()) {
      double rightEdge = Math.max(edge, section.right().edge());
      value +=
          (tissues.rightWall() - value) * Blob.coverage(right - section.rightWall(), rightEdge);
      double cover = Blob.coverage(right, rightEdge);
      if (cover > 0) {
        value += (rightCavity(x, y, right, coarse, fine) - value) * cover;
        if (cover > 0.5 && !section.beyondBase()) {
          label[index] = Phantom.RV;
        }
      }
    }
    double cover = Blob.coverage(outer, outerEdge);
    if (cover > 0) {
      value += (tissues.myocardium() * (1 + 0.1 * fine) - value) * cover;
      if (cover > 0.5) {
        label[index] = section.beyondBase() ? Phantom.BACKGROUND : Phantom.MYO;
      }
    }
    double inner = section.endocardium().distance(r, angle);
    cover = Blob.coverage(inner, Math.max(edge, section.endocardium().edge()));
    if (cover > 0) {
      value += (leftCavity(x, y, inner, coarse, fine) - value) * cover;
      if (cover > 0.5) {
        label[index] = section.beyondBase() ? Phantom.BACKGROUND : Phantom.LV;
      }
    }
    return value;
  }

  private double leftCavity(double x, double y, double inner, double coarse, double fine) {
    Tissues tissues = patient.tissues;
    double value = tissues.leftBlood() * (1 + patient.flow * coarse);
    for (Blob muscle : patient.leftMuscles) {
      value = muscle.paint(value, x, y, z, edge);
    }
    return value + (tissues.myocardium() - value) * trabeculae(inner, fine);
  }

  private double rightCavity(double x, double y, double right, double coarse, double fine) {
    Tissues tissues = patient.tissues;
    double value = tissues.rightBlood() * (1 + patient.flow * (coarse + 0.5 * fine));
    for (Blob muscle : patient.rightMuscles) {
      value = muscle.paint(value, x, y, z, edge);
    }
    return value + (tissues.rightWall() - value) * trabeculae(right, fine);
  }

  /** How much muscle there is near a cavity's wall, at this (negative) distance from it. */
  private double trabeculae(double distance, double fine) {
    double near = 1 + distance / patient.trabeculation;
    return near <= 0 || z < 0.1 ? 0 : Math.min(1, 1.6 * near) * Math.max(0, 0.2 + fine);
  }

  /** The coil's uneven sensitivity. */
  private double bias(double u, double v) {
    double half = patient.fieldOfView / 2;
    double a = u / half;
    double b = v / half;
    return StrictMath.exp(
        patient.biasX * a + patient.biasY * b + patient.biasSquare * (a * a + b * b));
  }

  /** The magnitude of a complex signal with Gaussian noise in both channels is Rician. */
  private void addNoise(float[] image, int offset, int count, CounterRandom random) {
    double sigma = patient.noise;
    for (int i = offset; i < offset + count; i++) {
      double real = image[i] + sigma * random.nextGaussian();
      double imaginary = sigma * random.nextGaussian();
      image[i] = (float) Math.sqrt(real * real + imaginary * imaginary);
    }
  }

  private static void scale(float[] image, int offset, int count) {
    float[] sorted = Arrays.copyOfRange(image, offset, offset + count);
    Arrays.sort(sorted);
    float low = sorted[0];
    float high = sorted[(int) (count * (1 - SATURATED))];
    for (int i = offset; i < offset + count; i++) {
      image[i] = Math.min(1, (image[i] - low) / (high - low));
    }
  }
}
