package tangram.pclmix.prediction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import tangram.pclmix.data.Volume;
import tangram.pclmix.picture.Montage;
import tangram.pclmix.picture.Panel;

/**
 * A picture to judge a segmentation by: slices with the outlines of the classes. Up to twelve, else
 * twelve evenly spread from the first to the last; of a series, those of its key frames.
 *
 * <p>The slices are cropped to all that was segmented in any of them and a margin, the same for
 * every slice. Where nothing was found they are shown whole.
 */
public final class Overlay {
  private static final int MOST = 12;
  private static final int COLUMNS = 4;

  /** The least that the longer side of a slice is enlarged to, pixels. */
  private static final int PANEL = 300;

  /** Left around what was segmented: at least this number of pixels, and this part of its size. */
  private static final int MARGIN = 8;

  private static final double RELATIVE_MARGIN = 0.25;

  private record Plane(int frame, int slice) {}

  private Overlay() {}

  /** Draws a prediction. */
  public static Montage of(Prediction prediction) {
    Scan scan = prediction.scan();
    int depth = scan.header().depth();
    List<Plane> planes = new ArrayList<>();
    for (int frame : prediction.keyFrames()) {
      for (int slice = 0; slice < depth; slice++) {
        planes.add(new Plane(frame, slice));
      }
    }
    Crop crop = Crop.around(prediction);
    List<String> captions = new ArrayList<>();
    List<Panel> panels = new ArrayList<>();
    Volume volume = null;
    int frame = -1;
    for (Plane plane : evenly(planes, MOST)) {
      if (plane.frame() != frame) {
        frame = plane.frame();
        volume = scan.frame(frame);
      }
      captions.add(
          (scan.frames() == 1 ? "" : "frame " + (frame + 1) + ", ")
              + "slice "
              + (plane.slice() + 1)
              + "/"
              + depth);
      panels.add(crop.panel(volume, prediction.classes(frame), plane.slice()));
    }
    String[] columns = new String[Math.min(COLUMNS, panels.size())];
    Arrays.fill(columns, "");
    return new Montage(prediction.labels(), crop.enlarged(PANEL), columns)
        .grid(scan.name(), captions, panels);
  }

  /** So many of the items at most, evenly spread, the first and the last among them. */
  static <T> List<T> evenly(List<T> items, int most) {
    if (items.size() <= most) {
      return Collections.unmodifiableList(items);
    }
    List<T> chosen = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      chosen.add(items.get(Math.round((float) i * (items.size() - 1) / (most - 1))));
    }
    return chosen;
  }

  /** The part of every slice that is shown. */
  private record Crop(int top, int left, int height, int width) {

    static Crop around(Prediction prediction) {
      int h = prediction.scan().header().height();
      int w = prediction.scan().header().width();
      int top = h;
      int bottom = -1;
      int left = w;
      int right = -1;
      for (int frame : prediction.keyFrames()) {
        byte[] classes = prediction.classes(frame);
        for (int i = 0; i < classes.length; i++) {
          if (classes[i] != 0) {
            int y = i / w % h;
            int x = i % w;
            top = Math.min(top, y);
            bottom = Math.max(bottom, y);
            left = Math.min(left, x);
            right = Math.max(right, x);
          }
        }
      }
      if (bottom < 0) {
        return new Crop(0, 0, h, w);
      }
      int margin = (int) Math.max(MARGIN, RELATIVE_MARGIN * Math.max(bottom - top, right - left));
      top = Math.max(0, top - margin);
      left = Math.max(0, left - margin);
      return new Crop(
          top,
          left,
          Math.min(h, bottom + 1 + margin) - top,
          Math.min(w, right + 1 + margin) - left);
    }

    /** The longer side, enlarged by the least whole factor that makes it {@code least} pixels. */
    int enlarged(int least) {
      int side = Math.max(height, width);
      return side * ((least + side - 1) / side);
    }

    Panel panel(Volume volume, byte[] classes, int slice) {
      float[] image = new float[height * width];
      byte[] labels = new byte[image.length];
      for (int y = 0; y < height; y++) {
        int from = (slice * volume.height() + top + y) * volume.width() + left;
        System.arraycopy(volume.image(), from, image, y * width, width);
        System.arraycopy(classes, from, labels, y * width, width);
      }
      return Panel.outlines(image, labels, height, width);
    }
  }
}
