package tangram.pclmix.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Volume;
import tangram.pclmix.picture.Montage;
import tangram.pclmix.picture.Panel;
import tangram.pclmix.training.Validator;

/**
 * Collects segmented volumes and draws a few of their slices: the worst, a lower quartile, the
 * median, an upper quartile and the best by Dice, among those that show all classes.
 */
public final class Gallery implements Validator.Sink {
  private static final int PANEL = 192;
  private static final String[] RANKS = {
    "worst", "lower quartile", "median", "upper quartile", "best"
  };

  private record Entry(Volume volume, byte[] prediction, int slice, double dice) {}

  private final Labels labels;
  private final List<Entry> entries = new ArrayList<>();

  /** Without slices yet. */
  public Gallery(Labels labels) {
    this.labels = labels;
  }

  @Override
  public void segmented(Volume volume, byte[] prediction) {
    int plane = volume.height() * volume.width();
    for (int z = 0; z < volume.depth(); z++) {
      double dice = dice(volume.label(), prediction, z * plane, plane);
      if (!Double.isNaN(dice)) {
        entries.add(new Entry(volume, prediction, z, dice));
      }
    }
  }

  /** Mean Dice over the foreground classes; NaN unless the truth has all of them. */
  private double dice(byte[] truth, byte[] prediction, int offset, int plane) {
    int[] both = new int[labels.count()];
    int[] truths = new int[labels.count()];
    int[] predictions = new int[labels.count()];
    for (int i = offset; i < offset + plane; i++) {
      truths[truth[i]]++;
      predictions[prediction[i]]++;
      both[truth[i]] += truth[i] == prediction[i] ? 1 : 0;
    }
    double sum = 0;
    for (int c = 1; c < labels.count(); c++) {
      if (truths[c] == 0) {
        return Double.NaN;
      }
      sum += 2.0 * both[c] / (truths[c] + predictions[c]);
    }
    return sum / (labels.count() - 1);
  }

  /** Draws the chosen slices, as the bytes of a PNG file. */
  public byte[] png() {
    List<Entry> sorted = new ArrayList<>(entries);
    // The order of the volumes decides among equals: sorting is stable.
    sorted.sort(Comparator.comparingDouble(Entry::dice));
    boolean scribbles = sorted.stream().allMatch(e -> e.volume().scribble() != null);
    Montage montage =
        scribbles
            ? new Montage(labels, PANEL, "image", "scribble", "prediction", "truth")
            : new Montage(labels, PANEL, "image", "prediction", "truth");
    int last = sorted.size() - 1;
    int[] chosen = new int[Math.min(RANKS.length, sorted.size())];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = chosen.length == 1 ? 0 : Math.round((float) i * last / (chosen.length - 1));
      String rank = chosen.length == RANKS.length ? RANKS[i] : "from worst to best";
      add(montage, sorted.get(chosen[i]), rank, scribbles);
    }
    return montage.png();
  }

  private static void add(Montage montage, Entry e, String rank, boolean scribbles) {
    Volume v = e.volume();
    int h = v.height();
    int w = v.width();
    float[] image = Arrays.copyOfRange(v.image(), e.slice() * h * w, (e.slice() + 1) * h * w);
    List<Panel> panels = new ArrayList<>();
    panels.add(Panel.grey(image, h, w));
    if (scribbles) {
      panels.add(Panel.scribble(image, plane(v.scribble(), e), h, w));
    }
    panels.add(Panel.segmentation(image, plane(e.prediction(), e), h, w));
    panels.add(Panel.segmentation(image, plane(v.label(), e), h, w));
    montage.row(
        String.format(
            Locale.ROOT, "%s: %s, slice %d, Dice %.2f", rank, v.name(), e.slice(), e.dice()),
        panels.toArray(new Panel[0]));
  }

  private static byte[] plane(byte[] classes, Entry e) {
    int plane = e.volume().height() * e.volume().width();
    return Arrays.copyOfRange(classes, e.slice() * plane, (e.slice() + 1) * plane);
  }
}
