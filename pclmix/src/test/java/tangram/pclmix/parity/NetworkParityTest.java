package tangram.pclmix.parity;

import static tangram.tensor.op.LinearOp.linear;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.nn.DropPath;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.nn.Schedule;
import tangram.nn.Sgd;
import tangram.nn.model.ResNet;
import tangram.nn.model.SwinDecoder;
import tangram.pclmix.data.CutMix;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.objective.LossConfig;
import tangram.pclmix.objective.MemoryQueue;
import tangram.pclmix.objective.Objective;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Network and training step against PyTorch's numbers, made by tools/parity/network.py in double
 * precision. Prints the largest error of each part and the tensor that has it.
 */
class NetworkParityTest {
  /**
   * Allowed relative errors of a device.
   *
   * @param forward of outputs and of the first step's losses
   * @param gradient of gradients, in norm
   * @param gradientFloor smallest norm, relative to that of all gradients together, that errors are
   *     relative to
   * @param trained of later losses, running statistics and memory
   * @param weights of weights after training, which move by some 1e-3 of their norm
   */
  private record Precision(
      String device,
      double forward,
      double gradient,
      double gradientFloor,
      double trained,
      double weights) {}

  /** In double precision but for the memory of the contrast, which is kept in single precision. */
  private static final Precision REFERENCE =
      new Precision("reference", 1e-11, 1e-7, 1e-6, 1e-6, 1e-8);

  private static final Precision VECTOR = new Precision("vector", 1e-4, 1e-3, 1e-3, 1e-3, 1e-4);

  private static final JsonNode FIXTURE = read();

