package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tangram.nn.FileFormatException;
import tangram.nn.Init;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.objective.LossConfig;
import tangram.pclmix.objective.LossConfig.Term;
import tangram.pclmix.objective.ObjectiveForm;
import tangram.tensor.Devices;
import tangram.tensor.Scope;

class TrainingConfigTest {
  @Test
  void thePaperPresetIsThePapers() {
    TrainingConfig c = TrainingConfig.of(Preset.PAPER, Map.of());
    assertEquals(60_000, c.iterations());
    assertEquals(12, c.batch());
    assertEquals(256, c.imageSize());
    assertEquals(0.03, c.schedule().at(0), 1e-12);
    assertEquals(0.001, c.schedule().at(60_000), 1e-12);
    assertEquals(0.4, c.losses().lambdaT());
    assertEquals(0.15, c.losses().contrastWeight());
    assertEquals(Set.of(Term.values()), c.losses().terms());
    assertEquals(1000, Math.round(c.losses().warmUpFraction() * c.iterations()));
    assertArrayEquals(new int[] {256, 128, 64, 32, 16}, c.network().unetChannels());
    assertEquals(50, c.network().encoderDepth());
    assertEquals(8, c.network().swinWindow());
  }

  /**
   * The published network's sizes. It counts 8,848,122 parameters in the Swin decoder and none in
   * the position embeddings: 56^2 * 96 + 28^2 * 192 + 14^2 * 384 + 7^2 * 768 = 564,480 at 224.
   */
  @Test
  void thePapersNetworkHasThePapersParameters() {
    TrainingConfig c =
        TrainingConfig.of(
            Preset.PAPER, Map.of(Setting.IMAGE_SIZE, "224", Setting.SWIN_WINDOW, "7"));
    try (Scope scope = Scope.open()) {
      PclMixNetwork network = new PclMixNetwork(new Init(Devices.get("vector"), 0), c.network());
      Map<String, Long> counts = new HashMap<>();
      network
          .parameters()
          .forEach((name, p) -> counts.merge(name.split("\\.")[0], (long) p.size(), Long::sum));
      assertEquals(
          Map.of(
              "encoder",
              23_501_760L,
              "decoder",
              9_013_508L,
              "transformer",
              8_848_122L + 564_480L,
              "embedding",
              395_008L),
          counts);
    }
  }

  @ParameterizedTest
  @EnumSource(Preset.class)
  void theTextFormKeepsEverySetting(Preset preset) {
    TrainingConfig c = TrainingConfig.of(preset, Map.of(Setting.SEED, "-5"));
    TrainingConfig again = TrainingConfig.parse(c.format(), "test");
    for (Setting s : Setting.values()) {
      assertEquals(c.get(s), again.get(s));
    }
    assertEquals(-5, again.seed());
  }

  @Test
  void filesOfRunsBeforeASettingExistedAreRead() {
    TrainingConfig c = TrainingConfig.of(Preset.TINY, Map.of());
    String newer = "encoder-weights|objective|mixes|rw-.*|s2l-.*|superpixel.*";
    String text = c.format().replaceAll("(?m)^(" + newer + ") = .*\n", "");
    assertEquals(c.format(), TrainingConfig.parse(text, "test").format());
    assertTrue(TrainingConfig.parse(text, "test").encoderWeights().isEmpty());
    LossConfig losses = TrainingConfig.parse(text, "test").losses();
    assertEquals(ObjectiveForm.PAPER, losses.form());
    assertEquals(2, losses.mixes());
  }

  /** The published code's objective has one mixture a step unless another number is named. */
  @ParameterizedTest
  @CsvSource({
    "paper, auto, 2",
    "reference, auto, 1",
    "reference, 2, 2",
    "paper, 1, 1",
  })
  void mixturesFollowTheObjective(String objective, String mixes, int expected) {
    LossConfig losses =
        TrainingConfig.of(Preset.TINY, Map.of(Setting.OBJECTIVE, objective, Setting.MIXES, mixes))
            .losses();
    assertEquals(expected, losses.mixes());
    assertEquals(objective.equals("paper"), losses.form() == ObjectiveForm.PAPER);
  }

