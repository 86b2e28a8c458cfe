package tangram.pclmix.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Patients;

class TrainedPatientsTest {
  private static final Optional<String> WERE =
      Optional.of("some of the patients 41 were trained on (41-100).");

  @TempDir private Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws IOException {
    data = folder.resolve("d");
    volume(data, "patient041_frame01.h5", "the volume");
  }

  private static void volume(Path data, String name, String contents) throws IOException {
    Path volumes = Files.createDirectories(data.resolve(DataFolder.VOLUMES));
    Files.writeString(volumes.resolve(name), contents);
  }

  private Optional<String> warning(Path scored, int patient) {
    TrainingConfig config =
        TrainingConfig.of(
            Preset.TINY,
            Map.of(
                Setting.DATA,
                data.toString(),
                Setting.TRAIN_PATIENTS,
                "41-100",
                Setting.VAL_PATIENTS,
                "21"));
    return TrainedPatients.warning(config, scored, Patients.of(patient));
  }

  @Test
  void theSameFolderWhateverItsName() throws IOException {
    assertEquals(WERE, warning(data, 41));
    assertEquals(WERE, warning(data.resolve(DataFolder.VOLUMES), 41));
    assertEquals(WERE, warning(Files.createSymbolicLink(folder.resolve("e"), data), 41));
    assertEquals(Optional.empty(), warning(data, 21));
  }

  @Test
  void copiesAreRecognised() throws IOException {
    Path copy = folder.resolve("copy");
    volume(copy, "patient41_frame1.hdf5", "the volume");
    assertEquals(WERE, warning(copy, 41));
    Path others = folder.resolve("others");
    volume(others, "patient041_frame01.h5", "of somebody else");
    assertEquals(Optional.empty(), warning(others, 41));
  }

  @Test
  void whatCannotBeComparedMayBeTheSame() throws IOException {
    Path other = folder.resolve("other");
    volume(other, "patient041_frame01.h5", "the volume");
    Files.delete(data.resolve(DataFolder.VOLUMES).resolve("patient041_frame01.h5"));
    assertEquals(
        Optional.of("some of the patients 41 may have been trained on (41-100)."),
        warning(other, 41));
    Files.delete(data.resolve(DataFolder.VOLUMES));
    Files.delete(data);
    assertEquals(
        Optional.of("some of the patients 41 may have been trained on (41-100)."),
        warning(other, 41));
  }
}
