package tangram.pclmix.active;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import tangram.nn.training.DivergenceException;
import tangram.pclmix.active.ActiveModel.ClassAgreement;
import tangram.pclmix.active.ActiveModel.Listener;
import tangram.pclmix.data.Labels;
import tangram.tensor.Device;

/**
 * What the trainer's thread does with the network: rounds, predictions, comparisons. For that
 * thread alone, but for what it is given.
 */
final class ActiveWork {
  /** Agreement that a round may cost. */
  private static final double WORSE = 0.05;

  /** Slices by which models and decoders are compared. */
  private static final int SAMPLE = 32;

  private final Device device;
  private final ActiveOptions options;
  private final ActiveData data;
  private final Labels labels;
  private final ModelFiles files;
  private final Strokes strokes;
  private final Predictions predictions;
  private final Listener listener;
  private final NextSlices next;

  /** Hash codes of the scribbles of the last round. */
  private final Map<SliceKey, Integer> learnt = new HashMap<>();

  private final Set<Integer> unreadable = new HashSet<>();
  private ActiveNetwork network;
  private Frames frames;
  private int model;

  /** Opens the model in use. */
  ActiveWork(
      Device device,
      ActiveOptions options,
      ActiveData data,
      ModelFiles files,
      Strokes strokes,
      Predictions predictions,
      Listener listener) {
    this.device = device;
    this.options = options;
    this.data = data;
    this.labels = data.labels();
    this.files = files;
    this.strokes = strokes;
    this.predictions = predictions;
    this.listener = listener;
    open(files.current());
    this.next = new NextSlices(data, network.config().seed());
  }

  /** Reads a model; but for its weights all that learning carries from step to step begins anew. */
  void open(int number) {
    network =
        number == 0
            ? ActiveNetwork.start(device, options, labels)
            : ActiveNetwork.kept(device, options, labels, files.file(number));
    frames = new Frames(data, network.framing());
    learnt.clear();
    model = number;
  }

  /** What the weights began as. */
  String start() {
    return network.start();
  }

  /** The number of slices that the model was trained on when it was opened. */
  int slices() {
    return network.slices();
  }

  int model() {
    return model;
  }

  NextSlices next() {
    return next;
  }

  /** The slices among which the next is chosen. */
  List<SliceKey> pool() {
    return readable(next.pool());
  }

  /** The slices of a frame. */
  List<SliceKey> volume(int scan, int frame) {
    ActiveScan s = data.scans().get(scan);
    SliceKey[] keys = new SliceKey[s.depth()];
    Arrays.setAll(keys, z -> new SliceKey(scan, frame, z));
    return readable(List.of(keys));
  }

  /** Those slices whose scans can be read. */
  List<SliceKey> readable(List<SliceKey> keys) {
    List<ActiveScan> scans = data.scans();
    return keys.stream()
        .filter(key -> scans.get(key.scan()).usable() && !unreadable.contains(key.scan()))
        .toList();
  }

  /** Predicts those of some slices that the model in use did not predict. */
  void predict(Collection<SliceKey> keys) {
    try {
      predictions.make(network, frames, model, keys, listener::predicted);
    } catch (RuntimeException e) {
      // One sentence a scan; the others are predicted.
      keys.forEach(key -> unreadable.add(key.scan()));
      listener.failed(ActiveTrainer.sentence(e));
    }
  }

  /** The prediction of a slice by the model in use. */
  private SlicePrediction prediction(SliceKey key) {
    predictions.make(network, frames, model, List.of(key), listener::predicted);
    return predictions.of(key).orElseThrow();
  }

  /** How far the model agrees with strokes that it was not trained on. */
  List<ClassAgreement> test(Map<SliceKey, byte[]> fresh) {
    return strokes.agreement(List.of(fresh), this::prediction).classes();
  }

  /** How far the model agrees with scribbles of patients that never train. */
  List<ClassAgreement> heldOut() {
    Agreement all = new Agreement(labels);
    drawn(ActiveScan::heldOut)
        .forEach(
            (key, scribble) -> {
              ActiveScan scan = data.scans().get(key.scan());
              all.add(scribble, scan.height(), scan.width(), prediction(key));
            });
    return all.classes();
  }

  private SortedMap<SliceKey, byte[]> drawn(Predicate<ActiveScan> which) {
    List<ActiveScan> scans = data.scans();
    SortedMap<SliceKey, byte[]> drawn = new TreeMap<>();
    for (SliceKey key : data.drawn()) {
      ActiveScan scan = scans.get(key.scan());
      byte[] scribble = scan.usable() && which.test(scan) ? data.scribble(key) : null;
      if (scribble != null) {
        drawn.put(key, scribble);
      }
    }
    return drawn;
  }

