package tangram.nn.training;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import tangram.nn.AtomicFile;
import tangram.nn.Checkpoint;
import tangram.nn.CheckpointWriter;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.Gradients;
import tangram.nn.Module;
import tangram.nn.Optimizer;
import tangram.nn.Plateau;
import tangram.nn.Plateau.Mode;
import tangram.nn.SafeTensors;
import tangram.nn.Schedule;
import tangram.nn.Weights;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.nn.data.DataLoader;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Trains a network on batches.
 *
 * <pre>{@code
 * new Trainer(model, new AdamW(model.parameters(), 1e-3), loader)
 *     .loss(batch -> Loss.crossEntropy(model.forward(batch[0]), batch[1]))
 *     .validate(500, Plateau.Mode.MAX, () -> Trainer.mean(test, accuracy))
 *     .folder(Path.of("runs/digits"), 500)
 *     .run(5000);
 * }</pre>
 *
 * <p>With a folder it saves checkpoints, the weights of the best validation ({@code
 * best.safetensors}) and a row for every step and validation ({@code steps.csv}, {@code
 * validations.csv}); called again with the same folder, it goes on where it was, with the same bits
 * as if it had never stopped. Ctrl-C stops it after the step under way, which is saved; a second
 * Ctrl-C ends the process.
 */
public final class Trainer {
  private static final String BEST = "best.safetensors";
  private static final String BEST_SCORE = "best_score";
  private static final String BAD = "validations_without_progress";
  private static final String PLATEAU = "plateau";

  /**
   * How training ended.
   *
   * @param steps how many steps were done in all
   * @param isDone whether nothing is left to do; false after Ctrl-C
   * @param loss that of the last step; NaN if none was done
   * @param bestScore of the validations; NaN without any
   */
  public record Result(long steps, boolean isDone, double loss, double bestScore) {}

  private final Module model;
  private final Optimizer optimizer;
  private final DataLoader data;
  private Function<Tensor[], Tensor> loss;
  private Schedule schedule;
  private Plateau plateau;
  private double maxNorm = Double.POSITIVE_INFINITY;
  private long validateEvery = Long.MAX_VALUE;
  private Mode mode = Mode.MAX;
  private DoubleSupplier score;
  private int patience = Integer.MAX_VALUE;
  private Path folder;
  private long saveEvery = Long.MAX_VALUE;
  private Terminal terminal = Terminal.ofProcess(System.out);

  // What a run carries from step to step.
  private double bestScore = Double.NaN;
  private int bad;
  private double lastLoss = Double.NaN;

  /**
   * Prepares.
   *
   * @param data the batches to learn from, by step
   */
  public Trainer(Module model, Optimizer optimizer, DataLoader data) {
    this.model = model;
    this.optimizer = optimizer;
    this.data = data;
  }

  /** Sets what is made small: a single number of a batch. */
  public Trainer loss(Function<Tensor[], Tensor> loss) {
    this.loss = loss;
    return this;
  }

  /** Sets the learning rate by step; unless set, it stays that of the optimiser. */
  public Trainer schedule(Schedule schedule) {
    this.schedule = schedule;
    return this;
  }

  /** Lets the learning rate follow the scores of validations. */
  public Trainer schedule(Plateau plateau) {
    this.plateau = plateau;
    return this;
  }

  /** Cuts the norm of all gradients; see {@link Gradients#clipNorm}. */
  public Trainer clipNorm(double most) {
    this.maxNorm = most;
    return this;
  }

  /**
   * Sets how good the network is, measured in evaluation mode and without a graph.
   *
   * @param every steps from one validation to the next; the last step has one, too
   * @param mode which scores are better
   */
  public Trainer validate(long every, Mode mode, DoubleSupplier score) {
    this.validateEvery = every;
    this.mode = mode;
    this.score = score;
    return this;
  }

  /** Ends the training early, after so many validations in a row that were not the best. */
  public Trainer patience(int validations) {
    this.patience = validations;
    return this;
  }

  /**
   * Sets where the run is kept.
   *
   * @param every steps from one checkpoint to the next; the last step has one, too
   */
  public Trainer folder(Path folder, long every) {
    this.folder = folder;
    this.saveEvery = every;
    return this;
  }

