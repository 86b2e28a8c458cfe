package tangram.pclmix.active;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import tangram.pclmix.data.Labels;

/**
 * What was drawn since the last round, and before the rounds before: what predictions are compared
 * with that were made before they were trained on it. For any thread.
 */
final class Strokes {
  /** Rounds whose strokes count, the one under way included. */
  private static final int ROUNDS = 3;

  private final ActiveData data;
  private final Labels labels;
  private Map<SliceKey, byte[]> fresh = new HashMap<>();

  /** The newest first. */
  private final Deque<Map<SliceKey, byte[]>> before = new ArrayDeque<>();

  Strokes(ActiveData data) {
    this.data = data;
    this.labels = data.labels();
  }

  /** Adds voxels. */
  void add(SliceKey key, int[] index, byte[] to) {
    // The session is asked outside of the lock, since it may hold one of its own.
    ActiveScan scan = data.scans().get(key.scan());
    byte[] empty = new byte[scan.height() * scan.width()];
    Arrays.fill(empty, labels.unlabelled());
    synchronized (this) {
      byte[] voxels = fresh.computeIfAbsent(key, k -> empty);
      for (int i = 0; i < index.length; i++) {
        voxels[index[i]] = to[i];
      }
    }
  }

  /** What was drawn since the last round. */
  synchronized Map<SliceKey, byte[]> fresh() {
    Map<SliceKey, byte[]> copy = new TreeMap<>();
    fresh.forEach((key, voxels) -> copy.put(key, voxels.clone()));
    return copy;
  }

  /** Begins a round: what is fresh becomes its strokes, which are not written any more. */
  synchronized void begin() {
    before.addFirst(fresh);
    fresh = new HashMap<>();
    while (before.size() > ROUNDS) {
      before.removeLast();
    }
  }

  /** Takes a beginning back: its strokes are fresh again. */
  synchronized void cancel() {
    Map<SliceKey, byte[]> later = fresh;
    fresh = before.removeFirst();
    later.forEach(
        (key, voxels) -> {
          byte[] known = fresh.putIfAbsent(key, voxels);
          for (int i = 0; known != null && i < voxels.length; i++) {
            known[i] = voxels[i] == labels.unlabelled() ? known[i] : voxels[i];
          }
        });
  }

  /** The strokes of the latest rounds, the newest first. */
  synchronized List<Map<SliceKey, byte[]>> recent() {
    return List.copyOf(before);
  }

  /**
   * How far predictions agree with strokes, as far as these were not drawn over or erased.
   *
   * @param predictions of all their slices
   */
  Agreement agreement(
      List<Map<SliceKey, byte[]>> strokes, Function<SliceKey, SlicePrediction> predictions) {
    Agreement agreement = new Agreement(labels);
    for (Map<SliceKey, byte[]> some : strokes) {
      some.forEach(
          (key, voxels) -> {
            ActiveScan scan = data.scans().get(key.scan());
            byte[] now = data.scribble(key);
            byte[] left = new byte[voxels.length];
            for (int i = 0; i < left.length; i++) {
              left[i] = now != null && now[i] == voxels[i] ? voxels[i] : labels.unlabelled();
            }
            agreement.add(left, scan.height(), scan.width(), predictions.apply(key));
          });
    }
    return agreement;
  }
}
