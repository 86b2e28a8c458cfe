package tangram.pclmix.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
 * @param maps further planes that move with the slice, each [height][width]
 */
public record Slice(
    String name,
    int patient,
    int height,
    int width,
    float[] image,
    byte[] label,
    byte[] scribble,
    List<ByteMap> maps) {
  /** The value of a pixel without a scribble. */
  public static final int UNLABELLED = 4;

  /** Number of classes, background included. */
  public static final int CLASSES = 4;

  /**
   * Checks the arrays' lengths.
   *
   * @throws IllegalArgumentException if a length is not height x width, image or scribble null, or
   *     two maps have one name
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
    maps = List.copyOf(maps);
    Set<String> names = new HashSet<>();
    for (ByteMap map : maps) {
      if (map.values().length != pixels || !names.add(map.name())) {
        throw new IllegalArgumentException(
            name + ": the map '" + map.name() + "' is there twice or not of " + pixels + " pixels");
      }
    }
  }

  /** A slice without further maps. */
  public Slice(
      String name,
      int patient,
      int height,
      int width,
      float[] image,
      byte[] label,
      byte[] scribble) {
    this(name, patient, height, width, image, label, scribble, List.of());
  }

  /** This slice with a further map. */
  public Slice with(ByteMap map) {
    List<ByteMap> all = new ArrayList<>(maps);
    all.add(map);
    return new Slice(name, patient, height, width, image, label, scribble, all);
  }
}
