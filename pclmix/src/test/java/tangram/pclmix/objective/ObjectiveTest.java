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
import tangram.pclmix.network.TwoViewNetwork.Output;
import tangram.pclmix.objective.LossConfig.Term;
import tangram.pclmix.objective.ScribbleLoss.Target;
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

  /** One mixture costs one pass less; over many steps a coin takes either. */
  @Test
  void oneMixture() {
    LossConfig config = config(true, Term.SUP, Term.HET, Term.MIX);
    Objective two = new Objective(device, network(), config, 10, 3);
    Objective one = new Objective(device, network(), config.in(ObjectiveForm.PAPER, 1), 10, 3);
    StepInput input = input(true);
    StepLosses both = two.step(input, 0);
    StepLosses coin = one.step(input, 0);
    // Each mixture's negative cosine is above -1.
    assertTrue(coin.value("mix") > both.value("mix"));
    assertTrue(coin.value("sup") < both.value("sup"));
    assertEquals(coin.value("sup") + coin.value("het") + coin.value("mix"), coin.total(), 1e-9);
  }

  /** The terms of the published code, against numbers worked out by hand. */
  @Test
  void termsOfThePublishedCode() {
    Device exact = Devices.get("reference");
    Tensor logits = exact.tensor(new double[] {2, 0, 0, 0}, 1, 4, 1, 1);
    Tensor others = exact.tensor(new double[] {0, 0, 1, 0}, 1, 4, 1, 1);
    Output out = new Output(logits.softmax(1), others.softmax(1), null, logits, others);
    double first = -Math.log(Math.exp(2) / (Math.exp(2) + 3));
    double second = Math.log(Math.E + 3);
    Target zero = new Target(exact.tensor(new int[] {0}, 1, 1, 1), null, null);
    ScribbleLoss plain = ScribbleLoss.PLAIN;
    ObjectiveForm form = ObjectiveForm.REFERENCE;
    assertEquals(
        first + second, form.supervised(plain, out, null, zero, true).toDoubles()[0], 1e-6);
    assertEquals(first, form.supervised(plain, out, null, zero, false).toDoubles()[0], 1e-6);
    assertEquals((4 + 1) / 4.0, form.heterogeneous(out).toDoubles()[0], 1e-12);
    // The most probable class alone is the label.
    Tensor target = exact.tensor(new double[] {.4, .3, .2, .1}, 1, 4, 1, 1);
    assertEquals(first + second, form.mixed(target, out, null).toDoubles()[0], 1e-6);
    assertEquals(Math.pow(.25, .9), form.contrastRamp(5, 20), 1e-12);
    assertEquals(.2865, form.heterogeneousRamp(10, 20), 5e-5);
    assertEquals(1, form.mixes());
  }

  /** Its step: the losses by their weights of that step; all parts of the network learn. */
  @Test
  void aStepOfThePublishedCode() {
    PclMixNetwork network = network();
    LossConfig config = config(true, Term.values()).in(ObjectiveForm.REFERENCE, 1);
    Objective objective = new Objective(device, network, config, 10, 3);
    StepInput input = input(true);
    StepLosses first = objective.step(input, 0);
    assertEquals(
        first.value("sup") + Math.exp(-5) * first.value("het") + first.value("mix"),
        first.total(),
        1e-9);
    StepLosses fifth = objective.step(input, 4);
    assertEquals(
        fifth.value("sup")
            + 0.15 * Math.pow(.4, .9) * fifth.value("ctr")
            + Math.exp(-5 * .36) * fifth.value("het")
            + fifth.value("mix"),
        fifth.total(),
        1e-9);
    assertTrue(fifth.value("ctr") > 0 && fifth.value("mix") > 0);
    for (String part : new String[] {"encoder.", "decoder.", "transformer.", "embedding."}) {
      assertTrue(gradientNorm(network, part) > 0, part);
    }
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
