package tangram.pclmix.method;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.pclmix.data.Notices;
import tangram.pclmix.network.Segmenter;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.Trainer;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;
import tangram.pclmix.training.TrainingListener;
import tangram.pclmix.training.Validator;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;

/** 150 steps of every method on small phantoms: the loss falls, and segmentations get better. */
class MethodsLearnTest {
  private static final int STEPS = 150;

  /** Steps at either end over which losses are averaged. */
  private static final int SOME = 20;

  private final Device device = Devices.get("vector");
  @TempDir private Path folder;

  static List<Method> methods() {
    return Methods.all();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void learns(Method method) {
    TrainingConfig config =
        TrainingConfig.of(
            Preset.TINY,
            Map.ofEntries(
                Map.entry(Setting.METHOD, method.key()),
                Map.entry(Setting.IMAGE_SIZE, "32"),
                Map.entry(Setting.BATCH, "6"),
                Map.entry(Setting.ENCODER_WIDTH, "8"),
                Map.entry(Setting.UNET_CHANNELS, "32,16,16,8,8"),
                Map.entry(Setting.SWIN_DIM, "12"),
                Map.entry(Setting.ITERATIONS, Integer.toString(STEPS)),
                // At less, dense truth still gives background alone after so few steps.
                Map.entry(Setting.LEARNING_RATE, "0.1"),
                Map.entry(Setting.VALIDATE_EVERY, Integer.toString(STEPS)),
                Map.entry(Setting.CHECKPOINT_EVERY, Integer.toString(STEPS)),
                // Eight predictions before there are labels.
                Map.entry(Setting.S2L_PERIOD, "10"),
                Map.entry(Setting.PHANTOM_PATIENTS, "4")));
    TrainingData all = TrainingData.load(config, new Notices());
    TrainingData data = new TrainingData(all.training(), all.validation().subList(0, 3), List.of());
    List<Double> losses = new ArrayList<>();
    double[] dice = new double[2];
    try (Scope scope = Scope.open();
        RunFolder run = RunFolder.create(folder.resolve(method.key()), config, data)) {
      Learner learner = method.learner(device, config, data.training());
      dice[0] = dice(learner, config, data);
      new Trainer(device, config, learner, data, run, new Losses(losses)).run();
      dice[1] = dice(learner, config, data);
    }
    double first = mean(losses.subList(0, SOME));
    double last = mean(losses.subList(STEPS - SOME, STEPS));
    assertTrue(last < first, "the loss goes from " + first + " to " + last);
    assertTrue(dice[1] > dice[0] + 0.03, "Dice goes from " + dice[0] + " to " + dice[1]);
  }

  private double dice(Learner learner, TrainingConfig config, TrainingData data) {
    Segmenter segmenter =
        new Segmenter(
            device,
            learner.segmentation(),
            config.labels(),
            config.framing(),
            config.segmentation());
    return new Validator(segmenter)
        .evaluate(data.validation(), (done, of) -> {})
        .average()
        .dice()
        .mean();
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(x -> x).average().orElseThrow();
  }

  private record Losses(List<Double> totals) implements TrainingListener {
    @Override
    public void step(int step, StepLosses losses, double learningRate, double seconds) {
      totals.add(losses.total());
    }
  }
}