  private static JsonNode read() {
    try (InputStream in = NetworkParityTest.class.getResourceAsStream("network.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Arguments> training() {
    return cases("training");
  }

  static Stream<Arguments> modules() {
    return cases("modules");
  }

  private static Stream<Arguments> cases(String kind) {
    List<Arguments> all = new ArrayList<>();
    for (JsonNode json : FIXTURE.required(kind)) {
      for (JsonNode device : json.required("devices")) {
        Precision precision = device.textValue().equals("vector") ? VECTOR : REFERENCE;
        all.add(Arguments.of(json.required("name").textValue(), precision, json));
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource
  void training(String name, Precision precision, JsonNode json) {
    Device device = Devices.get(precision.device);
    long seed = json.required("seed").longValue();
    PclMixNetwork network = new PclMixNetwork(new Init(device, 0), networkConfig(json));
    Comparison comparison = new Comparison(precision.device + ", " + name);
    compareForward(json, network, device, precision, comparison);
    Formula.fill(network, seed);
    train(json, network, device, precision, comparison);
    comparison.finish();
  }

  private static void compareForward(
      JsonNode json,
      PclMixNetwork network,
      Device device,
      Precision precision,
      Comparison comparison) {
    long seed = json.required("seed").longValue();
    int batch = json.required("batch").intValue();
    int first = json.required("first").intValue();
    int size = network.config().imageSize();
    Formula.fill(network, seed);
    try (Scope scope = Scope.open();
        Autograd.Guard inference = Autograd.noGrad()) {
      Tensor x = device.tensor(Formula.images(batch, size, seed, first), batch, 1, size, size);
      network.train(false);
      comparison.tensor(
          "predict",
          "logits",
          json.required("predict"),
          network.segmentation().forward(x),
          precision.forward);
      network.train(true);
      DropPath.resampleAll(network, batch, seed, first, 0);
      PclMixNetwork.Output out = network.forward(x, true);
      JsonNode expected = json.required("forward");
      // Sorted, so that it is printed in the same order every time.
      new TreeMap<>(
              Map.of(
                  "main", out.main(), "auxiliary", out.auxiliary(), "embedding", out.embedding()))
          .forEach(
              (part, y) ->
                  comparison.tensor(
                      "forward " + part, part, expected.required(part), y, precision.forward));
    }
  }

  private static void train(
      JsonNode json,
      PclMixNetwork network,
      Device device,
      Precision precision,
      Comparison comparison) {
    long seed = json.required("seed").longValue();
    int batch = json.required("batch").intValue();
    int size = network.config().imageSize();
    int iterations = json.required("iterations").intValue();
    LossConfig losses = lossConfig(json.required("losses"));
    Objective objective = new Objective(device, network, losses, iterations, seed);
    int[] filled = integers(json.required("filled"));
    int slots = losses.queueSlots();
    MemoryQueue queue = objective.queue();
    queue
        .vectors()
        .copyFrom(Formula.memory(slots, network.config().embeddingDim(), filled, seed), 0);
    int[] next = new int[filled.length];
    for (int c = 0; c < next.length; c++) {
      next[c] = filled[c] % slots;
    }
    queue.restore(filled, next);
    Sgd optimizer =
        new Sgd(network.parameters(), 0)
            .momentum(json.required("momentum").doubleValue())
            .weightDecay(json.required("weight_decay").doubleValue());
    JsonNode rate = json.required("rate");
    Schedule schedule =
        Schedule.polynomial(
            rate.required(0).doubleValue(),
            rate.required(1).doubleValue(),
            iterations,
            rate.required(2).doubleValue());
    StepInput input = new StepInput(device, batch, size);
    float[] mask1 = new float[batch * size * size];
    float[] mask2 = new float[batch * size * size];
    int step = json.required("first").intValue();
    for (JsonNode expected : json.required("steps")) {
      CutMix.fillMask(mask1, 0, batch, size, size, seed, step, 0);
      CutMix.fillMask(mask2, 0, batch, size, size, seed, step, 1);
      input.load(
          Formula.images(batch, size, seed, step),
          Formula.scribbles(batch, size, seed, step),
          mask1,
          mask2,
          seed,
          step);
      network.zeroGrad();
      StepLosses actual = objective.step(input, step);
      boolean isFirst = step == json.required("first").intValue();
      compareLosses(
          expected,
          actual,
          "step " + step,
          isFirst ? precision.forward : precision.trained,
          comparison);
      if (isFirst && json.has("gradients")) {
        comparison.tensors(
            "gradient",
            json.required("gradients"),
            gradients(network.parameters()),
            precision.gradient,
            precision.gradientFloor);
      }
      optimizer.setLearningRate(schedule.at(step));
      optimizer.step();
      step++;
    }
    comparison.tensors(
        "weights", json.required("weights"), network.parameters(), precision.weights, 1e-3);
    comparison.tensors(
        "statistics", json.required("buffers"), network.buffers(), precision.trained, 1e-3);
    JsonNode memory = json.required("queue");
    comparison.tensor(
        "memory", "vectors", memory.required("vectors"), queue.vectors(), precision.trained);
    comparison.same(
        "memory filled", list(memory.required("filled")), list(queue.filled().toInts()));
    comparison.same("memory next", list(memory.required("next")), list(queue.next()));
  }

  private static void compareLosses(
      JsonNode expected, StepLosses actual, String step, double tolerance, Comparison comparison) {
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("total", actual.total());
    terms.put("sup", actual.value("sup"));
    terms.put("ctr", actual.value("ctr"));
    terms.put("het", actual.value("het"));
    terms.put("mix", actual.value("mix"));
    for (var entry : terms.entrySet()) {
      double value = expected.required(entry.getKey()).doubleValue();
      comparison.number("loss " + entry.getKey(), step, value, entry.getValue(), tolerance);
    }
    comparison.same(
        step + " anchors", expected.required("anchors").intValue(), (int) actual.value("anchors"));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource
  void modules(String name, Precision precision, JsonNode json) {
    Device device = Devices.get(precision.device);
    Init init = new Init(device, 0);
    boolean swin = json.required("module").textValue().equals("SwinDecoder");
    Module module = swin ? swinDecoder(init, json) : resNet(init, json);
    long seed = json.required("seed").longValue();
    Formula.fill(module, seed);
    Comparison comparison = new Comparison(precision.device + ", " + name);
    try (Scope scope = Scope.open()) {
      List<Tensor> inputs = new ArrayList<>();
      for (JsonNode shape : json.required("inputs")) {
        int[] dims = integers(shape);
        Tensor x = device.empty(dims);
        inputs.add(x.copyFrom(Formula.signal(seed, inputs.size(), x.size()), 0).requireGrad());
      }
      DropPath.resampleAll(module, inputs.get(0).dim(0), seed, 0, 0);
      List<Tensor> outputs =
          swin
              ? List.of(((SwinDecoder) module).forward(inputs))
              : ((ResNet) module).features(inputs.get(0));
      JsonNode expected = json.required("outputs");
      comparison.same("outputs", expected.size(), outputs.size());
      for (int i = 0; i < outputs.size(); i++) {
        comparison.tensor(
            "output " + i, "", expected.required(i), outputs.get(i), precision.forward);
      }
      weightedSum(outputs, seed).backward();
      comparison.tensors(
          "gradient",
          json.required("gradients"),
          gradients(module.parameters()),
          precision.gradient,
          precision.gradientFloor);
      for (int i = 0; i < inputs.size(); i++) {
        JsonNode gradient = json.required("input_gradients").required(i);
        Tensor actual = inputs.get(i).grad();
        comparison.same("gradient of input " + i + " is absent", gradient.isNull(), actual == null);
        if (actual != null && !gradient.isNull()) {
          comparison.tensor("gradient of input", "" + i, gradient, actual, precision.gradient);
        }
      }
    }
    comparison.tensors(
        "statistics", json.required("buffers"), module.buffers(), precision.forward, 1e-3);
    comparison.finish();
  }

  /** The sum over outputs of output times signal, with the signals of network.py. */
  private static Tensor weightedSum(List<Tensor> outputs, long seed) {
    Tensor sum = null;
    for (int i = 0; i < outputs.size(); i++) {
      Tensor y = outputs.get(i);
      Tensor signal = y.device().tensor(Formula.signal(seed, 100 + i, y.size()), y.size(), 1);
      Tensor product = linear(y.reshape(1, y.size()), signal.reshape(1, y.size()), null);
      sum = sum == null ? product : sum.add(product);
    }
    return sum;
  }

  private static Module swinDecoder(Init init, JsonNode json) {
    SwinDecoder.Config config =
        new SwinDecoder.Config(
            json.required("dim").intValue(),
            integers(json.required("heads")),
            json.required("window").intValue(),
            json.required("image_size").intValue(),
            json.required("drop_path").doubleValue());
    return new SwinDecoder(
        init, integers(json.required("encoder")), config, json.required("classes").intValue());
  }

  private static Module resNet(Init init, JsonNode json) {
    return new ResNet(
        init,
        new ResNet.Config(
            json.required("depth").intValue(), json.required("width").intValue(), 1, 0));
  }

  private static NetworkConfig networkConfig(JsonNode json) {
    JsonNode c = json.required("network");
    return new NetworkConfig(
        c.required("depth").intValue(),
        c.required("width").intValue(),
        integers(c.required("unet")),
        c.required("dim").intValue(),
        integers(c.required("heads")),
        c.required("window").intValue(),
        c.required("drop_path").doubleValue(),
        c.required("image_size").intValue(),
        c.required("embedding").intValue(),
        c.required("classes").intValue());
  }

  private static LossConfig lossConfig(JsonNode c) {
    Set<LossConfig.Term> terms = EnumSet.noneOf(LossConfig.Term.class);
    c.required("terms").forEach(t -> terms.add(LossConfig.Term.valueOf(t.textValue())));
    return new LossConfig(
        terms,
        c.required("transformer_supervision").booleanValue(),
        c.required("lt").doubleValue(),
        c.required("contrast").doubleValue(),
        c.required("consistency").doubleValue(),
        c.required("mix").doubleValue(),
        c.required("temperature").doubleValue(),
        c.required("slots").intValue(),
        c.required("max_anchors").intValue(),
        c.required("total_anchors").intValue(),
        c.required("min_pixels").intValue(),
        c.required("warm_up").doubleValue());
  }

  /** By name, null where a parameter has none. */
  private static Map<String, Tensor> gradients(Map<String, Tensor> parameters) {
    Map<String, Tensor> gradients = new HashMap<>();
    parameters.forEach((name, p) -> gradients.put(name, p.grad()));
    return gradients;
  }

  private static int[] integers(JsonNode json) {
    int[] values = new int[json.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = json.required(i).intValue();
    }
    return values;
  }

  private static List<Integer> list(JsonNode json) {
    return list(integers(json));
  }

  private static List<Integer> list(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
