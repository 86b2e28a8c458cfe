package tangram.pclmix.phantom;

import java.util.Arrays;
import java.util.Objects;

/**
 * A generated slice (depth 1) or volume of a heart with its truth and scribbles. Arrays are dense,
 * depth-major then row-major: voxel (d, row, column) is at {@code (d * size + row) * size +
 * column}.
 *
 * @param depth number of slices
 * @param size pixels along each side of a slice
 * @param image intensities in [0, 1], scaled slice by slice
 * @param label the dense truth: {@link #BACKGROUND}, {@link #RV}, {@link #MYO} or {@link #LV}
 * @param scribble the same values where a stroke went, {@link #UNLABELLED} elsewhere
 * @param spacing millimetres a pixel, the same along rows and columns
 * @param sliceSpacing millimetres from slice to slice
 */
public record Phantom(
    int depth,
    int size,
    float[] image,
    byte[] label,
    byte[] scribble,
    double spacing,
    double sliceSpacing) {

  /** Everything that is not heart. */
  public static final byte BACKGROUND = 0;

  /** The right ventricle's cavity. */
  public static final byte RV = 1;

  /** The left ventricle's muscle. */
  public static final byte MYO = 2;

  /** The left ventricle's cavity. */
  public static final byte LV = 3;

  /** In scribbles: nobody said what this pixel is. */
  public static final byte UNLABELLED = 4;

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if an array does not have depth * size * size elements
   */
  public Phantom {
    int count = depth * size * size;
    if (image.length != count || label.length != count || scribble.length != count) {
      throw new IllegalArgumentException(
          "image, label and scribble must have "
              + count
              + " elements, got "
              + image.length
              + ", "
              + label.length
              + " and "
              + scribble.length);
    }
  }

  /**
   * Returns one slice of this volume as a phantom of depth 1, with arrays of its own.
   *
   * @throws IndexOutOfBoundsException if there is no such slice
   */
  public Phantom slice(int index) {
    Objects.checkIndex(index, depth);
    int from = index * size * size;
    int to = from + size * size;
    return new Phantom(
        1,
        size,
        Arrays.copyOfRange(image, from, to),
        Arrays.copyOfRange(label, from, to),
        Arrays.copyOfRange(scribble, from, to),
        spacing,
        sliceSpacing);
  }
}
