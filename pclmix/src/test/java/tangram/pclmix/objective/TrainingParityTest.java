package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tangram.nn.Sgd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.contract.PyTorchCases;

/** The parts of a training step against PyTorch: values and gradients. */
class TrainingParityTest {
  private static final String FILE = "/tangram/pclmix/parity/training.json";

  @TestFactory
  Stream<DynamicTest> agreesWithPyTorch() {
    return PyTorchCases.all(TrainingParityTest.class, FILE).stream()
        .flatMap(
            c ->
                Stream.of("reference", "vector")
                    .map(
                        name ->
                            DynamicTest.dynamicTest(
                                c.name() + " on " + name, () -> compare(c, Devices.get(name)))));
  }

  private static void compare(PyTorchCases.Case c, Device device) {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> inputs = c.inputs(device);
      Map<String, Tensor> outputs = run(c, inputs);
      Map<String, Tensor> seeds = c.seeds(device);
      seeds.forEach((name, seed) -> outputs.get(name).backward(seed));
      c.outputs(device).forEach((name, y) -> assertClose(name, y, outputs.get(name)));
      c.gradients(device)
          .forEach((name, g) -> assertClose("gradient of " + name, g, inputs.get(name).grad()));
    }
  }

  private static Map<String, Tensor> run(PyTorchCases.Case c, Map<String, Tensor> in) {
    switch (c.operation()) {
      case "confirm_labels":
        PseudoLabels labels =
            PseudoLabels.confirm(in.get("q"), in.get("scribble"), in.get("threshold"));
        return Map.of("uncertainty", labels.uncertainty(), "labels", labels.labels());
      case "sgd":
        return sgd(c, in);
      default:
        return Map.of("y", single(c, in));
    }
  }

  private static Tensor single(PyTorchCases.Case c, Map<String, Tensor> in) {
    Tensor a = in.get("a");
    Tensor b = in.get("b");
    switch (c.operation()) {
      case "partial_cross_entropy":
        return Losses.partialCrossEntropy(in.get("q"), in.get("scribble"));
      case "mse_loss":
        return Losses.meanSquaredDifference(a, b);
      case "negative_cosine":
        return Losses.negativeCosine(in.get("target"), in.get("q"));
      case "info_nce":
        return Contrast.infoNce(
            in.get("anchors"),
            in.get("anchor_class"),
            in.get("queue"),
            in.get("filled"),
            c.attribute("temperature").asDouble());
      case "cut_mix":
        if (a.type() == DType.F32) {
          return Mixing.cutMix(a, in.get("perm_a"), b, in.get("perm_b"), in.get("mask"));
        }
        Tensor x = a.to(DType.F32).unsqueeze(1);
        Tensor y = b.to(DType.F32).unsqueeze(1);
        return Mixing.cutMix(x, in.get("perm_a"), y, in.get("perm_b"), in.get("mask"))
            .squeeze(1)
            .to(DType.I32);
      case "prototypes":
        return prototypes(in);
      default:
        throw new IllegalArgumentException("nothing for the fixtures of " + c.operation());
    }
  }

  private static Tensor prototypes(Map<String, Tensor> in) {
    Tensor before = in.get("queue");
    MemoryQueue queue =
        new MemoryQueue(before.device(), before.dim(0), before.dim(1), before.dim(2));
    queue.vectors().copyFrom(before);
    queue.enqueue(in.get("vectors"), in.get("labels"), in.get("slot"));
    return queue.vectors();
  }

  private static Map<String, Tensor> sgd(PyTorchCases.Case c, Map<String, Tensor> in) {
    Tensor gradients = in.get("gradients");
    Device device = gradients.device();
    Tensor w = in.get("parameter").requireGrad();
    Sgd sgd =
        new Sgd(Map.of("w", w), 0)
            .momentum(c.attribute("momentum").asDouble())
            .weightDecay(c.attribute("weight_decay").asDouble());
    Tensor parameters = device.empty(gradients.shape().dims());
    Tensor momenta = device.empty(gradients.shape().dims());
    for (int step = 0; step < gradients.dim(0); step++) {
      w.zeroGrad();
      w.mul(gradients.select(0, step)).sum().backward();
      sgd.setLearningRate(c.attribute("lr").get(step).asDouble());
      sgd.step();
      parameters.select(0, step).copyFrom(w);
      momenta.select(0, step).copyFrom(sgd.state().get("w"));
    }
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    outputs.put("parameters", parameters);
    outputs.put("momentum_buffers", momenta);
    return outputs;
  }

  private static void assertClose(String what, Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape(), what);
    if (expected.type() == DType.I32) {
      assertArrayEquals(expected.toLongs(), actual.toLongs(), what);
      return;
    }
    double[] wanted = expected.toDoubles();
    double[] found = actual.toDoubles();
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], found[i], 2e-5 * Math.max(1e-2, Math.abs(wanted[i])), what + i);
    }
  }
}
