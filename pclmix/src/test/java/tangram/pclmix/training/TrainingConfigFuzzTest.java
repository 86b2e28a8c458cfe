package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.fuzz.Fuzz;
import tangram.fuzz.Mutator;
import tangram.fuzz.Mutator.Original;
import tangram.nn.FileFormatException;
import tangram.tensor.CounterRandom;

/** Damaged settings of a run. */
class TrainingConfigFuzzTest {
  /** What reading the settings may allocate: their parts, and sets of patients of a megabit. */
  private static final long CONSTANT = 512 << 10;

  private static final long PER_BYTE = 64;

  @TempDir Path folder;

  @Test
  void settings() throws IOException {
    List<Original> originals = new ArrayList<>();
    for (Preset preset : Preset.values()) {
      String text = TrainingConfig.of(preset, Map.of()).format();
      originals.add(new Original(preset.name(), text.getBytes(StandardCharsets.UTF_8)));
    }
    Mutator mutator =
        new Mutator(Fuzz.SEED, originals)
            .with("absurd value", TrainingConfigFuzzTest::absurdValue)
            .with("absurd value again", TrainingConfigFuzzTest::absurdValue)
            .with("line repeated", TrainingConfigFuzzTest::repeatLine);
    Fuzz fuzz =
        new Fuzz(
            folder.resolve("config.properties"),
            file -> check(RunFolder.open(folder).config()),
            FileFormatException.class,
            file -> CONSTANT + PER_BYTE * file.length);
    fuzz.run(mutator, 10_000);
  }

  /** Everything that is asked of settings can be answered. */
  private static void check(TrainingConfig config) {
    config.network();
    config.losses();
    assertTrue(Double.isFinite(config.schedule().at(0)));
    config.encoderWeights();
    assertTrue(config.usesPhantoms() || Path.of(config.get(Setting.DATA)) != null);
    config.patients(Setting.TRAIN_PATIENTS);
    config.patients(Setting.VAL_PATIENTS);
    String text = config.format();
    assertEquals(text, TrainingConfig.parse(text, "again").format());
  }

  private static byte[] absurdValue(byte[] file, CounterRandom random) {
    String[] values = {
      "",
      "-1",
      "0",
      "1e999",
      "NaN",
      "-Infinity",
      "0x1p3",
      "99999999999999999999",
      "2147483647",
      "1-999999",
      "999999-1",
      "1,,2",
      ",",
      ", ,",
      "true",
      "\0",
      "\u202e",
      "\ud83d\ude00",
      "a".repeat(5000),
      " \t ",
      "=",
      "sup,sup"
    };
    List<String> lines = lines(file);
    int at = random.nextInt(lines.size());
    lines.set(at, lines.get(at).replaceFirst("=.*", "= ") + values[random.nextInt(values.length)]);
    return bytes(lines);
  }

  private static byte[] repeatLine(byte[] file, CounterRandom random) {
    List<String> lines = lines(file);
    lines.add(random.nextInt(lines.size()), lines.get(random.nextInt(lines.size())));
    return bytes(lines);
  }

  private static List<String> lines(byte[] file) {
    return new String(file, StandardCharsets.UTF_8).lines().collect(Collectors.toList());
  }

  private static byte[] bytes(List<String> lines) {
    return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
  }
}
