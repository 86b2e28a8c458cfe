package tangram.pclmix.training;

import java.nio.file.Path;
import java.util.List;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Volume;
import tangram.pclmix.data.Volumes;
import tangram.pclmix.phantom.PhantomData;

/**
 * What a run learns from and is judged by.
 *
 * @param training slices with scribbles, resized to the image size
 * @param validation volumes with dense truth, at their own size
 * @param test such volumes that take no part in the choice of the best weights; may be empty
 */
public record TrainingData(Dataset training, List<Volume> validation, List<Volume> test) {
  /**
   * The population of phantoms. It does not follow the run's seed, so that runs with several seeds
   * are judged by the same hearts.
   */
  public static final long PHANTOM_SEED = 0;

  private static final int VALIDATION_PHANTOMS = 10;

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
                PhantomData.trainingSlices(
                    config.imageSize(), PHANTOM_SEED, config.integer(Setting.PHANTOM_PATIENTS)),
                config.imageSize())
            : Dataset.load(
                Path.of(config.get(Setting.DATA)),
                config.patients(Setting.TRAIN_PATIENTS),
                config.imageSize());
    return new TrainingData(
        config.method() == Method.FULL ? training.denselyAnnotated() : training,
        validation,
        config
            .testPatients()
            .map(patients -> Volumes.load(Path.of(config.get(Setting.DATA)), patients))
            .orElse(List.of()));
  }

  /**
   * Reads or generates the volumes that a run is judged by.
   *
   * @throws tangram.pclmix.data.DataException if there are no such data or a file is malformed
   */
  public static List<Volume> validation(TrainingConfig config) {
    return config.usesPhantoms()
        ? PhantomData.validationVolumes(config.imageSize(), PHANTOM_SEED, VALIDATION_PHANTOMS)
        : Volumes.load(Path.of(config.get(Setting.DATA)), config.patients(Setting.VAL_PATIENTS));
  }
}
