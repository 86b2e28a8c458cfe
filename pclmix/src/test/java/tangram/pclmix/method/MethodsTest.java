package tangram.pclmix.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.nn.Checkpoint;
import tangram.nn.SafeTensors;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Slice;
import tangram.pclmix.label.RandomWalker;
import tangram.pclmix.label.RunningMeans;
import tangram.pclmix.objective.HardLabels;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.Overlap;
import tangram.pclmix.objective.Ramp;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.Trainer;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;
import tangram.pclmix.training.TrainingListener;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** What holds of every method. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MethodsTest {
  private static final int SIZE = 32;
  private static final int BATCH = 2;

  private final Device device = Devices.get("vector");
  @TempDir private Path folder;

  static List<Method> methods() {
    return Methods.all();
  }

  static TrainingConfig config(Method method) {
    return TrainingConfig.of(
        Preset.TINY,
        Map.ofEntries(
            Map.entry(Setting.METHOD, method.key()),
            Map.entry(Setting.IMAGE_SIZE, Integer.toString(SIZE)),
            Map.entry(Setting.BATCH, Integer.toString(BATCH)),
            Map.entry(Setting.ENCODER_WIDTH, "8"),
            Map.entry(Setting.UNET_CHANNELS, "16,16,8,8,8"),
            Map.entry(Setting.SWIN_DIM, "12"),
            Map.entry(Setting.EMBEDDING_DIM, "16"),
            Map.entry(Setting.ITERATIONS, "10"),
            // Labels of running means from the third step on.
            Map.entry(Setting.S2L_PERIOD, "2"),
            Map.entry(Setting.S2L_CONFIDENCE, "0.1"),
            Map.entry(Setting.PHANTOM_PATIENTS, "1")));
  }

  private static Dataset slices() {
    return new Dataset(PhantomData.trainingSlices(SIZE, 0, 1), SIZE);
  }

  private static Dataset prepared(Method method) {
    return method.prepare(slices(), config(method));
  }

  private Learner learner(Method method) {
    Learner learner = method.learner(device, config(method), prepared(method));
    learner.network().train(true);
    return learner;
  }

  /** A batch of noise, scribbled and mapped at random. */
  private StepInput input(Method method) {
    CounterRandom random = new CounterRandom(5, 0, 0, 0);
    float[] images = new float[BATCH * SIZE * SIZE];
    int[] scribbles = new int[images.length];
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
      scribbles[i] = random.nextInt(5);
    }
    float[] mask = new float[images.length];
    List<String> maps = prepared(method).mapNames();
    StepInput input = new StepInput(device, BATCH, SIZE, maps);
    input.load(images, scribbles, mask, mask, 3, 0);
    for (String map : maps) {
      int[] labels = new int[scribbles.length];
      Arrays.setAll(labels, i -> random.nextInt(Labels.HEART.unlabelled() + 1));
      input.loadMap(map, labels);
    }
    return input;
  }

  /** Every step reports what the method names, in its order. */
  @ParameterizedTest
  @MethodSource("methods")
  void reportsItsLosses(Method method) {
    Learner learner = learner(method);
    StepLosses losses = learner.step(input(method), 0);
    assertEquals(List.copyOf(method.losses().keySet()), List.copyOf(losses.values().keySet()));
    assertTrue(Double.isFinite(losses.total()) && losses.total() > 0);
  }

  /** What the optimiser trains has a gradient after some steps. */
  @ParameterizedTest
  @MethodSource("methods")
  void everyParameterLearns(Method method) {
    Learner learner = learner(method);
    StepInput input = input(method);
    for (int step = 0; step < 3; step++) {
      learner.step(input, step);
      learner.updated(step);
    }
    Set<String> still = new TreeSet<>();
    learner
        .parameters()
        .forEach(
            (name, p) -> {
              for (double g : p.grad() == null ? new double[1] : p.grad().toDoubles()) {
                if (g != 0) {
                  return;
                }
              }
              still.add(name);
            });
    assertEquals(Set.of(), still);
  }

  /** Weights that predict are found by every command under these names. */
  @ParameterizedTest
  @MethodSource("methods")
  void theNetworkThatPredictsIsEncoderAndDecoder(Method method) {
    Learner learner = learner(method);
    Map<String, Tensor> all = learner.network().state();
    learner
        .segmentation()
        .state()
        .forEach((name, tensor) -> assertEquals(tensor, all.get(name), name));
    assertTrue(learner.segmentation().state().keySet().stream().allMatch(all::containsKey));
    assertFalse(learner.started().isEmpty());
  }

  /** Stopped after some steps and continued, a run ends with the bits of one that was not. */
  @ParameterizedTest
  @MethodSource("methods")
  void resumesWithTheSameBits(Method method) {
    resumesWithTheSameBits(config(method), method.key());
  }

  /** All that is off in the paper is on: windows, what scribbles imply, averaged weights. */
  @ParameterizedTest
  @MethodSource("methods")
  void resumesWithAllOptions(Method method) {
    Map<Setting, String> options = new EnumMap<>(Setting.class);
    options.put(Setting.RESAMPLE, "9");
    options.put(Setting.CROP_JITTER, "3");
    options.put(Setting.FAR_WINDOWS, "0.3");
    options.put(Setting.CLASS_BALANCE, "true");
    options.put(Setting.FAR_BACKGROUND, "20");
    options.put(Setting.ABSENT_WEIGHT, "0.3");
    options.put(Setting.EVALUATE_WEIGHTS, "ema");
    options.put(Setting.SCALE_AUGMENTATION, "true");
    options.put(Setting.INTENSITY_AUGMENTATION, "true");
    options.keySet().removeIf(setting -> !setting.hasEffect(method.key()));
    Map<String, byte[]> all =
        resumesWithTheSameBits(config(method).with(options), "options-" + method.key());
    String name = "decoder.blocks.0.conv1.weight";
    assertFalse(Arrays.equals(all.get("extra.average." + name), all.get("model." + name)));
  }

  private Map<String, byte[]> resumesWithTheSameBits(TrainingConfig config, String name) {
    Map<String, byte[]> undisturbed = train(config, "undisturbed-" + name, 7);
    train(config, "stopped-" + name, 4);
    Map<String, byte[]> resumed = train(config, "stopped-" + name, 7);
    assertEquals(undisturbed.keySet(), resumed.keySet());
    undisturbed.forEach((tensor, bytes) -> assertArrayEquals(bytes, resumed.get(tensor), tensor));
    return resumed;
  }

  /** Trains until a step; returns the bytes of all that the checkpoint holds. */
  private Map<String, byte[]> train(TrainingConfig config, String name, int until) {
    TrainingData data = TrainingData.load(config, new Notices());
    data = new TrainingData(data.training(), data.validation().subList(0, 1), List.of());
    Path place = folder.resolve(name);
    boolean begun = RunFolder.exists(place);
    try (Scope all = Scope.open();
        RunFolder run = begun ? RunFolder.resume(place) : RunFolder.create(place, config, data)) {
      Learner learner = config.method().learner(device, config, data.training());
      Trainer[] trainer = new Trainer[1];
      trainer[0] =
          new Trainer(
              device,
              config,
              learner,
              data,
              run,
              new Listener(
                  step -> {
                    if (step == until) {
                      trainer[0].requestStop();
                    }
                  }));
      if (begun) {
        assertEquals(List.of(), trainer[0].resume());
      }
      trainer[0].run();
    }
    Map<String, byte[]> values = new TreeMap<>();
    try (Checkpoint checkpoint = Checkpoint.latest(place).checkpoint()) {
      SafeTensors tensors = checkpoint.tensors();
      assertEquals(until, checkpoint.step());
      for (String tensor : tensors.names()) {
        values.put(tensor, bytes(tensors, tensor));
      }
    }
    return values;
  }

  private static byte[] bytes(SafeTensors tensors, String name) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * tensors.shape(name).size());
    if (tensors.isReal(name)) {
      bytes.asFloatBuffer().put(tensors.floats(name));
    } else {
      bytes.asIntBuffer().put(tensors.ints(name));
    }
    return bytes.array();
  }

  private record Listener(IntConsumer afterStep) implements TrainingListener {
    @Override
    public void step(int step, StepLosses losses, double learningRate, double seconds) {
      afterStep.accept(step);
    }
  }

  /** Sigmoid ramps and the teacher's agreement against numbers worked out by hand. */
  @Test
  void ramps() {
    double[] expected = {.0067, .0601, .2865, .7316, 1};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], Ramp.sigmoid(.25 * i, 1), 5e-5);
    }
    assertEquals(1, Ramp.sigmoid(7, 3));
  }

  @Test
  void agreementWithTheTeacher() {
    Device exact = Devices.get("reference");
    Tensor p = exact.tensor(new double[] {.7, .1, .1, .1}, 1, 4, 1, 1);
    Tensor q = exact.full(.25, 1, 4, 1, 1);
    Tensor one = exact.full(1, 1, 1, 1, 1);
    assertEquals(.135, Ustm.consistency(p, q, one).toDoubles()[0], 1e-9);
    assertEquals(0, Ustm.consistency(p, q, exact.full(0, 1, 1, 1, 1)).toDoubles()[0]);
    assertEquals(.940444, Ustm.entropy(p).toDoubles()[0], 1e-6);
    assertEquals(1.386290, Ustm.entropy(q).toDoubles()[0], 1e-6);
  }

  @Test
  void mixturesOfTwoPredictions() {
    Device exact = Devices.get("reference");
    Tensor p1 =
        exact.tensor(
            new double[] {.7, .6, .4, .1, .1, .2, .2, .1, .1, .1, .1, .1, .1, .1, .3, .7},
            1,
            4,
            2,
            2);
    Tensor p2 =
        exact.tensor(
            new double[] {.2, .6, .2, .1, .6, .2, .1, .1, .1, .1, .1, .1, .1, .1, .6, .7},
            1,
            4,
            2,
            2);
    int[][] expected = {{1, 0, 3, 3}, {0, 0, 3, 3}, {0, 0, 0, 3}};
    double[] beta = {.1, .5, .9};
    for (int i = 0; i < beta.length; i++) {
      assertArrayEquals(expected[i], HardLabels.ofMixture(p1, p2, exact.scalar(beta[i])).toInts());
    }
    assertArrayEquals(new int[] {0, 0, 4, 3}, HardLabels.confident(p1, .5).toInts());
  }

  /** Labels are those of random walks; the user's scribbles stay to be shown. */
  @Test
  void randomWalksLabelOnce() {
    Method method = Methods.of("rw").orElseThrow();
    Dataset before = slices();
    Dataset after = prepared(method);
    RandomWalker walker = new RandomWalker(100, RandomWalker.TOLERANCE);
    for (int i = 0; i < before.size(); i++) {
      Slice s = before.slice(i);
      assertArrayEquals(s.scribble(), after.slice(i).scribble());
      assertArrayEquals(
          walker.labels(s.image(), s.scribble(), Labels.HEART.count(), SIZE, SIZE),
          after.slice(i).maps().get(0).values());
      assertEquals(Labels.HEART.unlabelled(), after.slice(i).maps().get(0).fill());
    }
    Learner learner = learner(method);
    StepInput input = input(method);
    StepLosses losses = learner.step(input, 0);
    assertEquals((losses.value("sup") + losses.value("dice")) / 2, losses.total(), 1e-6);
    // Batch norm sees the same batch again, so that the same numbers come of it.
    Tensor p = learner.segmentation().probabilities(input.image());
    Tensor labels = input.map(RandomWalk.LABELS);
    assertEquals(Losses.partialCrossEntropy(p, labels).toDoubles()[0], losses.value("sup"));
    assertEquals(Overlap.dice(p, labels).toDoubles()[0], losses.value("dice"));
  }

  /** Every slice, as it is, by the network in evaluation mode, after every second step. */
  @Test
  void runningMeansBecomeLabels() {
    Method method = Methods.of("s2l").orElseThrow();
    Dataset data = prepared(method);
    Learner learner = method.learner(device, config(method), data);
    learner.network().train(true);
    StepInput input = input(method);
    byte[] labels = data.slice(0).maps().get(0).values();
    byte[] none = new byte[labels.length];
    Arrays.fill(none, Labels.HEART.unlabelled());
    learner.step(input, 0);
    learner.updated(0);
    assertArrayEquals(none, labels);
    Map<String, double[]> state = new TreeMap<>();
    learner.network().state().forEach((name, x) -> state.put(name, x.toDoubles()));
    learner.updated(1);
    learner
        .network()
        .state()
        .forEach((name, x) -> assertArrayEquals(state.get(name), x.toDoubles(), name));
    assertTrue(learner.network().isTraining());
    learner.network().train(false);
    for (Slice slice : data.slices()) {
      float[] p =
          learner
              .segmentation()
              .probabilities(device.tensor(slice.image(), 1, 1, SIZE, SIZE))
              .toFloats();
      RunningMeans means = new RunningMeans(new int[] {SIZE * SIZE}, Labels.HEART.count(), 0.2);
      float[][] byClass = new float[Labels.HEART.count()][];
      Arrays.setAll(byClass, c -> Arrays.copyOfRange(p, c * SIZE * SIZE, (c + 1) * SIZE * SIZE));
      means.update(0, byClass, 0);
      byte[] expected = new byte[SIZE * SIZE];
      means.label(0, 0.1, slice.scribble(), expected);
      assertArrayEquals(expected, slice.maps().get(0).values(), slice.name());
    }
  }

  /** The labels count from a tenth of the training on. */
  @Test
  void labelsOfRunningMeansStart() {
    Method method = Methods.of("s2l").orElseThrow();
    Learner learner = learner(method);
    StepInput input = input(method);
    StepLosses before = learner.step(input, 0);
    assertTrue(before.value("pseudo") > 0);
    assertEquals(before.value("sup"), before.total());
    StepLosses after = learner.step(input, 1);
    assertEquals(after.value("sup") + 0.5 * after.value("pseudo"), after.total(), 1e-6);
  }

  /** Settings name methods that there are, and the help of {@code --method} all of them. */
  @Test
  void settingsNameMethods() {
    for (Method method : Methods.all()) {
      assertTrue(Setting.METHOD.description().contains(method.key()), method.key());
    }
    for (Setting setting : Setting.values()) {
      for (String name : setting.methods()) {
        assertTrue(Methods.of(name).isPresent(), setting.key() + " names " + name);
      }
    }
  }

  /** The paper's baseline is the main decoder's partial cross-entropy alone. */
  @Test
  void theBaselineIsPartialCrossEntropy() {
    Method method = Methods.of("pce").orElseThrow();
    Learner learner = learner(method);
    StepInput input = input(method);
    StepLosses losses = learner.step(input, 0);
    // Batch norm sees the same batch again, so that the same numbers come of it.
    Tensor loss =
        Losses.partialCrossEntropy(
            learner.segmentation().probabilities(input.image()), input.scribble());
    assertEquals(loss.toDoubles()[0], losses.value("sup"));
    assertEquals(losses.value("sup"), losses.total());
  }
}
