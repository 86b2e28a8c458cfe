package tangram.pclmix.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tangram.pclmix.data.ByteMap;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Supervision;
import tangram.pclmix.data.Volume;
import tangram.pclmix.data.Volumes;
import tangram.pclmix.label.ScribblePriors;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.phantom.PhantomData;

/**
 * What a run learns from and is judged by.
 *
 * @param training slices with scribbles, as large as the settings say
 * @param validation volumes with dense truth, at their own size; may be empty
 * @param test such volumes that take no part in the choice of the best weights; may be empty
 * @param encoder file of weights that the encoder starts from
 */
public record TrainingData(
    Dataset training, List<Volume> validation, List<Volume> test, Optional<Path> encoder) {
  /**
   * The population of phantoms. It does not follow the run's seed, so that runs with several seeds
   * are judged by the same hearts.
   */
  public static final long PHANTOM_SEED = 0;

  private static final int VALIDATION_PHANTOMS = 10;

  /** Data for an encoder that starts from random weights. */
  public TrainingData(Dataset training, List<Volume> validation, List<Volume> test) {
    this(training, validation, test, Optional.empty());
  }

  /**
   * Reads or generates a run's data.
   *
   * @param notices hear of files that are left out, and of what cannot be learnt from
   * @throws tangram.nn.data.DataException if there are no such data or a file is malformed
   */
  public static TrainingData load(TrainingConfig config, Notices notices) {
    List<Volume> validation = validation(config, notices);
    UnaryOperator<Slice> implied =
        config.scribbleLoss().farWeight() > 0
            ? farBackground(config.farBackground().orElseThrow())
            : UnaryOperator.identity();
    Dataset training =
        config.usesPhantoms()
            ? new Dataset(
                PhantomData.trainingSlices(
                        config.imageSize(), PHANTOM_SEED, config.integer(Setting.PHANTOM_PATIENTS))
                    .parallelStream()
                    .map(implied)
                    .toList(),
                config.framing())
            : Dataset.load(
                Path.of(config.get(Setting.DATA)),
                config.labels(),
                config.patients(Setting.TRAIN_PATIENTS),
                config.framing(),
                config.spacings(),
                implied,
                notices);
    if (!config.method().isDense()) {
      Supervision.doubts(config.get(Setting.DATA), training.slices()).forEach(notices::doubt);
    }
    return new TrainingData(
        config.method().prepare(training, config),
        validation,
        config
            .testPatients()
            .map(
                patients ->
                    Volumes.load(
                        Path.of(config.get(Setting.DATA)),
                        config.labels(),
                        patients,
                        config.spacings(),
                        notices))
            .orElse(List.of()),
        config.encoderWeights());
  }

  /** Labels what is farther than a distance in mm from all scribbles, at the slice's own size. */
  private static UnaryOperator<Slice> farBackground(double mm) {
    return s -> {
      int classes = s.labels().count();
      byte[] far =
          s.spacing() == null
              ? ScribblePriors.farBackground(s.scribble(), classes, s.height(), s.width(), mm)
              : ScribblePriors.farBackground(
                  s.scribble(), classes, s.height(), s.width(), mm, s.spacing()[1], s.spacing()[2]);
      return s.with(ByteMap.ofLabels(ScribbleLoss.FAR, far, s.labels()));
    };
  }

  /**
   * Reads or generates the volumes that a run is judged by.
   *
   * @return none if the settings name no patients for that
   * @param notices hear of files that are left out
   * @throws tangram.nn.data.DataException if there are no such data or a file is malformed
   */
  public static List<Volume> validation(TrainingConfig config, Notices notices) {
    return config.usesPhantoms()
        ? PhantomData.validationVolumes(config.imageSize(), PHANTOM_SEED, VALIDATION_PHANTOMS)
        : config
            .validationPatients()
            .map(
                patients ->
                    Volumes.load(
                        Path.of(config.get(Setting.DATA)),
                        config.labels(),
                        patients,
                        config.spacings(),
                        notices))
            .orElse(List.of());
  }
}
