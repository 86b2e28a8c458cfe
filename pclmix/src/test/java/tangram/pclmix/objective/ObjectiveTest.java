package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tangram.nn.Init;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.objective.LossConfig.Term;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.ProfiledDevice;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** What the rows of Table 2 switch; the numbers themselves are compared with PyTorch elsewhere. */
class ObjectiveTest {
  private static final int BATCH = 2;
  private static final int SIZE = 32;
  private static final NetworkConfig NETWORK =
      new NetworkConfig(
          18, 4, new int[] {8, 8, 4, 4, 4}, 6, new int[] {1, 2, 3}, 4, 0.1, SIZE, 8, 4);

  /** With memory of its own: what other tests left is collected at any time. */
  private final Device device = new ProfiledDevice(Devices.get("vector"));

  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static LossConfig config(boolean transformerSupervision, Term... terms) {
    return new LossConfig(
        Set.of(terms), transformerSupervision, 0.4, 0.15, 1, 1, 0.07, 20, 100, 64, 1, 0);
  }

  private PclMixNetwork network() {
    PclMixNetwork network = new PclMixNetwork(new Init(device, 1), NETWORK);
    network.train(true);
    return network;
  }

  private StepInput input(boolean scribbled) {
    CounterRandom random = new CounterRandom(3, 0, 0, 0);
    int pixels = BATCH * SIZE * SIZE;
    float[] images = new float[pixels];
    int[] scribbles = new int[pixels];
    float[] mask = new float[pixels];
    for (int i = 0; i < pixels; i++) {
      images[i] = random.nextFloat();
      scribbles[i] = scribbled ? random.nextInt(5) : 4;
      mask[i] = i % SIZE < SIZE / 3 ? 1 : 0;
    }
    StepInput input = new StepInput(device, BATCH, SIZE);
    input.load(images, scribbles, mask, mask, 3, 0);
    return input;
  }

  private static double gradientNorm(PclMixNetwork network, String part) {
    double square = 0;
    for (Map.Entry<String, Tensor> e : network.parameters().entrySet()) {
      if (e.getKey().startsWith(part) && e.getValue().grad() != null) {
        for (float g : e.getValue().grad().toFloats()) {
          square += (double) g * g;
        }
      }
    }
    return Math.sqrt(square);
  }

  @Test
  void allLossesReachAllParts() {
    PclMixNetwork network = network();
    LossConfig config = config(true, Term.values());
    Objective objective = new Objective(device, network, config, 10, 3);
    StepInput input = input(true);
    StepLosses first = objective.step(input, 0);
    assertEquals(0, first.value("ctr"), "an empty memory contrasts nothing");
    assertTrue(Arrays.stream(objective.queue().filled().toInts()).sum() > 0);
    StepLosses second = objective.step(input, 1);
    assertTrue(second.value("ctr") > 0 && second.value("anchors") > 0);
    assertEquals(
        second.value("sup")
            + 0.15 * second.value("ctr")
            + second.value("het")
            + second.value("mix"),
        second.total(),
        1e-9);
    for (String part : new String[] {"encoder.", "decoder.", "transformer.", "embedding."}) {
      assertTrue(gradientNorm(network, part) > 0, part);
    }
  }

  @Test
  void supervisionAloneReachesBothDecodersButNotTheEmbedding() {
    PclMixNetwork network = network();
    StepLosses losses =
        new Objective(device, network, config(true, Term.SUP), 10, 3).step(input(true), 0);
    assertEquals(losses.value("sup"), losses.total());
    assertTrue(gradientNorm(network, "transformer.") > 0);
    assertEquals(0, gradientNorm(network, "embedding."));
  }

  @Test
  void withoutItsSupervisionTheSwinDecoderLearnsNothingFromScribbles() {
    PclMixNetwork network = network();
    new Objective(device, network, config(false, Term.SUP), 10, 3).step(input(true), 0);
    assertTrue(gradientNorm(network, "decoder.") > 0);
    assertEquals(0, gradientNorm(network, "transformer."));
  }

  @Test
  void withoutScribblesTheSupervisedLossAndItsGradientAreZero() {
    PclMixNetwork network = network();
    StepLosses losses =
        new Objective(device, network, config(true, Term.SUP), 10, 3).step(input(false), 0);
    assertEquals(0, losses.value("sup"));
    assertEquals(0, gradientNorm(network, ""));
  }

  @Test
  void theMemoryWaitsForTheWarmUp() {
    PclMixNetwork network = network();
    LossConfig late =
        new LossConfig(Set.of(Term.values()), true, 0.4, 0.15, 1, 1, 0.07, 20, 100, 64, 1, 0.5);
    Objective objective = new Objective(device, network, late, 10, 3);
    objective.step(input(true), 4);
    assertEquals(0, Arrays.stream(objective.queue().filled().toInts()).sum());
    objective.step(input(true), 5);
    assertNotEquals(0, Arrays.stream(objective.queue().filled().toInts()).sum());
  }

  @Test
  void aStepGivesItsMemoryBack() {
    PclMixNetwork network = network();
    Objective objective = new Objective(device, network, config(true, Term.values()), 10, 3);
    StepInput input = input(true);
    objective.step(input, 0);
    objective.step(input, 1);
    long used = device.usedBytes();
    long reserved = device.reservedBytes();
    objective.step(input, 2);
    assertEquals(used, device.usedBytes());
    assertEquals(reserved, device.reservedBytes());
  }
}
