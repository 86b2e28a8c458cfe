package tangram.pclmix.active;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Volume;
import tangram.pclmix.metrics.Dice;
import tangram.pclmix.phantom.PhantomData;

/** A session of generated hearts, whose scribbles are drawn when a test says so. */
final class PhantomSession implements ActiveData {
  final List<Volume> volumes;
  private final Labels labels;
  private final Set<Integer> heldOut;
  private final Map<SliceKey, byte[]> scribbles = new TreeMap<>();
  private final Set<SliceKey> skipped = new HashSet<>();

  PhantomSession(int size, int patients, Integer... heldOut) {
    this(Labels.HEART, size, patients, heldOut);
  }

  PhantomSession(Labels labels, int size, int patients, Integer... heldOut) {
    this.labels = labels;
    this.volumes = PhantomData.validationVolumes(size, 0, patients);
    this.heldOut = Set.of(heldOut);
  }

  private byte[] plane(byte[] volume, SliceKey key) {
    Volume v = volumes.get(key.scan());
    int pixels = v.height() * v.width();
    return Arrays.copyOfRange(volume, key.slice() * pixels, (key.slice() + 1) * pixels);
  }

  /** Draws the phantom's scribble of a slice and tells a model. */
  synchronized void draw(SliceKey key, ActiveModel model) {
    draw(key, plane(volumes.get(key.scan()).scribble(), key), model);
  }

  synchronized void draw(SliceKey key, byte[] scribble, ActiveModel model) {
    scribbles.put(key, scribble);
    int[] index =
        IntStream.range(0, scribble.length)
            .filter(i -> scribble[i] != labels.unlabelled())
            .toArray();
    byte[] to = new byte[index.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = scribble[index[i]];
    }
    model.changed(key, index, to);
  }

  synchronized void skip(SliceKey key) {
    skipped.add(key);
  }

  List<SliceKey> keys() {
    List<SliceKey> keys = new ArrayList<>();
    for (int s = 0; s < volumes.size(); s++) {
      for (int z = 0; z < volumes.get(s).depth(); z++) {
        keys.add(new SliceKey(s, 0, z));
      }
    }
    return keys;
  }

  /** Mean Dice of the foreground over all voxels, of predictions at the scans' size. */
  double dice(ActiveModel model) {
    int pixels = plane(volumes.get(0).label(), new SliceKey(0, 0, 0)).length;
    byte[] truth = new byte[keys().size() * pixels];
    byte[] found = new byte[truth.length];
    int at = 0;
    for (SliceKey key : keys()) {
      System.arraycopy(plane(volumes.get(key.scan()).label(), key), 0, truth, at, pixels);
      byte[] classes = model.prediction(key).orElseThrow().classes();
      System.arraycopy(classes, 0, found, at, pixels);
      at += pixels;
    }
    return IntStream.range(1, 4).mapToDouble(c -> Dice.of(found, truth, c)).average().orElseThrow();
  }

  @Override
  public Labels labels() {
    return labels;
  }

  @Override
  public List<ActiveScan> scans() {
    List<ActiveScan> scans = new ArrayList<>();
    for (int s = 0; s < volumes.size(); s++) {
      Volume v = volumes.get(s);
      scans.add(
          new ActiveScan(
              v.name(),
              "P" + s,
              heldOut.contains(s),
              1,
              v.depth(),
              v.height(),
              v.width(),
              v.spacing(),
              true));
    }
    return scans;
  }

  @Override
  public float[] image(SliceKey key) {
    Volume v = volumes.get(key.scan());
    int pixels = v.height() * v.width();
    return Arrays.copyOfRange(v.image(), key.slice() * pixels, (key.slice() + 1) * pixels);
  }

  @Override
  public synchronized byte[] scribble(SliceKey key) {
    byte[] scribble = scribbles.get(key);
    return scribble == null ? null : scribble.clone();
  }

  @Override
  public synchronized Set<SliceKey> drawn() {
    return Set.copyOf(scribbles.keySet());
  }

  @Override
  public synchronized Set<SliceKey> skipped() {
    return Set.copyOf(skipped);
  }
}
