package tangram.pclmix.active;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.pclmix.data.Framing;
import tangram.pclmix.data.Intensity;
import tangram.pclmix.data.NiftiImage;
import tangram.pclmix.data.Resize;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;

/**
 * The frames of a session's scans as the network sees them: scaled as for segmentation and resized,
 * the latest kept. For one thread.
 */
final class Frames {
  private static final long MOST_BYTES = 128L << 20;

  private final ActiveData data;
  private final Framing framing;

  /** In the order of use. */
  private final Map<SliceKey, Volume> kept = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  Frames(ActiveData data, Framing framing) {
    this.data = data;
    this.framing = framing;
  }

  /** A frame at its own size, scaled, [depth][height][width]. */
  static Volume scaled(ActiveData data, int scan, int frame) {
    ActiveScan s = data.scans().get(scan);
    int pixels = s.height() * s.width();
    float[] values = new float[s.depth() * pixels];
    for (int z = 0; z < s.depth(); z++) {
      System.arraycopy(data.image(new SliceKey(scan, frame, z)), 0, values, z * pixels, pixels);
    }
    Intensity.clipAbove(values, NiftiImage.CLIP_PERCENTILE);
    Intensity.scaleSlices(values, s.depth(), pixels);
    return new Volume(
        s.name(), 0, s.depth(), s.height(), s.width(), values, null, s.spacing(), null);
  }

  private Volume resized(int scan, int frame) {
    SliceKey key = new SliceKey(scan, frame, 0);
    Volume known = kept.get(key);
    if (known != null) {
      return known;
    }
    Volume v = scaled(data, scan, frame);
    Framing.Frame size = framing.frame(v.name(), v.height(), v.width(), v.spacing());
    int h = size.height();
    int w = size.width();
    float[] values = new float[v.depth() * h * w];
    for (int z = 0; z < v.depth(); z++) {
      int from = z * v.height() * v.width();
      Resize.bilinear(v.image(), from, v.height(), v.width(), values, z * h * w, h, w);
    }
    double[] mm = v.spacing();
    double side = framing.millimetres();
    // Exactly the side that pixels were given, so that they are framed as they are.
    double[] spacing =
        framing.isResampled()
            ? new double[] {mm[0], side, side}
            : new double[] {mm[0], mm[1] * v.height() / h, mm[2] * v.width() / w};
    Volume resized = new Volume(v.name(), 0, v.depth(), h, w, values, null, spacing, null);
    kept.put(key, resized);
    bytes += 4L * values.length;
    var oldest = kept.entrySet().iterator();
    while (bytes > MOST_BYTES && kept.size() > 1) {
      bytes -= 4L * oldest.next().getValue().image().length;
      oldest.remove();
    }
    return resized;
  }

  /** Slices of one frame as a volume. */
  Volume slices(List<SliceKey> keys) {
    SliceKey first = keys.get(0);
    Volume frame = resized(first.scan(), first.frame());
    int pixels = frame.height() * frame.width();
    float[] values = new float[keys.size() * pixels];
    for (int i = 0; i < keys.size(); i++) {
      System.arraycopy(frame.image(), keys.get(i).slice() * pixels, values, i * pixels, pixels);
    }
    return new Volume(
        frame.name(),
        0,
        keys.size(),
        frame.height(),
        frame.width(),
        values,
        null,
        frame.spacing(),
        null);
  }

  /**
   * A slice to train on.
   *
   * @param scribble at the slice's own size
   */
  Slice training(SliceKey key, byte[] scribble) {
    ActiveScan scan = data.scans().get(key.scan());
    Volume image = slices(List.of(key));
    byte[] small = new byte[image.image().length];
    Resize.nearest(
        scribble, 0, scan.height(), scan.width(), small, 0, image.height(), image.width());
    return new Slice(
        scan.name() + "_frame" + (key.frame() + 1) + "_slice_" + key.slice(),
        0,
        image.height(),
        image.width(),
        data.labels(),
        image.image(),
        null,
        small,
        image.spacing());
  }
}
