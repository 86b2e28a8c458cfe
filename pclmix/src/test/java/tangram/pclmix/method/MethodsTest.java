package tangram.pclmix.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/** What holds of every method. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MethodsTest {
  private static final int SIZE = 32;
  private static final int BATCH = 2;

  private final Device device = Devices.get("vector");

  static List<Method> methods() {
    return Methods.all();
  }

  static TrainingConfig config(Method method) {
    return TrainingConfig.of(
        Preset.TINY,
        Map.of(
            Setting.METHOD, method.key(),
            Setting.IMAGE_SIZE, Integer.toString(SIZE),
            Setting.BATCH, Integer.toString(BATCH),
            Setting.ENCODER_WIDTH, "8",
            Setting.UNET_CHANNELS, "16,16,8,8,8",
            Setting.SWIN_DIM, "12",
            Setting.EMBEDDING_DIM, "16",
            Setting.ITERATIONS, "10"));
  }

  private static Dataset slices() {
    return new Dataset(PhantomData.trainingSlices(SIZE, 0, 1), SIZE);
  }

  private Learner learner(Method method) {
    TrainingConfig config = config(method);
    Learner learner = method.learner(device, config, method.prepare(slices(), config));
    learner.network().train(true);
    return learner;
  }

  private StepInput input() {
    CounterRandom random = new CounterRandom(5, 0, 0, 0);
    float[] images = new float[BATCH * SIZE * SIZE];
    int[] scribbles = new int[images.length];
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
      scribbles[i] = random.nextInt(5);
    }
    float[] mask = new float[images.length];
    StepInput input = new StepInput(device, BATCH, SIZE);
    input.load(images, scribbles, mask, mask, 3, 0);
    return input;
  }

  /** Every step reports what the method names, in its order. */
  @ParameterizedTest
  @MethodSource("methods")
  void reportsItsLosses(Method method) {
    Learner learner = learner(method);
    StepLosses losses = learner.step(input(), 0);
    assertEquals(List.copyOf(method.losses().keySet()), List.copyOf(losses.values().keySet()));
    assertTrue(Double.isFinite(losses.total()) && losses.total() > 0);
  }

  /** What the optimiser trains has a gradient after some steps. */
  @ParameterizedTest
  @MethodSource("methods")
  void everyParameterLearns(Method method) {
    Learner learner = learner(method);
    StepInput input = input();
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

  /** Settings name methods that there are. */
  @Test
  void settingsNameMethods() {
    for (Setting setting : Setting.values()) {
      for (String name : setting.methods()) {
        assertTrue(Methods.of(name).isPresent(), setting.key() + " names " + name);
      }
    }
  }

  /** The paper's baseline is the main decoder's partial cross-entropy alone. */
  @Test
  void theBaselineIsPartialCrossEntropy() {
    Learner learner = learner(Methods.of("pce").orElseThrow());
    StepInput input = input();
    StepLosses losses = learner.step(input, 0);
    // Batch norm sees the same batch again, so that the same numbers come of it.
    Tensor loss =
        Losses.partialCrossEntropy(
            learner.segmentation().probabilities(input.image()), input.scribble());
    assertEquals(loss.toDoubles()[0], losses.value("sup"));
    assertEquals(losses.value("sup"), losses.total());
  }
}
