package tangram.pclmix.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Patients;

/** Whether patients that weights are scored on are among those that they were trained on. */
public final class TrainedPatients {
  private TrainedPatients() {}

  /**
   * Looks at the data themselves, not at the names of folders: a link, a subfolder or a copy holds
   * the same patients.
   *
   * @param config of the run that trained
   * @param folder where the patients to be scored are
   * @param chosen these patients
   * @return a warning for the user; empty if they are others
   */
  public static Optional<String> warning(TrainingConfig config, Path folder, Patients chosen) {
    String trainedIn = config.get(Setting.DATA);
    Patients both = chosen.and(config.patients(Setting.TRAIN_PATIENTS));
    if (both.size() == 0 || trainedIn.equals(TrainingConfig.PHANTOM)) {
      return Optional.empty();
    }
    boolean readable =
        !trainedIn.equals(TrainingConfig.REMOVED) && Files.isDirectory(Path.of(trainedIn));
    Sameness sameness = readable ? compare(Path.of(trainedIn), folder, both) : Sameness.UNKNOWN;
    if (sameness == Sameness.OTHERS) {
      return Optional.empty();
    }
    return Optional.of(
        "some of the patients "
            + chosen
            + (sameness == Sameness.SAME ? " were" : " may have been")
            + " trained on ("
            + config.get(Setting.TRAIN_PATIENTS)
            + ").");
  }

  private enum Sameness {
    SAME,
    OTHERS,
    UNKNOWN
  }

  /** Whether a folder is within the other, or holds a volume of these patients that it holds. */
  private static Sameness compare(Path trainedIn, Path folder, Patients patients) {
    try {
      Path one = trainedIn.toRealPath();
      Path other = folder.toRealPath();
      if (one.startsWith(other) || other.startsWith(one)) {
        return Sameness.SAME;
      }
      Map<String, Path> trained = volumes(trainedIn, patients);
      for (Map.Entry<String, Path> volume : volumes(folder, patients).entrySet()) {
        Path twin = trained.get(volume.getKey());
        if (twin != null && Files.mismatch(twin, volume.getValue()) < 0) {
          return Sameness.SAME;
        }
      }
      // Patients with slices alone cannot be compared.
      return trained.isEmpty() ? Sameness.UNKNOWN : Sameness.OTHERS;
    } catch (IOException e) {
      // Said by "may have been": no score fails for want of a comparison.
      return Sameness.UNKNOWN;
    }
  }

  private static Map<String, Path> volumes(Path folder, Patients patients) {
    Map<String, Path> volumes = new TreeMap<>();
    try {
      for (Path file : DataFolder.volumes(folder, patients, new Notices())) {
        CaseName name = CaseName.parse(CaseName.withoutExtension(file)).orElseThrow();
        volumes.put(name.patient() + " " + name.frame(), file);
      }
    } catch (DataException e) {
      // No volumes of these patients: of the folder to be scored, reading it says so.
      return volumes;
    }
    return volumes;
  }
}
