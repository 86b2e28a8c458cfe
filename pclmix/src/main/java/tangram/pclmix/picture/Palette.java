package tangram.pclmix.picture;

/**
 * The colour of each class, the same in every picture. The colours are those of M. Okabe and K.
 * Ito, "Color universal design" (2008), which people with any common colour vision can tell apart.
 */
public final class Palette {
  /** Colour of what is about all classes together, as 0xRRGGBB. */
  public static final int AVERAGE = 0x777777;

  private static final int[] COLOURS = {0x009E73, 0xE69F00, 0x56B4E9, 0xCC79A7};
  private static final String[] NAMES = {"background", "RV", "Myo", "LV"};

  private Palette() {}

  /** The number of classes: background, RV, Myo, LV. */
  public static int classes() {
    return COLOURS.length;
  }

  /**
   * The colour of a class as 0xRRGGBB. Background has a colour for scribbles; segmentations leave
   * it clear.
   *
   * @throws IndexOutOfBoundsException if the label is not a class
   */
  public static int colour(int label) {
    return COLOURS[label];
  }

  /**
   * The short name of a class.
   *
   * @throws IndexOutOfBoundsException if the label is not a class
   */
  public static String name(int label) {
    return NAMES[label];
  }
}
