package tangram.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.model.Gpt2;
import tangram.nn.model.ResNet;
import tangram.nn.model.VisionTransformer;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.vector.VectorDevice;

/** Small networks agree with libtorch's and ONNX Runtime's, and steps of training too. */
class TorchModelsTest {
  private static final VisionTransformer.Config VIT =
      new VisionTransformer.Config(32, 16, 2, 2, 8, 16, 0, 5);
  private static final float TOLERANCE = 1e-4f;

  private final Device device = new VectorDevice();
  private final Libtorch libtorch = new Libtorch(1);

  @AfterEach
  void close() {
    libtorch.close();
  }

  private static Layer resNet(Device device) {
    return new ResNet(new Init(device, 1), new ResNet.Config(18, 4, 3, 5));
  }

  private static Layer vit(Device device) {
    VisionTransformer network = new VisionTransformer(new Init(device, 1), VIT);
    Tensor head = network.parameters().get("heads.head.weight");
    new Init(device, 2).fill(head, Initializer.normal(0, 1));
    return network;
  }

  private TorchParameters parameters(Layer network) {
    Map<String, Tensor> state = network.state();
    return new TorchParameters(libtorch, network, name -> state.get(name).toFloats());
  }

  private void checkInference(
      Layer network,
      BiFunction<TorchModels, PtNDArray, PtNDArray> theirs,
      Function<Layer, byte[]> onnx,
      int... dims) {
    network.train(false);
    float[] values = Numbers.gaussian(dims[0] * dims[1] * dims[2] * dims[3], 0);
    float[] ours;
    try (Autograd.Guard inference = Autograd.noGrad()) {
      ours = network.forward(device.tensor(values, dims)).toFloats();
    }
    TorchModels models = new TorchModels(libtorch, parameters(network), false);
    PtNDArray x = libtorch.array(values, dims);
    assertArrayEquals(theirs.apply(models, x).toFloatArray(), ours, TOLERANCE);
    try (OnnxRuntime runtime = new OnnxRuntime(onnx.apply(network), 1, values, dims)) {
      assertArrayEquals(runtime.run(), ours, TOLERANCE);
    }
  }

  @Test
  void inferenceOfResNetAgrees() {
    checkInference(
        resNet(device),
        TorchModels::resNet18,
        network -> OnnxModels.resNet18(network, 2, 3, 64, 64),
        2,
        3,
        64,
        64);
  }

  @Test
  void inferenceOfVitAgrees() {
    checkInference(
        vit(device),
        (models, x) -> models.vit(x, VIT),
        network -> OnnxModels.vit(network, VIT),
        1,
        3,
        32,
        32);
  }

  @Test
  void gpt2WithACacheAgrees() {
    Gpt2.Config config = Gpt2.Config.of(50, 16, 8, 2, 2);
    Gpt2 network = new Gpt2(new Init(device, 1), config);
    network.train(false);
    int[] text = {4, 17, 3, 49, 8, 0};
    float[] ours;
    try (Autograd.Guard inference = Autograd.noGrad()) {
      ours = network.forward(device.tensor(text, 1, 6)).narrow(1, 5, 1).contiguous().toFloats();
    }
    TorchModels models = new TorchModels(libtorch, parameters(network), false);
    PtNDArray[][] cache = TorchModels.cache(libtorch, config, 8);
    models.gpt2(libtorch.array(new int[] {4, 17, 3, 49, 8}, 1, 5), 0, cache, config);
    PtNDArray logits = models.gpt2(libtorch.array(new int[] {0}, 1, 1), 5, cache, config);
    assertArrayEquals(logits.toFloatArray(), ours, TOLERANCE);
  }

  private void checkTraining(
      Function<Device, Layer> network,
      BiFunction<TorchModels, PtNDArray, PtNDArray> theirs,
      ModelStepCase.Rule rule,
      ModelStepCase.Batch batch) {
    ModelStepCase.Training training =
        new ModelStepCase.Training("a network", network, theirs, rule, 0.01, 1e-3);
    try (ModelStepCase c = new ModelStepCase(device, libtorch, training, batch)) {
      assertDoesNotThrow(c::check);
    }
  }

  @Test
  void trainingAgrees() {
    checkTraining(
        TorchModelsTest::resNet,
        TorchModels::resNet18,
        ModelStepCase.Rule.SGD,
        ModelStepCase.Batch.gaussian(2, 5, 2, 3, 96, 96));
    checkTraining(
        TorchModelsTest::vit,
        (models, x) -> models.vit(x, VIT),
        ModelStepCase.Rule.ADAMW,
        ModelStepCase.Batch.gaussian(2, 5, 2, 3, 32, 32));
    checkTraining(
        d -> new LstmClassifier(new Init(d, 1), 6, 8, 2, 3),
        (models, x) -> models.lstm(x, 2),
        ModelStepCase.Rule.ADAMW,
        ModelStepCase.Batch.gaussian(4, 3, 7, 4, 6));
  }
}
