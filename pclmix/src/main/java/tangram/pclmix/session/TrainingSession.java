package tangram.pclmix.session;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.SafeTensors;
import tangram.nn.model.EncoderWeights;
import tangram.nn.training.GradientExchange;
import tangram.pclmix.data.Notices;
import tangram.pclmix.method.Learner;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.report.Gallery;
import tangram.pclmix.report.Report;
import tangram.pclmix.training.Follower;
import tangram.pclmix.training.RunEnvironment;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.Trainer;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;
import tangram.pclmix.training.TrainingListener;
import tangram.pclmix.training.Validation;
import tangram.tensor.Device;

/**
 * A training run from its data to its page, wherever it runs: in a terminal, or as a task of a
 * cluster. Its parts are called in this order: {@link #load}, {@link #build}, {@link
 * #importEncoder}, {@link #begin}, {@link #train} and, if that came to its end, {@link #conclude}.
 */
public final class TrainingSession {
  private final Device device;
  private final TrainingConfig config;
  private final String program;
  private final Consumer<String> warnings;
  private GradientExchange exchange = GradientExchange.ALONE;
  private TrainingData data;
  private Learner learner;
  private RunFolder run;
  private Trainer trainer;
  private volatile boolean stop;

  /**
   * Prepares.
   *
   * @param program name and version of what trains, for the run's record
   * @param warnings takes sentences about what the run can do without
   */
  public TrainingSession(
      Device device, TrainingConfig config, String program, Consumer<String> warnings) {
    this.device = device;
    this.config = config;
    this.program = program;
    this.warnings = warnings;
  }

  /** Lets other workers share the steps; before {@link #begin}. */
  public void share(GradientExchange with) {
    exchange = with;
  }

  /**
   * The scores of the best weights.
   *
   * @param test on the test volumes, of a run that has some
   * @param validation on the validation volumes, of a run that has some
   */
  public record Scores(Optional<Validation> test, Optional<Validation> validation) {}

  /**
   * Reads or generates the data.
   *
   * @param notices hear of files that are left out, and of what cannot be learnt from
   * @throws tangram.nn.data.DataException if there are no such data or a file is malformed
   */
  public TrainingData load(Notices notices) {
    return load(notices, Map.of());
  }

  /**
   * Reads or generates the data from other places than the settings say: copies of their files on
   * another machine.
   */
  public TrainingData load(Notices notices, Map<Setting, String> places) {
    data = TrainingData.load(config.with(places), notices);
    return data;
  }

  /** Makes the networks, with random weights. */
  public Learner build() {
    learner = config.method().learner(device, config, data.training());
    return learner;
  }

  /**
   * Starts the networks from the encoder weights that the settings name; a run that begins needs
   * it, one that continues has its own.
   *
   * @return what was loaded; empty if the settings name none
   * @throws FileFormatException if the file cannot be read or does not fit
   */
  public Optional<EncoderWeights.Match> importEncoder() {
    Optional<Path> file = data.encoder();
    if (file.isEmpty()) {
      return Optional.empty();
    }
    EncoderWeights.Match match = null;
    try (SafeTensors tensors = SafeTensors.read(file.get())) {
      for (SegmentationNetwork network : learner.started()) {
        match = EncoderWeights.load(network.encoder(), tensors);
      }
    }
    return Optional.ofNullable(match);
  }

  /**
   * Begins in a new run's folder, or continues from the last checkpoint of an earlier one.
   *
   * @param resumed whether the folder is of an earlier run
   * @throws FileFormatException if there are checkpoints but none that can be read, or the run
   *     began with other data
   */
  public void begin(RunFolder folder, boolean resumed, TrainingListener listener) {
    run = folder;
    trainer = new Trainer(device, config, learner, data, folder, listener, exchange);
    if (resumed) {
      warn(trainer.resume());
    }
  }

  private void warn(List<String> sentences) {
    sentences.forEach(warnings);
  }

  /**
   * Shares the steps of a session in another process, which {@linkplain #begin began} before, until
   * it ends or stops; in the place of {@link #begin}, {@link #train} and {@link #conclude}.
   *
   * @param folder of the run, where nothing is written
   * @throws tangram.nn.training.DivergenceException if the loss is no finite number
   * @throws tangram.nn.training.ExchangeException if another worker ended or does not answer
   */
  public void follow(Path folder) {
    Follower follower = new Follower(device, config, learner, data.training(), exchange);
    follower.resume(folder);
    follower.run();
  }

  /** Number of steps done. */
  public int step() {
    return trainer.step();
  }

  /** Makes {@link #train} save and return after the step under way; from any thread. */
  public void requestStop() {
    stop = true;
    trainer.requestStop();
  }

  /**
   * Records what the run is computed on and trains until all steps are done or a stop is requested.
   *
   * @return whether {@link #conclude} is to follow; if not, the run can be resumed, and its page
   *     shows how far it came
   * @throws tangram.nn.training.DivergenceException if the loss is no finite number
   * @throws FileWriteException if something cannot be written
   */
  public boolean train() {
    warn(RunEnvironment.append(run.path(), program, device, trainer.step()));
    boolean done = trainer.run() && !stop;
    if (!done) {
      writePage();
    }
    return done;
  }

  /** Scores the best weights, which completes the run, and writes its pictures and page. */
  public Scores conclude() {
    Optional<Validation> test = trainer.testBest();
    Gallery gallery = new Gallery(config.labels());
    Optional<Validation> validation = trainer.evaluateBest(gallery);
    if (validation.isPresent()) {
      sideFile(() -> AtomicFile.write(run.path().resolve("slices.png"), gallery.png()));
    }
    writePage();
    return new Scores(test, validation);
  }

  private void writePage() {
    sideFile(() -> new Report(run.path()).write(run.path().resolve(Report.FILE), false));
  }

  /** The run is whole without: its pictures and page can be made again. */
  private void sideFile(Runnable write) {
    try {
      write.run();
    } catch (FileWriteException | FileFormatException e) {
      warnings.accept(e.getMessage());
    }
  }
}