  /** Sets where progress is shown; null shows nothing and leaves Ctrl-C alone. */
  public Trainer terminal(Terminal terminal) {
    this.terminal = terminal;
    return this;
  }

  /**
   * The mean of something over all samples, for validation:
   *
   * <pre>{@code
   * Trainer.mean(test, batch -> model.forward(batch[0]).argmax(1).eq(batch[1]))
   * }</pre>
   *
   * @param values numbers or truth values, as many for each sample of a batch
   */
  public static double mean(DataLoader data, Function<Tensor[], Tensor> values) {
    double sum = 0;
    long count = 0;
    Iterator<Tensor[]> batches = data.epoch(0).iterator();
    while (batches.hasNext()) {
      try (Scope scope = Scope.open();
          Autograd.Guard guard = Autograd.noGrad()) {
        Tensor value = values.apply(batches.next());
        sum += value.to(value.type().isReal() ? value.type() : DType.F32).sum().item();
        count += value.size();
      }
    }
    return sum / count;
  }

  /**
   * Trains until so many steps were done in all, in this call and those before that had the folder.
   *
   * @throws DivergenceException if the loss is no finite number
   * @throws FileFormatException if the folder's checkpoints are of another network, or damaged
   * @throws FileWriteException if something cannot be written
   */
  public Result run(long steps) {
    if (loss == null) {
      throw new IllegalStateException("set the loss() that is to become small");
    }
    if (patience < Integer.MAX_VALUE && score == null || plateau != null && score == null) {
      throw new IllegalStateException("patience() and a plateau need validate(), which scores");
    }
    TrainingLoop loop = new TrainingLoop(steps, validateEvery, saveEvery);
    boolean wasTraining = model.isTraining();
    long first = resume();
    if (terminal == null) {
      return run(loop, first, steps, null, wasTraining);
    }
    Progress progress = new Progress(terminal);
    Runnable stop =
        () -> {
          loop.requestStop();
          progress.println("Stopping after this step (press Ctrl-C again to stop at once).");
        };
    try (StopSignals signals = new StopSignals(stop)) {
      return run(loop, first, steps, progress, wasTraining);
    } finally {
      progress.clear();
    }
  }

  private Result run(
      TrainingLoop loop, long first, long steps, Progress progress, boolean wasTraining) {
    if (bad >= patience) {
      loop.end();
    }
    model.train(true);
    try (DataLoader.Batches batches = data.from(first)) {
      Steps work = new Steps(loop, batches, first, steps, progress);
      boolean done = loop.run(first, work);
      return new Result(work.done, done, lastLoss, bestScore);
    } finally {
      model.train(wasTraining);
    }
  }

  /** Puts the weights of the best validation back into the network. */
  public void loadBest() {
    if (folder == null || score == null) {
      throw new IllegalStateException("the best weights are kept with folder() and validate()");
    }
    try (SafeTensors best = SafeTensors.read(folder.resolve(BEST))) {
      Weights.load(model, best);
    }
  }

  /** Goes on from the folder's last checkpoint; returns how many steps it has. */
  private long resume() {
    if (folder == null) {
      return 0;
    }
    if (!Checkpoint.exists(folder)) {
      AtomicFile.makeFolder(folder);
      return 0;
    }
    Checkpoint.Latest latest = Checkpoint.latest(folder);
    try (Checkpoint checkpoint = latest.checkpoint()) {
      checkpoint.restore(model, optimizer.state(), Map.of());
      Map<String, String> saved = checkpoint.metadata();
      try {
        bestScore = Double.parseDouble(saved.getOrDefault(BEST_SCORE, "NaN"));
        bad = Integer.parseInt(saved.getOrDefault(BAD, "0"));
        if (plateau != null && saved.containsKey(PLATEAU)) {
          String[] parts = saved.get(PLATEAU).split(" ");
          plateau.restore(
              new Plateau.State(
                  Double.parseDouble(parts[0]),
                  Double.parseDouble(parts[1]),
                  Integer.parseInt(parts[2]),
                  Integer.parseInt(parts[3])));
        }
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        throw checkpoint.impossible();
      }
      if (terminal != null) {
        latest.warnings().forEach(terminal::warn);
      }
      return checkpoint.step();
    }
  }