  /** Is asked between the steps of a round. */
  interface Steps {
    /** Whether to do another step. */
    boolean goOn();

    /** A step is done. */
    void done(double loss);
  }

  /**
   * What became of a round.
   *
   * @param steps that were done; with none nothing has happened
   * @param slices that were trained on
   * @param test agreement with the newest strokes before it
   * @param changed part of the voxels of some slices whose class it changed; NaN if undone
   * @param decoders mean Dice of the two decoders over these; NaN if undone or there is one
   * @param note a sentence, or null
   */
  record Outcome(
      int steps,
      int slices,
      List<ClassAgreement> test,
      boolean undone,
      double changed,
      double decoders,
      String note) {}

  /**
   * Does a round; the strokes that it begins with are those of {@link Strokes#begin}.
   *
   * @param view the slice that is predicted first after it, or null
   * @throws RuntimeException if data cannot be read or learnt from, or the model not be written
   */
  Outcome round(int steps, SliceKey view, Steps listening) {
    long start = System.nanoTime();
    int number = files.lastRound() + 1;
    SortedMap<SliceKey, byte[]> scribbles = drawn(scan -> !scan.heldOut());
    Set<SliceKey> different = new HashSet<>();
    scribbles.forEach(
        (key, scribble) -> {
          if (!Integer.valueOf(Arrays.hashCode(scribble)).equals(learnt.get(key))) {
            different.add(key);
          }
        });
    Round round =
        new Round(network, frames, scribbles, different, number, steps, options.learningRate());
    List<Map<SliceKey, byte[]>> judges = strokes.recent();
    List<ClassAgreement> test = test(judges.get(0));
    double before = strokes.agreement(judges, this::prediction).mean();
    Map<SliceKey, SlicePrediction> sample = new TreeMap<>();
    sample().forEach(key -> sample.put(key, prediction(key)));
    int done = 0;
    String problem = null;
    try {
      while (done < steps && listening.goOn()) {
        double loss = round.step(done);
        done++;
        listening.done(loss);
      }
    } catch (DivergenceException e) {
      problem =
          "The round was undone, since its loss became no finite number; check the scribbles and"
              + " the scans.";
    }
    if (done == 0 && problem == null) {
      return new Outcome(0, scribbles.size(), test, false, Double.NaN, Double.NaN, null);
    }
    network.settle();
    problem = problem == null ? worse(before, judges) : problem;
    double seconds = (System.nanoTime() - start) * 1e-9;
    boolean undone = problem != null;
    files.append(number, scribbles.size(), done, seconds, undone, labels, test);
    if (undone) {
      open(model);
      return new Outcome(done, scribbles.size(), test, true, Double.NaN, Double.NaN, problem);
    }
    network.save(files.file(number), scribbles.size());
    files.use(number);
    files.prune(number);
    network.serve();
    model = number;
    scribbles.forEach((key, scribble) -> learnt.put(key, Arrays.hashCode(scribble)));
    predict(view == null ? List.of() : readable(List.of(view)));
    Map<SliceKey, SlicePrediction> now = new TreeMap<>();
    sample.keySet().forEach(key -> now.put(key, prediction(key)));
    int classes = labels.count();
    double decoders =
        network.hasSecond()
            ? new Comparison(
                    classes,
                    now,
                    Predictions.look(frames, now.keySet(), network::lookSecond, model))
                .dice()
            : Double.NaN;
    return new Outcome(
        done,
        scribbles.size(),
        test,
        false,
        new Comparison(classes, sample, now).different(),
        decoders,
        round.doubts().isEmpty() ? null : round.doubts().get(0));
  }

  /** What is to be said if the round made things worse, or null. */
  private String worse(double before, List<Map<SliceKey, byte[]>> judges) {
    Set<SliceKey> keys = new TreeSet<>();
    judges.forEach(round -> keys.addAll(round.keySet()));
    Map<SliceKey, SlicePrediction> now =
        Predictions.look(frames, keys, network::lookTrained, model);
    double after = strokes.agreement(judges, now::get).mean();
    return after < before - WORSE
        ? String.format(
            Locale.ROOT,
            "The round was undone, since agreement with the latest strokes fell from %.0f%% to"
                + " %.0f%%; check these strokes.",
            100 * before,
            100 * after)
        : null;
  }

  /** Some of the slices among which the next is chosen, evenly spaced. */
  private Collection<SliceKey> sample() {
    List<SliceKey> pool = pool();
    int count = Math.min(SAMPLE, pool.size());
    Set<SliceKey> sample = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      sample.add(pool.get((int) ((long) i * pool.size() / count)));
    }
    return sample;
  }
}
