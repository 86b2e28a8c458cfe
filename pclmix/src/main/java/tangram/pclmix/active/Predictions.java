package tangram.pclmix.active;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import tangram.pclmix.data.Volume;
import tangram.pclmix.network.Segmenter;

/** The latest predictions of a session's slices. One thread makes them, any thread reads them. */
final class Predictions {
  /** Slices that are predicted before other orders are looked for. */
  private static final int TOGETHER = 8;

  private record Predicted(SlicePrediction prediction, NextSlices.Score score) {}

  private final Map<SliceKey, Predicted> latest = new ConcurrentHashMap<>();

  Optional<SlicePrediction> of(SliceKey key) {
    return Optional.ofNullable(latest.get(key)).map(Predicted::prediction);
  }

  /** A slice's score, or null. */
  NextSlices.Score score(SliceKey key) {
    Predicted predicted = latest.get(key);
    return predicted == null ? null : predicted.score();
  }

  /** Whether a slice was predicted by that model. */
  boolean isBy(int model, SliceKey key) {
    Predicted predicted = latest.get(key);
    return predicted != null && predicted.prediction().model() == model;
  }

  /** The first of some slices that that model did not predict, and others of the same frame. */
  List<SliceKey> stale(int model, Collection<SliceKey> keys) {
    List<SliceKey> stale = new ArrayList<>();
    for (SliceKey key : keys) {
      if (stale.size() < TOGETHER
          && !isBy(model, key)
          && (stale.isEmpty() || isSameFrame(key, stale.get(0)))) {
        stale.add(key);
      }
    }
    return stale;
  }

  private static boolean isSameFrame(SliceKey a, SliceKey b) {
    return a.scan() == b.scan() && a.frame() == b.frame();
  }

  /** Predicts those of some slices that the model did not predict. */
  void make(
      ActiveNetwork network,
      Frames frames,
      int model,
      Collection<SliceKey> keys,
      Consumer<SliceKey> told) {
    List<SliceKey> stale = keys.stream().filter(key -> !isBy(model, key)).toList();
    look(frames, stale, network::look, model)
        .forEach(
            (key, prediction) -> {
              latest.put(key, new Predicted(prediction, NextSlices.Score.of(prediction)));
              told.accept(key);
            });
  }

  /** What somebody makes of slices. */
  static Map<SliceKey, SlicePrediction> look(
      Frames frames,
      Collection<SliceKey> keys,
      Function<Volume, Segmenter.Look> network,
      int model) {
    Map<SliceKey, SlicePrediction> made = new TreeMap<>();
    List<SliceKey> together = new ArrayList<>();
    for (SliceKey key : keys.stream().sorted().toList()) {
      if (!together.isEmpty() && !isSameFrame(key, together.get(0))) {
        put(together, network.apply(frames.slices(together)), model, made);
        together.clear();
      }
      together.add(key);
    }
    if (!together.isEmpty()) {
      put(together, network.apply(frames.slices(together)), model, made);
    }
    return made;
  }

  private static void put(
      List<SliceKey> keys, Segmenter.Look look, int model, Map<SliceKey, SlicePrediction> made) {
    int pixels = look.height() * look.width();
    for (int i = 0; i < keys.size(); i++) {
      byte[] entropy = new byte[pixels];
      for (int p = 0; p < pixels; p++) {
        float h = Math.min(1, Math.max(0, look.entropy()[i * pixels + p]));
        entropy[p] = (byte) Math.round(h * 255);
      }
      byte[] classes = Arrays.copyOfRange(look.classes(), i * pixels, (i + 1) * pixels);
      made.put(
          keys.get(i), new SlicePrediction(model, look.height(), look.width(), classes, entropy));
    }
  }
}