  private final class Steps implements TrainingLoop.Work {
    private final TrainingLoop loop;
    private final DataLoader.Batches batches;
    private final long steps;
    private final Progress progress;
    private final Pace pace;
    private final TrainingLog log;
    private final TrainingLog validations;
    private long done;
    private double lastScore = Double.NaN;

    private Steps(
        TrainingLoop loop, DataLoader.Batches batches, long first, long steps, Progress progress) {
      this.loop = loop;
      this.batches = batches;
      this.done = first;
      this.steps = steps;
      this.progress = progress;
      this.pace = new Pace(steps, validateEvery);
      this.log = log("steps.csv", "step,loss,learning_rate,seconds", true);
      this.validations = log("validations.csv", "step,score,best", score != null);
    }

    private TrainingLog log(String name, String header, boolean wanted) {
      return wanted && folder != null ? new TrainingLog(folder.resolve(name), header, done) : null;
    }

    @Override
    public void step(long step) {
      long start = System.nanoTime();
      if (schedule != null || plateau != null) {
        optimizer.setLearningRate(plateau == null ? schedule.at(step) : plateau.rate());
      }
      model.seek(step);
      optimizer.zeroGrad();
      try (Scope scope = Scope.open()) {
        Tensor value = loss.apply(batches.next());
        lastLoss = value.item();
        if (!Double.isFinite(lastLoss)) {
          throw new DivergenceException(
              "The loss became %s at step %d; lower the learning rate, or cut gradients with clipNorm()."
                  .formatted(lastLoss, step + 1));
        }
        value.backward();
        if (maxNorm < Double.POSITIVE_INFINITY) {
          Gradients.clipNorm(model.parameters(), maxNorm);
        }
        optimizer.step();
      }
      done = step + 1;
      double seconds = (System.nanoTime() - start) * 1e-9;
      pace.step(seconds);
      if (progress != null) {
        String scored =
            Double.isNaN(lastScore) ? "" : String.format(Locale.ROOT, "  score %.4f", lastScore);
        progress.update(
            done,
            steps,
            String.format(Locale.ROOT, "loss %.4f%s  %s", lastLoss, scored, pace.text(done)));
      }
      if (log != null) {
        log.append(done, lastLoss, optimizer.learningRate(), seconds);
      }
    }

    @Override
    public void validate(long done) {
      if (score == null) {
        return;
      }
      long start = System.nanoTime();
      model.train(false);
      try (Scope scope = Scope.open();
          Autograd.Guard guard = Autograd.noGrad()) {
        lastScore = score.getAsDouble();
      } finally {
        model.train(true);
      }
      pace.validated((System.nanoTime() - start) * 1e-9);
      boolean best =
          Double.isNaN(bestScore)
              ? !Double.isNaN(lastScore)
              : mode == Mode.MAX ? lastScore > bestScore : lastScore < bestScore;
      bad = best ? 0 : bad + 1;
      if (validations != null) {
        validations.append(done, lastScore, best);
      }
      if (best) {
        bestScore = lastScore;
        if (folder != null) {
          Weights.save(
              model,
              folder.resolve(BEST),
              Map.of("step", Long.toString(done), "score", Double.toString(lastScore)));
        }
      }
      if (plateau != null) {
        plateau.next(lastScore);
      }
      if (progress != null) {
        progress.println(
            String.format(
                Locale.ROOT,
                "step %d  loss %.4f  score %.4f%s",
                done,
                lastLoss,
                lastScore,
                best ? "  best" : ""));
      }
      if (bad >= patience) {
        loop.end();
      }
    }

    @Override
    public void save(long done) {
      if (folder == null) {
        return;
      }
      CheckpointWriter writer =
          new CheckpointWriter(model, optimizer.state())
              .metadata(BEST_SCORE, Double.toString(bestScore))
              .metadata(BAD, Integer.toString(bad));
      if (plateau != null) {
        Plateau.State state = plateau.state();
        writer.metadata(
            PLATEAU,
            "%s %s %d %d".formatted(state.rate(), state.best(), state.bad(), state.cooldown()));
      }
      writer.save(folder, done);
    }
  }
}
