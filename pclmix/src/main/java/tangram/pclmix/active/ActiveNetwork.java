package tangram.pclmix.active;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import tangram.nn.ExponentialMovingAverage;
import tangram.nn.FileFormatException;
import tangram.nn.Layer;
import tangram.nn.SafeTensors;
import tangram.nn.Weights;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Framing;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Volume;
import tangram.pclmix.method.Learner;
import tangram.pclmix.network.Segmenter;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.training.Batch;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.SettingException;
import tangram.pclmix.training.StartWeights;
import tangram.pclmix.training.TrainedModel;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingStep;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * The networks of a session: the learner that trains, and a copy of its weights as the last good
 * round left them, which predicts. For one thread.
 */
final class ActiveNetwork {
  /** Weights of the preset tiny, trained on generated hearts (tools/annotate-start). */
  private static final String PHANTOMS = "phantoms.safetensors";

  /**
   * A session has no end, so it counts as the middle of a training of a million steps: ramps and
   * thresholds are as they are there.
   */
  private static final int ITERATIONS = 1_000_000;

  private static final int FIRST = ITERATIONS / 2;

  /** The most rounds whose weights are averaged to predict with. */
  private static final int MOST_ROUNDS = 3;

  /** The number of slices that a file's network was trained on, among its metadata. */
  private static final String SLICES = "slices";

  private static final String START = "start";

  private final Device device;
  private final TrainingConfig config;

  /** With a length that has no end, for schedules. */
  private final TrainingConfig endless;

  private final String start;
  private final int slices;
  private final Learner learner;
  private final Layer served;
  private final Segmenter segmenter;
  private final Segmenter trained;
  private final Map<String, Tensor> means = new LinkedHashMap<>();
  private final ExponentialMovingAverage average;
  private TrainingStep step;

  /** Steps that the mean of the weights is of. */
  private int averaged;

  /** What the latest rounds left; that of the round {@code rounds} is at its remainder. */
  private final List<Map<String, Tensor>> left = new ArrayList<>();

  private int rounds;

  /** Whether the learner has the weights that predict, and not those to train on from. */
  private boolean settled;

  private ActiveNetwork(Device device, TrainingConfig config, String start, int slices) {
    if (config.method().isDense() || config.method().keepsSlices()) {
      throw new SettingException(
          "--method "
              + config.method().key()
              + " cannot learn while somebody draws; choose another, such as pclmix or pce.");
    }
    this.device = device;
    this.config = config;
    this.endless = config.with(Map.of(Setting.ITERATIONS, Integer.toString(ITERATIONS)));
    this.start = start;
    this.slices = slices;
    this.learner = config.method().learner(device, endless, null);
    try (Scope persistent = Scope.detached()) {
      this.served = config.method().predictor(device, config);
      means.putAll(zeros());
      for (int i = 0; i < MOST_ROUNDS; i++) {
        left.add(zeros());
      }
    }
    this.average = new ExponentialMovingAverage(device, means, learner.network().state());
    served.train(false);
    this.segmenter = segmenter(served);
    this.trained = segmenter(learner.predictor());
  }

  /** Tensors like those of the network. */
  private Map<String, Tensor> zeros() {
    Map<String, Tensor> zeros = new LinkedHashMap<>();
    learner
        .network()
        .state()
        .forEach((name, t) -> zeros.put(name, device.full(0, t.type(), t.shape())));
    return zeros;
  }

  private Segmenter segmenter(Layer network) {
    return new Segmenter(device, network, config.labels(), config.framing(), config.segmentation());
  }

