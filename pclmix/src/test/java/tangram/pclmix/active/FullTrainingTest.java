package tangram.pclmix.active;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Slice;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;

/** A session becomes the data of an ordinary run. */
class FullTrainingTest {
  @TempDir private Path parent;
  private final PhantomSession session = new PhantomSession(32, 3, 2);

  private TrainingData load(FullTraining.Prepared prepared) {
    List<String> a = prepared.arguments();
    Map<Setting, String> settings =
        Map.of(
            Setting.DATA, a.get(a.indexOf("--data") + 1),
            Setting.TRAIN_PATIENTS, a.get(a.indexOf("--train-patients") + 1),
            Setting.VAL_PATIENTS, a.get(a.indexOf("--val-patients") + 1),
            Setting.IMAGE_SIZE, "32");
    return TrainingData.load(TrainingConfig.of(Preset.TINY, settings), new Notices());
  }

  private void draw(int scan, int slice) {
    session.draw(new SliceKey(scan, 0, slice), new Deaf());
  }

  @Test
  void drawnSlicesTrainAndTruthsOfHeldOutPatientsJudge() {
    Path folder = parent.resolve("data");
    assertThrows(DataException.class, () -> FullTraining.prepare(session, (s, f) -> null, folder));
    draw(0, 3);
    draw(1, 4);
    draw(1, 7);
    draw(2, 5);
    FullTraining.Prepared without = FullTraining.prepare(session, (s, f) -> null, folder);
    assertEquals(1, without.notes().size());
    TrainingData data = load(without);
    assertEquals(0, data.validation().size());
    assertEquals(3, data.training().size());
    Slice slice = data.training().slice(2);
    assertEquals("patient002_frame01_slice_7", slice.name());
    assertArrayEquals(session.scribble(new SliceKey(1, 0, 7)), slice.scribble());
    assertThrows(DataException.class, () -> FullTraining.prepare(session, (s, f) -> null, folder));

    FullTraining.Prepared with =
        FullTraining.prepare(
            session, (s, f) -> session.volumes.get(s).label(), parent.resolve("judged"));
    assertEquals(List.of(), with.notes());
    data = load(with);
    assertEquals(1, data.validation().size());
    assertEquals(3, data.training().size());
    assertArrayEquals(session.volumes.get(2).label(), data.validation().get(0).label());
  }
}
