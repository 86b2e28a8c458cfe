package tangram.pclmix.label;

import java.util.Arrays;

/**
 * Running means of what a network predicts of some slices, and the labels that they are sure of
 * (Lee and Jeong 2020, Scribble2Label): {@code w = share p + (1 - share) w}, zero at first. A
 * number takes 16 bits, from 0 to 65535 for 0 to 1, and errs by at most 8e-6 / share.
 */
public final class RunningMeans {
  private static final int ONE = 0xFFFF;

  private final int classes;
  private final int[] pixels;
  private final double share;

  /** [slices][(classes * pixels + 1) / 2]: the numbers 2 i and 2 i + 1 are halves of number i. */
  private final int[][] means;

  /**
   * Creates means of zero.
   *
   * @param pixels of each slice
   * @param share what a prediction counts
   */
  public RunningMeans(int[] pixels, int classes, double share) {
    this.classes = classes;
    this.pixels = pixels.clone();
    this.share = share;
    this.means = new int[pixels.length][];
    Arrays.setAll(means, i -> new int[(Math.multiplyExact(classes, pixels[i]) + 1) / 2]);
  }

  /** The bytes that the means of slices take. */
  public static double bytes(double slices, double classes, double pixels) {
    return Short.BYTES * slices * classes * pixels;
  }

  /** Number of slices. */
  public int slices() {
    return means.length;
  }

  /**
   * Takes a prediction in. Different slices may be updated at once.
   *
   * @param p probabilities of each class, of which those of the slice begin at a place
   */
  public void update(int slice, float[][] p, int from) {
    int[] all = means[slice];
    int n = pixels[slice];
    for (int c = 0; c < classes; c++) {
      for (int k = 0; k < n; k++) {
        int i = c * n + k;
        int shift = i % 2 * Short.SIZE;
        int before = all[i / 2] >>> shift & ONE;
        long mean = Math.round(share * ONE * p[c][from + k] + (1 - share) * before);
        int kept = all[i / 2] & ~(ONE << shift);
        all[i / 2] = kept | (int) Math.max(0, Math.min(ONE, mean)) << shift;
      }
    }
  }

  /** The mean of a class, 0 to 1. */
  public double mean(int slice, int c, int pixel) {
    return (double) number(means[slice], c * pixels[slice] + pixel) / ONE;
  }

  private static int number(int[] all, int i) {
    return all[i / 2] >>> i % 2 * Short.SIZE & ONE;
  }

  /**
   * Labels unscribbled pixels with the class of the largest mean if that is above a confidence.
   *
   * @param scribble the slice's
   * @param labels overwritten: classes, or unlabelled
   */
  public void label(int slice, double confidence, byte[] scribble, byte[] labels) {
    int[] all = means[slice];
    for (int i = 0; i < pixels[slice]; i++) {
      labels[i] = (byte) classes;
      double most = confidence * ONE;
      for (int c = 0; scribble[i] == classes && c < classes; c++) {
        int mean = number(all, c * pixels[slice] + i);
        if (mean > most) {
          most = mean;
          labels[i] = (byte) c;
        }
      }
    }
  }

  /** A slice's means as they are kept, two to a number; not to be written. */
  public int[] packed(int slice) {
    return means[slice];
  }

  /**
   * Puts back what {@link #packed} gave; the array is kept.
   *
   * @return whether it is the means of such a slice
   */
  public boolean restore(int slice, int[] packed) {
    boolean fits = packed.length == means[slice].length;
    if (fits) {
      means[slice] = packed;
    }
    return fits;
  }
}