  /**
   * The network that a session starts with.
   *
   * @throws FileFormatException if the file of weights is none or does not fit
   */
  static ActiveNetwork start(Device device, ActiveOptions options, Labels labels) {
    if (options.random() != null) {
      TrainingConfig base = TrainingConfig.of(options.random(), options.settings());
      return serving(new ActiveNetwork(device, session(base, options, labels), "random", 0));
    }
    if (options.model().isPresent()) {
      Path file = options.model().get();
      return read(device, options, labels, file, "file " + file.getFileName(), false);
    }
    Path copy = null;
    try (InputStream resource = ActiveNetwork.class.getResourceAsStream(PHANTOMS)) {
      // Weights are read from files.
      copy = Files.createTempFile("phantoms", ".safetensors");
      Files.write(copy, resource.readAllBytes());
      return read(device, options, labels, copy, "phantoms", false);
    } catch (IOException e) {
      throw new FileFormatException(
          "The weights to start from cannot be copied to a temporary file ("
              + e.getMessage()
              + "); free some space there.",
          e);
    } finally {
      delete(copy);
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.delete(file);
      }
    } catch (IOException e) {
      // It lies where the system removes files.
      file.toFile().deleteOnExit();
    }
  }

  /** A model that a round left. */
  static ActiveNetwork kept(Device device, ActiveOptions options, Labels labels, Path file) {
    return read(device, options, labels, file, null, true);
  }

  private static ActiveNetwork read(
      Device device, ActiveOptions options, Labels labels, Path file, String start, boolean own) {
    try (SafeTensors tensors = SafeTensors.read(file)) {
      TrainingConfig base = StartWeights.settings(tensors);
      Labels before = base.labels();
      // Classes of one's own session may be renamed and added; others are the same by their names.
      IntUnaryOperator row =
          own ? c -> c < before.count() ? c : -1 : c -> before.find(labels.name(c)).orElse(-1);
      int[] rows = IntStream.range(0, labels.count()).map(row).toArray();
      Map<String, String> notes = tensors.metadata();
      ActiveNetwork network =
          new ActiveNetwork(
              device,
              session(base, options, labels),
              start == null ? notes.getOrDefault(START, "file " + file.getFileName()) : start,
              own ? Integer.parseInt(notes.getOrDefault(SLICES, "0")) : 0);
      StartWeights.load(network.learner, tensors, rows);
      return serving(network);
    }
  }

  private static ActiveNetwork serving(ActiveNetwork network) {
    network.serve();
    return network;
  }

  /**
   * A run's settings for a session. What assumes that every structure of a slice is scribbled is
   * off, since strokes come one by one.
   */
  private static TrainingConfig session(TrainingConfig base, ActiveOptions options, Labels labels) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.DATA, TrainingConfig.REMOVED);
    settings.put(Setting.ENCODER_WEIGHTS, TrainingConfig.NONE);
    settings.put(Setting.SPACING_FILE, TrainingConfig.NONE);
    settings.put(Setting.CLASSES, labels.format());
    settings.put(Setting.ABSENT_WEIGHT, "0");
    settings.put(Setting.FAR_BACKGROUND, TrainingConfig.NONE);
    settings.put(Setting.EVALUATE_WEIGHTS, "trained");
    settings.putAll(options.settings());
    String components = settings.getOrDefault(Setting.COMPONENTS, base.get(Setting.COMPONENTS));
    for (ComponentFilter filter : ComponentFilter.values()) {
      if (filter.name().equalsIgnoreCase(components)
          && !labels.foreground().containsAll(filter.needed())) {
        settings.put(Setting.COMPONENTS, TrainingConfig.NONE);
      }
    }
    return base.with(settings);
  }

  TrainingConfig config() {
    return config;
  }

  Framing framing() {
    return config.framing();
  }

  /** What the weights began as. */
  String start() {
    return start;
  }

  /** The number of slices that it was trained on when it was read. */
  int slices() {
    return slices;
  }

  /** Slices as the method wants them. */
  Dataset prepare(Dataset data) {
    return config.method().prepare(data, endless);
  }

  /**
   * Batches of slices.
   *
   * @param order of a step of the session, counted from 0
   */
  Batch batch(Dataset data, LongFunction<int[]> order) {
    return new Batch(data, endless, s -> order.apply(s - FIRST));
  }

  /**
   * Does a step.
   *
   * @param number of the step in the session, counted from 0
   */
  StepLosses train(Dataset data, Batch batch, int number, double rate) {
    if (step == null) {
      step = new TrainingStep(device, endless, learner, data.mapNames());
    }
    if (settled) {
      copy(left.get(rounds % MOST_ROUNDS), learner.network().state());
      settled = false;
    }
    learner.network().train(true);
    return step.run(batch, FIRST + number, rate);
  }

  /** Takes the weights as they are into the mean of the round. */
  void average() {
    averaged++;
    average.update(1 - 1.0 / averaged);
  }

  /**
   * Ends a round. The network gets the mean of what the last rounds left: of those of the later
   * half of the session, three at most, since rounds of a few steps scatter. The next step trains
   * on from what this round left alone.
   */
  void settle() {
    if (averaged == 0) {
      average();
    }
    averaged = 0;
    rounds++;
    copy(means, left.get(rounds % MOST_ROUNDS));
    int count = Math.min(MOST_ROUNDS, (rounds + 1) / 2);
    for (int i = 0; i < count; i++) {
      copy(left.get((rounds - i) % MOST_ROUNDS), learner.network().state());
      average();
    }
    copy(means, learner.network().state());
    averaged = 0;
    settled = true;
  }

  private static void copy(Map<String, Tensor> from, Map<String, Tensor> to) {
    to.forEach((name, tensor) -> tensor.copyFrom(from.get(name)));
  }

  /** Makes the weights that trained the weights that predict. */
  void serve() {
    copy(learner.predictor().state(), served.state());
  }

  /** What the weights that predict make of slices. */
  Segmenter.Look look(Volume volume) {
    return segmenter.look(volume);
  }

  /** What the weights that train make of slices. */
  Segmenter.Look lookTrained(Volume volume) {
    learner.network().train(false);
    return trained.look(volume);
  }

  /** Whether there is a second decoder. */
  boolean hasSecond() {
    return learner.network() instanceof TwoViewNetwork;
  }

  /** What the second decoder of the weights that train makes of slices. */
  Segmenter.Look lookSecond(Volume volume) {
    learner.network().train(false);
    TwoViewNetwork two = (TwoViewNetwork) learner.network();
    return trained.look(volume, x -> two.forward(x, false).auxiliaryLogits());
  }

  /** Writes all weights, to predict with or to train on from. */
  void save(Path file, int trainedOn) {
    Map<String, String> notes = new HashMap<>();
    notes.put(TrainedModel.CONFIG, config.format());
    notes.put(START, start);
    notes.put(SLICES, Integer.toString(trainedOn));
    Weights.save(learner.network(), file, notes);
  }
}
