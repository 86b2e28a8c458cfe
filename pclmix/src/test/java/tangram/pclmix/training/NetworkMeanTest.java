package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.Weights;
import tangram.onnx.OnnxRuntime;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Volume;
import tangram.pclmix.method.Learner;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.phantom.PhantomData;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** The three networks of {@code trimix} segment together where that is asked for. */
class NetworkMeanTest {
  private static final Map<Setting, String> SMALL =
      Map.of(
          Setting.METHOD, "trimix",
          Setting.ENCODER_WIDTH, "8",
          Setting.UNET_CHANNELS, "16,16,8,8,8");

  private final Device device = Devices.get("vector");

  @TempDir private Path folder;

  private static TrainingConfig config(String inference, String weights) {
    Map<Setting, String> settings = new HashMap<>(SMALL);
    settings.put(Setting.TRIMIX_INFERENCE, inference);
    settings.put(Setting.EVALUATE_WEIGHTS, weights);
    return TrainingConfig.of(Preset.TINY, settings);
  }

  private Learner learner(TrainingConfig config) {
    return config
        .method()
        .learner(device, config, new Dataset(PhantomData.slices(64, 3, 1), config.framing()));
  }

  private Path trained(TrainingConfig config, Learner learner) {
    Path file = folder.resolve(config.get(Setting.TRIMIX_INFERENCE) + ".safetensors");
    Weights.save(learner.network(), file, Map.of(TrainedModel.CONFIG, config.format()));
    return file;
  }

  private float[][] probabilities(Path file) {
    Volume volume = PhantomData.volume(48, 3, 41);
    return TrainedModel.load(file, device).segmenter().segment(volume, true).probabilities();
  }

  @Test
  void theMeanIsThatOfTheirProbabilities() {
    TrainingConfig config = config("mean", "trained");
    Learner learner = learner(config);
    List<SegmentationNetwork> networks = learner.started();
    learner.network().train(false);
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Tensor x = device.rand(new Generator(1), 2, 1, 64, 64);
      Tensor sum = networks.get(0).probabilities(x);
      for (SegmentationNetwork network : networks.subList(1, 3)) {
        sum = sum.add(network.probabilities(x));
      }
      assertArrayEquals(
          sum.div(3).toFloats(), learner.predictor().forward(x).softmax(1).toFloats(), 1e-6f);
      Path onnx = folder.resolve("mean.onnx");
      ModelExport.writeOnnx(TrainedModel.load(trained(config, learner), device), onnx);
      try (OnnxRuntime runtime = new OnnxRuntime(onnx)) {
        Tensor logits = runtime.run(device, Map.of(ModelExport.IMAGE, x)).get(ModelExport.LOGITS);
        assertArrayEquals(sum.div(3).toFloats(), logits.softmax(1).toFloats(), 1e-5f);
      }
    }
  }

  @Test
  void filesOfTrainingAndExportsSegmentAlike() {
    TrainingConfig config = config("mean", "trained");
    Path file = trained(config, learner(config));
    float[][] expected = probabilities(file);
    Path export = folder.resolve("export.safetensors");
    ModelExport.writeSafeTensors(TrainedModel.load(file, device), export);
    assertArrayEquals(expected, probabilities(export));
  }

  @Test
  void unlessAskedForTheFirstSegmentsAlone() {
    TrainingConfig config = config("first", "trained");
    Learner learner = learner(config);
    TrainedModel model = TrainedModel.load(trained(config, learner), device);
    assertEquals(learner.segmentation().state().keySet(), model.network().state().keySet());
  }

  @Test
  void averagedWeightsAreThoseOfAllThree() {
    TrainingConfig config = config("mean", "ema");
    Learner learner = learner(config);
    EvaluatedWeights weights = new EvaluatedWeights(device, config, learner);
    assertEquals(learner.predictor().state().keySet(), weights.predictor().state().keySet());
  }

  @Test
  void anotherChoiceIsRefused() {
    assertThrows(SettingException.class, () -> config("median", "trained"));
  }
}
