package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tangram.nn.data.DataException;
import tangram.nn.training.DivergenceException;
import tangram.pclmix.data.Notices;
import tangram.pclmix.method.Learner;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;
import tangram.tensor.Scope;

/** Whatever a setting is set to: one sentence, or a training step, soon and within memory. */
class SettingBoundsTest {
  private static final Map<Setting, String> SMALLEST =
      Map.ofEntries(
          Map.entry(Setting.IMAGE_SIZE, "32"),
          Map.entry(Setting.BATCH, "2"),
          Map.entry(Setting.ENCODER_WIDTH, "4"),
          Map.entry(Setting.UNET_CHANNELS, "8,8,4,4,4"),
          Map.entry(Setting.SWIN_DIM, "12"),
          Map.entry(Setting.EMBEDDING_DIM, "8"),
          Map.entry(Setting.WARM_UP, "0"),
          Map.entry(Setting.ITERATIONS, "1"),
          Map.entry(Setting.PHANTOM_PATIENTS, "1"));

  private static final String[] ABSURD = {
    "",
    "-1",
    "0",
    "1",
    "2",
    "3",
    "32",
    "99999999",
    "2000000000",
    "2147483647",
    "2147483648",
    "-2147483648",
    "9223372036854775808",
    "1e308",
    "-1e308",
    "1e-320",
    "0.5",
    "1e38",
    "3e38",
    "NaN",
    "Infinity",
    "-0.0",
    "0x10",
    "1_000",
    "x",
    "\u0663",
    "1,2",
    "1,1,1",
    "99999,99999,99999",
    "4096,4096,4096,4096,4096",
    "2000000000,1,1,1,1",
    "1,1,1,1,1",
    "\u0000",
    "a\nb"
  };

  /** What this test leaves to a run. */
  private static final long AVAILABLE = 64L << 20;

  @TempDir private Path folder;
  private final Device device = Devices.get(Devices.DEFAULT);
  private int runs;

  @ParameterizedTest
  @EnumSource(Setting.class)
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void everyValueIsASentenceOrAStep(Setting setting) {
    Set<String> tried = new LinkedHashSet<>();
    setting.bounds().ifPresent(bounds -> tried.addAll(List.of(bounds.least(), bounds.most())));
    if (setting == Setting.SWIN_WINDOW) {
      // Larger than the map, yet not too large for the memory.
      tried.add("16");
    }
    Set<String> values = new LinkedHashSet<>(tried);
    values.addAll(List.of(ABSURD));
    values.add(setting.in(Preset.TINY));
    List<String> accepted = new ArrayList<>();
    for (String value : values) {
      Map<Setting, String> settings = new HashMap<>(SMALLEST);
      // A method that it has an effect on.
      setting.methods().stream().findFirst().ifPresent(m -> settings.put(Setting.METHOD, m));
      settings.put(setting, value);
      try {
        TrainingConfig config = TrainingConfig.of(Preset.TINY, settings);
        MemoryEstimate.requireRoom(config, AVAILABLE);
        accepted.add(value);
        if (tried.contains(value)) {
          step(config);
        }
      } catch (SettingException | DeviceException | DivergenceException | DataException e) {
        String message = e.getMessage();
        assertTrue(message.endsWith("."), message);
        assertFalse(message.contains("\n") || message.length() > 300, message);
      } catch (RuntimeException | Error e) {
        fail(setting.key() + " = '" + value + "' gives no sentence", e);
      }
    }
    assertFalse(accepted.isEmpty(), "nothing was tried");
  }

  private void step(TrainingConfig config) {
    if (!config.usesPhantoms() || config.encoderWeights().isPresent()) {
      // Names of files that are not there; that has tests of its own.
      return;
    }
    TrainingData learned = TrainingData.load(config, new Notices());
    try (Scope all = Scope.open();
        RunFolder run = RunFolder.create(folder.resolve("run" + runs++), config)) {
      Learner learner = config.method().learner(device, config, learned.training());
      Trainer[] trainer = new Trainer[1];
      trainer[0] =
          new Trainer(
              device,
              config,
              learner,
              new TrainingData(learned.training(), learned.validation().subList(0, 1), List.of()),
              run,
              new Listener(() -> trainer[0].requestStop()));
      trainer[0].run();
    }
  }

  private record Listener(Runnable afterStep) implements TrainingListener {
    @Override
    public void step(int step, StepLosses losses, double learningRate, double seconds) {
      afterStep.run();
    }
  }

  /** What was seen to take gigabytes, or end in a stack trace, before anything was checked. */
  @ParameterizedTest
  @CsvSource({
    "batch, 99999999",
    "queue-slots, 2000000000",
    "swin-window, 20000",
    "encoder-width, 65536",
    "iterations, 2147483647",
    "image-size, 4096",
    "phantom-patients, 2147483647"
  })
  void outOfBounds(String key, String value) {
    Setting setting = Setting.of(key).orElseThrow();
    String message =
        assertThrows(
                SettingException.class,
                () -> TrainingConfig.of(Preset.TINY, Map.of(setting, value)))
            .getMessage();
    assertTrue(message.contains("an integer from " + setting.bounds().get().text()), message);
    assertTrue(setting.description().contains(setting.bounds().get().text()));
  }

  @ParameterizedTest
  @EnumSource(Preset.class)
  void presetsNeedWhatTheyNeed(Preset preset) {
    TrainingConfig config =
        TrainingConfig.of(preset, preset == Preset.PAPER ? Map.of(Setting.BATCH, "2") : Map.of());
    double needed = MemoryEstimate.bytes(config);
    // Measured with --profile, and the slices.
    double measured =
        switch (preset) {
          case TINY -> 103e6;
          case SMALL, BEST -> 582e6;
          case PAPER -> 1.5e9;
        };
    assertTrue(needed > measured / 8, preset + ": " + needed + " tells little of " + measured);
    MemoryEstimate.requireRoom(config, (long) measured);
  }

  @Test
  void combinationsBeyondAnyMachine() {
    TrainingConfig config =
        TrainingConfig.of(
            Preset.PAPER,
            Map.of(
                Setting.BATCH, "1024",
                Setting.IMAGE_SIZE, "2048",
                Setting.SWIN_WINDOW, "64",
                Setting.ENCODER_WIDTH, "4096",
                Setting.UNET_CHANNELS, "4096,4096,4096,4096,4096"));
    String message =
        assertThrows(
                DeviceException.class, () -> MemoryEstimate.requireRoom(config, Long.MAX_VALUE))
            .getMessage();
    assertTrue(message.contains("GiB") && message.contains("--batch"), message);
  }
}
