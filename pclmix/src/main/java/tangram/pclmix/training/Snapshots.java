package tangram.pclmix.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tangram.nn.Module;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Window;
import tangram.pclmix.method.Learner;
import tangram.pclmix.picture.Montage;
import tangram.pclmix.picture.Panel;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Pictures of what the network makes of a few training slices, always the same: its prediction,
 * and, of a network with two decoders, the entropy of their ensemble and the pseudo labels that are
 * confirmed at that step (docs/method.md, step 6). The network is left as it was found.
 */
final class Snapshots {
  /** Slices shown. */
  static final int COUNT = 3;

  private static final int PANEL = 192;

  private final Device device;
  private final Learner learner;
  private final Labels labels;
  private final List<Slice> slices;

  /** Chooses the slices. */
  Snapshots(Device device, Learner learner, Dataset data) {
    this.device = device;
    this.learner = learner;
    this.labels = data.labels();
    int side = data.framing().side();
    this.slices =
        choose(data.slices()).stream()
            .map(s -> s.window(Window.centred(s.height(), s.width(), side, 0, 0)))
            .toList();
  }

  /** Evenly spaced among those whose scribbles have most classes, all as a rule. */
  static List<Slice> choose(List<Slice> all) {
    int most = all.stream().mapToInt(Snapshots::scribbledClasses).max().orElse(0);
    List<Slice> good = all.stream().filter(s -> scribbledClasses(s) == most).toList();
    int count = Math.min(COUNT, good.size());
    List<Slice> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chosen.add(good.get((2 * i + 1) * good.size() / (2 * count)));
    }
    return chosen;
  }

  private static int scribbledClasses(Slice slice) {
    long seen = 0;
    for (byte kind : slice.scribble()) {
      seen |= kind >= 0 && kind < slice.labels().count() ? 1L << kind : 0;
    }
    return Long.bitCount(seen);
  }

  /**
   * What the network makes of the slices now.
   *
   * @param step number of steps done
   */
  Montage draw(int step) {
    Module network = learner.network();
    boolean training = network.isTraining();
    network.train(false);
    try (Autograd.Guard guard = Autograd.noGrad();
        Scope scope = Scope.open()) {
      return draw(step, learner.look(images(), scribbles(), step));
    } finally {
      network.train(training);
    }
  }

  private Montage draw(int step, Learner.Look look) {
    byte[][] predicted = split(look.classes());
    byte[][] confirmed = look.confirmed() == null ? null : split(look.confirmed());
    float[] entropy = look.uncertainty() == null ? null : look.uncertainty().toFloats();
    boolean truths = slices.stream().allMatch(s -> s.label() != null);
    // Training on dense truth has that in the place of scribbles.
    boolean scribbles = slices.stream().anyMatch(s -> s.scribble() != s.label());
    List<String> columns = new ArrayList<>(List.of("image"));
    if (scribbles) {
      columns.add("scribble");
    }
    columns.add("prediction");
    if (entropy != null) {
      columns.add("uncertainty");
    }
    if (confirmed != null) {
      columns.add("confirmed");
    }
    if (truths) {
      columns.add("truth");
    }
    Montage montage = new Montage(labels, PANEL, columns.toArray(new String[0]));
    for (int i = 0; i < slices.size(); i++) {
      Slice s = slices.get(i);
      int h = s.height();
      int w = s.width();
      List<Panel> panels = new ArrayList<>();
      panels.add(Panel.grey(s.image(), h, w));
      if (scribbles) {
        panels.add(Panel.scribble(s.image(), s.scribble(), h, w));
      }
      panels.add(Panel.segmentation(s.image(), predicted[i], h, w));
      if (entropy != null) {
        float[] part = Arrays.copyOfRange(entropy, i * h * w, (i + 1) * h * w);
        for (int j = 0; j < part.length; j++) {
          part[j] /= (float) Math.log(labels.count());
        }
        panels.add(Panel.heat(part, h, w));
      }
      if (confirmed != null) {
        panels.add(Panel.confirmed(s.image(), confirmed[i], h, w));
      }
      if (truths) {
        panels.add(Panel.segmentation(s.image(), s.label(), h, w));
      }
      montage.row(
          String.format(Locale.ROOT, "%s, after step %d", s.name(), step),
          panels.toArray(new Panel[0]));
    }
    return montage;
  }

  private Tensor images() {
    int pixels = slices.get(0).image().length;
    float[] images = new float[slices.size() * pixels];
    for (int i = 0; i < slices.size(); i++) {
      System.arraycopy(slices.get(i).image(), 0, images, i * pixels, pixels);
    }
    return device.tensor(images, slices.size(), 1, slices.get(0).height(), slices.get(0).width());
  }

  private Tensor scribbles() {
    int pixels = slices.get(0).scribble().length;
    int[] scribbles = new int[slices.size() * pixels];
    for (int i = 0; i < scribbles.length; i++) {
      scribbles[i] = slices.get(i / pixels).scribble()[i % pixels];
    }
    return device.tensor(scribbles, slices.size(), slices.get(0).height(), slices.get(0).width());
  }

  /** The labels [N, H, W] of every slice. */
  private byte[][] split(Tensor labels) {
    int[] all = labels.toInts();
    int pixels = all.length / slices.size();
    byte[][] split = new byte[slices.size()][pixels];
    for (int i = 0; i < all.length; i++) {
      split[i / pixels][i % pixels] = (byte) all[i];
    }
    return split;
  }
}
