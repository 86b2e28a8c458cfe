package tangram.pclmix.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tangram.nn.Checkpoint;
import tangram.nn.CheckpointWriter;
import tangram.nn.FileFormatException;
import tangram.nn.Optimizer;
import tangram.nn.SafeTensors;
import tangram.nn.Weights;
import tangram.pclmix.method.Learner;
import tangram.tensor.Tensor;

/**
 * What a run carries from step to step, and its form in files: weights, momenta, what the method
 * carries, the number of steps done and the best score. Random numbers, the order of the data and
 * the learning rate follow from the seed and the step.
 */
final class TrainingState {
  private static final String CONFIG = TrainedModel.CONFIG;
  private static final String BEST_DICE = "best_dice";

  private final TrainingConfig config;
  private final Learner learner;
  private final EvaluatedWeights evaluated;
  private final Optimizer optimizer;
  private int step;
  private double bestDice = Double.NEGATIVE_INFINITY;

  TrainingState(
      TrainingConfig config, Learner learner, EvaluatedWeights evaluated, Optimizer optimizer) {
    this.evaluated = evaluated;
    this.config = config;
    this.learner = learner;
    this.optimizer = optimizer;
  }

  int step() {
    return step;
  }

  void advance() {
    step++;
  }

  /** Saves the weights if their score is the best so far. */
  boolean offer(double dice, RunFolder folder) {
    if (!(dice > bestDice)) {
      return false;
    }
    bestDice = dice;
    Weights.save(
        evaluated.network(),
        folder.best(),
        Map.of(
            CONFIG,
            config.format(),
            "step",
            Integer.toString(step),
            BEST_DICE,
            Double.toString(dice)));
    return true;
  }

  /** Saves the weights in place of the best, where nothing tells which are. */
  void keepLast(RunFolder folder) {
    Weights.save(
        evaluated.network(),
        folder.best(),
        Map.of(CONFIG, config.format(), "step", Integer.toString(step)));
  }

  /** Whether any weights were the best so far, and are not lost. */
  boolean hasBest() {
    return bestDice > Double.NEGATIVE_INFINITY;
  }

  void loadBest(RunFolder folder) {
    try (SafeTensors tensors = SafeTensors.read(folder.best())) {
      Weights.load(evaluated.network(), tensors);
    }
  }

  Path save(RunFolder folder) {
    CheckpointWriter writer = new CheckpointWriter(learner.network(), optimizer.state());
    learner.save(writer);
    evaluated.save(writer);
    return writer
        .metadata(CONFIG, config.format())
        .metadata(BEST_DICE, Double.toString(bestDice))
        .save(folder.path(), step);
  }

  /** Continues from a folder's last checkpoint; returns what is to be said about damaged ones. */
  List<String> restore(RunFolder folder) {
    if (!Checkpoint.exists(folder.path())) {
      return List.of(
          folder.path() + ": stopped before the first checkpoint; starting from the first step.");
    }
    Checkpoint.Latest latest = Checkpoint.latest(folder.path());
    try (Checkpoint checkpoint = latest.checkpoint()) {
      restore(checkpoint);
    }
    List<String> warnings = new ArrayList<>(latest.warnings());
    whatIsWrongWithBest(folder)
        .ifPresent(
            problem -> {
              warnings.add(
                  String.format(
                      Locale.ROOT,
                      "%s The best weights so far (Dice %.3f) are lost; the best of the validations"
                          + " to come take their place.",
                      problem,
                      bestDice));
              bestDice = Double.NEGATIVE_INFINITY;
            });
    return warnings;
  }

  private void restore(Checkpoint checkpoint) {
    String saved = checkpoint.metadata().get(CONFIG);
    String best = checkpoint.metadata().get(BEST_DICE);
    if (saved == null || best == null) {
      throw new FileFormatException(
          checkpoint.file() + ": is not a checkpoint of this program; start a new run.");
    }
    if (!TrainingConfig.parse(saved, checkpoint.file().toString())
        .format()
        .equals(config.format())) {
      throw new FileFormatException(
          checkpoint.file()
              + ": was made with other settings than those of the run's config.properties; restore"
              + " that file or start a new run.");
    }
    double dice = score(best);
    if (checkpoint.step() > config.iterations() || Double.isNaN(dice)) {
      throw checkpoint.impossible();
    }
    Map<String, Tensor> extra = new HashMap<>(learner.restore(checkpoint));
    extra.putAll(evaluated.state());
    checkpoint.restore(learner.network(), optimizer.state(), extra);
    step = Math.toIntExact(checkpoint.step());
    bestDice = dice;
  }

  /** Why the best weights cannot be used, if there should be some. */
  private Optional<String> whatIsWrongWithBest(RunFolder folder) {
    if (!hasBest()) {
      return Optional.empty();
    }
    try (SafeTensors best = SafeTensors.read(folder.best())) {
      String made = best.metadata().get(CONFIG);
      boolean ours =
          made != null
              && TrainingConfig.parse(made, folder.best().toString())
                  .format()
                  .equals(config.format())
              && best.names().containsAll(evaluated.network().state().keySet());
      return ours
          ? Optional.empty()
          : Optional.of(folder.best() + ": holds weights of another run.");
    } catch (FileFormatException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** The number that a text is, or NaN if it is none. */
  private static double score(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
