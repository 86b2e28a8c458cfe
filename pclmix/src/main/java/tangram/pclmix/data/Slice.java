package tangram.pclmix.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
 * @param labels what its classes 0..K-1 are
 * @param label dense truth 0..K-1, [height][width]; null where unknown
 * @param scribble 0..K-1 where scribbled, K where unlabelled, [height][width]
 * @param maps further planes that move with the slice, each [height][width]
 * @param spacing distance between voxel centres of its volume in mm, {z, y, x}; null where unknown
 * @param scribbled the classes that are scribbled, even where resizing lost a thin scribble
 */
public record Slice(
    String name,
    int patient,
    int height,
    int width,
    Labels labels,
    float[] image,
    byte[] label,
    byte[] scribble,
    List<ByteMap> maps,
    double[] spacing,
    BitSet scribbled) {
  /**
   * Checks the arrays' lengths.
   *
   * @throws IllegalArgumentException if a length is not height x width, image or scribble null, two
   *     maps have one name, or a spacing is not positive
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
    if (spacing != null && !Volume.isSpacing(spacing)) {
      throw new IllegalArgumentException(name + ": a spacing of " + Arrays.toString(spacing));
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

  /** A slice as a file has it: without further maps. */
  public Slice(
      String name,
      int patient,
      int height,
      int width,
      Labels labels,
      float[] image,
      byte[] label,
      byte[] scribble,
      double[] spacing) {
    this(
        name,
        patient,
        height,
        width,
        labels,
        image,
        label,
        scribble,
        List.of(),
        spacing,
        scribble == null ? null : classes(scribble, labels));
  }

  /** A slice of a heart, whose spacing is unknown. */
  public Slice(
      String name,
      int patient,
      int height,
      int width,
      float[] image,
      byte[] label,
      byte[] scribble) {
    this(name, patient, height, width, Labels.HEART, image, label, scribble, null);
  }

  private static BitSet classes(byte[] scribble, Labels labels) {
    BitSet classes = new BitSet();
    for (byte c : scribble) {
      if (c != labels.unlabelled()) {
        classes.set(c);
      }
    }
    return classes;
  }

  /** This slice with a further map. */
  public Slice with(ByteMap map) {
    List<ByteMap> all = new ArrayList<>(maps);
    all.add(map);
    return new Slice(
        name, patient, height, width, labels, image, label, scribble, all, spacing, scribbled);
  }

  /** This slice with a spacing. */
  public Slice withSpacing(double[] mm) {
    return new Slice(
        name, patient, height, width, labels, image, label, scribble, maps, mm, scribbled);
  }

  /** This slice with other labels in the place of its scribble. */
  public Slice withScribble(byte[] others) {
    return new Slice(
        name,
        patient,
        height,
        width,
        labels,
        image,
        label,
        others,
        maps,
        spacing,
        classes(others, labels));
  }

  /**
   * This slice resized: image bilinear, all else nearest; itself if it has that size. The spacing
   * follows.
   */
  public Slice resized(int h, int w) {
    if (h == height && w == width) {
      return this;
    }
    float[] values = new float[h * w];
    Resize.bilinear(image, 0, height, width, values, 0, h, w);
    double[] mm =
        spacing == null
            ? null
            : new double[] {spacing[0], spacing[1] * height / h, spacing[2] * width / w};
    return new Slice(
        name,
        patient,
        h,
        w,
        labels,
        values,
        label == null ? null : nearest(label, h, w),
        nearest(scribble, h, w),
        maps.stream()
            .map(map -> new ByteMap(map.name(), nearest(map.values(), h, w), map.fill()))
            .toList(),
        mm,
        scribbled);
  }

  private byte[] nearest(byte[] values, int h, int w) {
    byte[] resized = new byte[h * w];
    Resize.nearest(values, 0, height, width, resized, 0, h, w);
    return resized;
  }

  /**
   * A window of this slice; itself if it is all of it. Beyond the border the image is 0, scribbles
   * and truth unlabelled, and maps their own fill.
   */
  public Slice window(Window window) {
    if (window.isAll()) {
      return this;
    }
    int n = window.side();
    float[] values = new float[n * n];
    Motion.none().move(image, window, values, 0);
    return new Slice(
        name,
        patient,
        n,
        n,
        labels,
        values,
        label == null ? null : cut(label, window, labels.unlabelled()),
        cut(scribble, window, labels.unlabelled()),
        maps.stream()
            .map(m -> new ByteMap(m.name(), cut(m.values(), window, m.fill()), m.fill()))
            .toList(),
        spacing,
        scribbled);
  }

  private static byte[] cut(byte[] values, Window window, int fill) {
    int[] moved = new int[window.side() * window.side()];
    Motion.none().move(values, window, fill, moved, 0);
    byte[] cut = new byte[moved.length];
    for (int i = 0; i < cut.length; i++) {
      cut[i] = (byte) moved[i];
    }
    return cut;
  }
}
