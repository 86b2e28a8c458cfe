package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Devices;

/**
 * The gradients of a whole training step are as exact as single precision allows, compared with
 * those in double precision. A pixel that lies at the edge of a ReLU may fall to the other side,
 * and change all gradients before it by a hundredth or so in networks as small as these; therefore
 * several networks are measured, and each parameter by the one where it does best.
 *
 * <p>By default of networks that the simulator can compute; with
 *
 * <pre>{@code
 * ./mvnw -Ptornado -pl tornado-kernels -am -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dtest=TornadoGradientsTest -Dgradients.preset=tiny -Dgradients.batch=4 verify
 * }</pre>
 *
 * of a preset's, with a line for every parameter and the errors of the device vector beside.
 */
class TornadoGradientsTest {
  private static final double ALLOWED = 1e-4;

  /** A ReLU's pixel on the other side, but not a wrong derivative. */
  private static final double ALLOWED_AT_EDGES = 0.1;

  /** Smallest norm, relative to that of all gradients, that errors are relative to. */
  private static final double FLOOR = 1e-3;

  private static final int NETWORKS = 3;

  private static final Map<Setting, String> SMALL =
      Map.of(
          Setting.BATCH, "2",
          Setting.ENCODER_WIDTH, "4",
          Setting.UNET_CHANNELS, "8,8,4,4,4",
          Setting.SWIN_DIM, "12",
          Setting.EMBEDDING_DIM, "16",
          Setting.QUEUE_SLOTS, "20");

  private final String preset = System.getProperty("gradients.preset");

  private TrainingConfig config(int seed) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    if (preset == null) {
      settings.putAll(SMALL);
    } else {
      settings.put(Setting.BATCH, System.getProperty("gradients.batch", "4"));
    }
    settings.put(Setting.SEED, Integer.toString(seed));
    return TrainingConfig.of(preset == null ? Preset.TINY : Preset.of(preset), settings);
  }

  @Test
  void areExact() {
    Map<String, Double> best = new TreeMap<>();
    int anchors = 0;
    for (int seed = 0; seed < NETWORKS; seed++) {
      TrainingConfig config = config(seed);
      StepGradients exact = StepGradients.of(Devices.get("reference"), config);
      StepGradients vector = StepGradients.of(Devices.get("vector"), config);
      StepGradients tornado = StepGradients.of(Devices.get("tornado"), config);
      anchors += (int) exact.losses().value("anchors");
      print("all", exact.norm(), vector.error(exact), tornado.error(exact));
      for (String name : exact.gradients().keySet()) {
        double error = tornado.error(name, exact, FLOOR);
        if (preset != null) {
          print(name, exact.norm(name), vector.error(name, exact, FLOOR), error);
        }
        // Written so that NaN counts as wrong.
        assertTrue(error <= ALLOWED_AT_EDGES, name + ": error " + error + ", seed " + seed);
        best.merge(name, error, Math::min);
      }
    }
    assertTrue(anchors > 0, "no anchors");
    List<String> wrong = new ArrayList<>();
    best.forEach(
        (name, error) -> {
          if (error > ALLOWED) {
            wrong.add(name + ": error " + error);
          }
        });
    assertTrue(wrong.isEmpty(), String.join("\n", wrong));
  }

  private static void print(String name, double norm, double vector, double tornado) {
    System.out.printf(
        Locale.ROOT,
        "Gradient of %-50s norm %.1e, error of vector %.1e, of tornado %.1e%n",
        name,
        norm,
        vector,
        tornado);
  }
}
