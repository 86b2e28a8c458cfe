package tangram.pclmix.training;

import java.nio.file.Path;
import java.util.List;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Volume;
import tangram.pclmix.data.Volumes;
import tangram.pclmix.phantom.PhantomData;

/**
 * What a run learns from and is judged by.
 *
 * @param training slices with scribbles, resized to the image size
 * @param validation volumes with dense truth, at their own size
 */
public record TrainingData(Dataset training, List<Volume> validation) {
  /**
   * The population of phantoms. It does not follow the run's seed, so that runs with several seeds
   * are judged by the same hearts.
   */
  private static final long PHANTOM_SEED = 0;

  /** Most phantoms to train on: those of larger numbers are for validation. */
  static final int MOST_PHANTOMS = 9000;

  private static final Patients PHANTOM_VALIDATION =
      Patients.range(MOST_PHANTOMS + 1, MOST_PHANTOMS + 10);

  /**
   * Reads or generates a run's data.
   *
   * @throws tangram.pclmix.data.DataException if there are no such data or a file is malformed
   */
  public static TrainingData load(TrainingConfig config) {
    List<Volume> validation = validation(config);
    Dataset training =
        config.usesPhantoms()
            ? new Dataset(
                PhantomData.slices(trainingPatients(config), config.imageSize(), PHANTOM_SEED),
                config.imageSize())
            : Dataset.load(
                Path.of(config.get(Setting.DATA)), trainingPatients(config), config.imageSize());
    return new TrainingData(training, validation);
  }

  /**
   * Reads or generates the volumes that a run is judged by.
   *
   * @throws tangram.pclmix.data.DataException if there are no such data or a file is malformed
   */
  public static List<Volume> validation(TrainingConfig config) {
    return config.usesPhantoms()
        ? PhantomData.volumes(PHANTOM_VALIDATION, config.imageSize(), PHANTOM_SEED)
        : Volumes.load(Path.of(config.get(Setting.DATA)), config.patients(Setting.VAL_PATIENTS));
  }

  private static Patients trainingPatients(TrainingConfig config) {
    return config.usesPhantoms()
        ? Patients.range(1, config.integer(Setting.PHANTOM_PATIENTS))
        : config.patients(Setting.TRAIN_PATIENTS);
  }
}
