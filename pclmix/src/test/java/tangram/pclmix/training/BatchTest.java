package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tangram.pclmix.data.ByteMap;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.phantom.PhantomData;
import tangram.tensor.Device;
import tangram.tensor.Devices;

/** What of slices reaches a step. */
class BatchTest {
  private static final int SIZE = 32;
  private static final Map<Setting, String> SMALL =
      Map.of(Setting.IMAGE_SIZE, "" + SIZE, Setting.BATCH, "6");

  private final Device device = Devices.get(Devices.DEFAULT);
  private final Dataset bare = new Dataset(PhantomData.trainingSlices(SIZE, 0, 1), SIZE);

  /** A copy of the scribble as a map comes out as the scribble does, at every step. */
  @Test
  void mapsMoveWithTheScribble() {
    Dataset mapped =
        bare.prepared(
            s ->
                s.with(ByteMap.ofLabels("copy", s.scribble(), Labels.HEART))
                    .with(new ByteMap("nine", filled(9), (byte) 9)));
    TrainingConfig config = TrainingConfig.of(Preset.TINY, SMALL);
    Batch batch = new Batch(mapped, config);
    StepInput input = new StepInput(device, 6, SIZE, mapped.mapNames());
    Batch plainBatch = new Batch(bare, config);
    StepInput plain = new StepInput(device, 6, SIZE);
    int fills = 0;
    for (int step = 0; step < 20; step++) {
      batch.load(step, input);
      plainBatch.load(step, plain);
      int[] scribbles = plain.scribble().toInts();
      assertArrayEquals(scribbles, input.scribble().toInts());
      assertArrayEquals(plain.image().toFloats(), input.image().toFloats());
      assertArrayEquals(scribbles, input.map("copy").toInts());
      assertTrue(Arrays.stream(input.map("nine").toInts()).allMatch(v -> v == 9));
      fills += scribbles[0] == Labels.HEART.unlabelled() ? 1 : 0;
    }
    assertTrue(fills > 0);
    assertThrows(IllegalArgumentException.class, () -> plain.map("copy"));
  }

  /** Values that are changed between steps are what the next step sees. */
  @Test
  void mapsMayChange() {
    byte[] values = new byte[SIZE * SIZE];
    Dataset mapped =
        new Dataset(List.of(bare.slice(0).with(new ByteMap("m", values, (byte) 0))), SIZE);
    Batch batch = new Batch(mapped, TrainingConfig.of(Preset.TINY, SMALL));
    StepInput input = new StepInput(device, 6, SIZE, mapped.mapNames());
    batch.load(0, input);
    assertEquals(0, Arrays.stream(input.map("m").toInts()).sum());
    Arrays.fill(values, (byte) 3);
    batch.load(1, input);
    assertTrue(Arrays.stream(input.map("m").toInts()).sum() > 0);
  }

  private static byte[] filled(int value) {
    byte[] values = new byte[SIZE * SIZE];
    Arrays.fill(values, (byte) value);
    return values;
  }

  /** The two augmentations beyond the paper: intensities leave the scribbles alone. */
  @Test
  void augmentationsBeyondThePaper() {
    float[][] images = new float[3][];
    int[][] scribbles = new int[3][];
    int i = 0;
    for (Map<Setting, String> more :
        List.of(
            Map.<Setting, String>of(),
            Map.of(Setting.INTENSITY_AUGMENTATION, "true"),
            Map.of(Setting.SCALE_AUGMENTATION, "true"))) {
      TrainingConfig config = TrainingConfig.of(Preset.TINY, SMALL).with(more);
      StepInput input = new StepInput(device, 6, SIZE);
      new Batch(bare, config).load(3, input);
      images[i] = input.image().toFloats();
      scribbles[i] = input.scribble().toInts();
      i++;
    }
    assertFalse(Arrays.equals(images[0], images[1]));
    assertArrayEquals(scribbles[0], scribbles[1]);
    assertFalse(Arrays.equals(images[0], images[2]));
    assertFalse(Arrays.equals(scribbles[0], scribbles[2]));
    SettingException e =
        assertThrows(
            SettingException.class,
            () -> TrainingConfig.of(Preset.TINY, Map.of(Setting.SCALE_AUGMENTATION, "maybe")));
    assertEquals("--scale-augmentation must be true or false, not 'maybe'.", e.getMessage());
  }

  /** A structure without a scribble is absent, unless nothing is scribbled at all. */
  @Test
  void absentClasses() {
    byte[] none = filled(Labels.HEART.unlabelled());
    byte[] two = none.clone();
    two[5] = 2;
    Slice s = bare.slice(0);
    Dataset data = new Dataset(List.of(s.withScribble(none), s.withScribble(two)), SIZE);
    TrainingConfig config =
        TrainingConfig.of(Preset.TINY, SMALL).with(Map.of(Setting.ABSENT_WEIGHT, "0.5"));
    StepInput input = new StepInput(device, 6, SIZE, List.of(), 4);
    new Batch(data, config).load(0, input);
    float[] absent = input.absent().toFloats();
    int told = 0;
    for (int i = 0; i < 6; i++) {
      float[] own = Arrays.copyOfRange(absent, 4 * i, 4 * i + 4);
      if (own[1] == 1) {
        assertArrayEquals(new float[] {0, 1, 0, 1}, own);
        told++;
      } else {
        assertArrayEquals(new float[4], own);
      }
    }
    assertEquals(3, told);
    StepInput plain = new StepInput(device, 6, SIZE);
    assertThrows(IllegalArgumentException.class, plain::absent);
  }
}
