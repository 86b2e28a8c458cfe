package tangram.pclmix.metrics;

/**
 * The Dice coefficient of two masks: {@code 2 |A and B| / (|A| + |B|)}.
 *
 * <p>1 is a perfect match, 0 no common voxel. Two empty masks agree: 1. One empty mask: 0. Source:
 * L. R. Dice, "Measures of the amount of ecologic association between species", Ecology 26, 1945.
 */
public final class Dice {
  private Dice() {}

  /**
   * Dice of two masks.
   *
   * @param a mask, any shape
   * @param b mask of the same shape
   * @return a number in [0, 1]
   * @throws IllegalArgumentException if the lengths differ
   */
  public static double of(boolean[] a, boolean[] b) {
    requireSameLength(a.length, b.length);
    long both = 0;
    long sum = 0;
    for (int i = 0; i < a.length; i++) {
      both += a[i] && b[i] ? 1 : 0;
      sum += (a[i] ? 1 : 0) + (b[i] ? 1 : 0);
    }
    return ratio(both, sum);
  }

  /**
   * Dice of one class of two label maps.
   *
   * @param prediction label of every voxel, any shape
   * @param truth label of every voxel, same shape
   * @param label the class compared
   * @return a number in [0, 1]
   * @throws IllegalArgumentException if the lengths differ
   */
  public static double of(byte[] prediction, byte[] truth, int label) {
    requireSameLength(prediction.length, truth.length);
    long both = 0;
    long sum = 0;
    for (int i = 0; i < truth.length; i++) {
      boolean p = prediction[i] == label;
      boolean t = truth[i] == label;
      both += p && t ? 1 : 0;
      sum += (p ? 1 : 0) + (t ? 1 : 0);
    }
    return ratio(both, sum);
  }

  /** Number of marked voxels of a mask. */
  static int count(boolean[] mask) {
    int n = 0;
    for (boolean marked : mask) {
      n += marked ? 1 : 0;
    }
    return n;
  }

  private static double ratio(long both, long sum) {
    return sum == 0 ? 1 : 2.0 * both / sum;
  }

  private static void requireSameLength(int a, int b) {
    if (a != b) {
      throw new IllegalArgumentException("masks of " + a + " and " + b + " voxels do not match");
    }
  }
}