  @ParameterizedTest
  @CsvSource({
    "losses, sup;foo",
    "losses, ''",
    "losses, ;",
    "losses, sup;",
    "iterations, 0",
    "iterations, many",
    "image-size, 100",
    "image-size, 2147483616",
    "swin-dim, 1073741824",
    "unet-channels, 1;2;3;4;65537",
    "lambda-t, 1.5",
    "lambda-t, NaN",
    "drop-path, 1",
    "momentum, -0.1",
    "temperature, 0",
    "encoder-depth, 101",
    "swin-heads, 5;6;12",
    "swin-heads, 3;6",
    "swin-heads, 3;6;12;",
    "unet-channels, 1;2;3",
    "learning-rate, Infinity",
    "transformer-supervision, maybe",
    "objective, other",
    "mixes, 3",
    "s2l-confidence, 1.1",
    "superpixels, 0",
    "seed, 1.5"
  })
  void impossibleValuesAreNamed(String key, String value) {
    Setting setting = Setting.of(key).orElseThrow();
    SettingException e =
        assertThrows(
            SettingException.class,
            () -> TrainingConfig.of(Preset.TINY, Map.of(setting, value.replace(';', ','))));
    assertTrue(e.getMessage().contains("--" + key), e.getMessage());
  }

  @Test
  void batchNormNeedsMoreThanOneValue() {
    Map<Setting, String> smallest = Map.of(Setting.BATCH, "1", Setting.IMAGE_SIZE, "32");
    assertThrows(SettingException.class, () -> TrainingConfig.of(Preset.TINY, smallest));
  }

  @Test
  void damagedTextIsNamed() {
    String text = TrainingConfig.of(Preset.TINY, Map.of()).format();
    assertThrows(
        FileFormatException.class, () -> TrainingConfig.parse(text + "colour = red\n", "f"));
    assertThrows(
        FileFormatException.class,
        () -> TrainingConfig.parse(text.replaceAll("seed.*\n", ""), "f"));
  }

  /** A text may hold anything: what a message shows of it is short and can be printed. */
  @Test
  void messagesShowHostileTextInPart() {
    String text = TrainingConfig.of(Preset.TINY, Map.of()).format();
    String hostile = "\u202e\u001b[31m" + "x".repeat(100_000);
    for (String damaged :
        new String[] {
          text + hostile + "\n",
          text.replaceFirst("seed = .*", "seed = " + hostile),
          text.replaceFirst("data = .*", "data = a\u0000b"),
          text.replaceFirst("encoder-weights = .*", "encoder-weights = a\tb"),
          text.replaceFirst("val-patients = .*", "val-patients = " + "41,".repeat(9999) + "41")
        }) {
      String message =
          assertThrows(FileFormatException.class, () -> TrainingConfig.parse(damaged, "f"))
              .getMessage();
      assertTrue(message.length() < 500, message);
      assertTrue(message.startsWith("f: not the settings of a run: "), message);
      assertTrue(message.chars().noneMatch(c -> c < ' ' || c == '\u202e'), message);
    }
  }

  @Test
  void aSettingStandsThereOnce() {
    String text = TrainingConfig.of(Preset.TINY, Map.of()).format();
    String message =
        assertThrows(
                FileFormatException.class, () -> TrainingConfig.parse(text + "seed = 2\n", "f"))
            .getMessage();
    assertTrue(message.contains("'seed' is there twice"), message);
  }

  @Test
  void settingsThatAreNoText(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.properties");
    Files.write(file, new byte[] {'a', (byte) 0xff});
    refused(folder, "is not UTF-8 text");
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(3L << 30);
    }
    refused(folder, "is too long");
  }

  private static void refused(Path folder, String what) {
    String message =
        assertThrows(FileFormatException.class, () -> RunFolder.open(folder).config()).getMessage();
    assertTrue(message.startsWith(folder.resolve("config.properties") + ": "), message);
    assertTrue(message.contains(what), message);
  }
}
