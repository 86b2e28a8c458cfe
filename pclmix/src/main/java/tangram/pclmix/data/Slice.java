package tangram.pclmix.data;

/**
 * One 2-D training sample. The arrays are shared, not copied.
 *
 * @param name the file's name without extension
 * @param patient the patient's number, 0 where unknown
 * @param height number of rows
 * @param width number of columns
 * @param image intensities in [0, 1], [height][width]
 * @param label dense truth 0..3, [height][width]; null where unknown
 * @param scribble 0..3 where scribbled, 4 where unlabelled, [height][width]
 */
public record Slice(
    String name, int patient, int height, int width, float[] image, byte[] label, byte[] scribble) {
  /** The value of a pixel without a scribble. */
  public static final int UNLABELLED = 4;

  /** Number of classes, background included. */
  public static final int CLASSES = 4;

  /**
   * Checks the arrays' lengths.
   *
   * @throws IllegalArgumentException if a length is not height x width, or image or scribble null
   */
  public Slice {
    if (height <= 0 || width <= 0) {
      throw new IllegalArgumentException("a slice of " + height + "x" + width);
    }
    int pixels = Math.multiplyExact(height, width);
    if (image == null || image.length != pixels) {
      throw new IllegalArgumentException(name + ": the image does not have " + pixels + " pixels");
    }
    if (scribble == null || scribble.length != pixels) {
      throw new IllegalArgumentException(
          name + ": the scribble does not have " + pixels + " pixels");
    }
    if (label != null && label.length != pixels) {
      throw new IllegalArgumentException(name + ": the label does not have " + pixels + " pixels");
    }
  }
}
