package tangram.pclmix.training;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.nn.CheckpointWriter;
import tangram.nn.ExponentialMovingAverage;
import tangram.nn.Layer;
import tangram.nn.Module;
import tangram.pclmix.method.Learner;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * The weights that are validated and saved as the best: those that are trained, or their moving
 * average, statistics of batch norm included.
 */
final class EvaluatedWeights {
  /** Which weights. */
  enum Kind {
    /** As the optimiser leaves them. */
    TRAINED,
    /** Their exponential moving average over the steps. */
    EMA
  }

  /** Before the names of averages in checkpoints. */
  private static final String PREFIX = "average.";

  private final Learner learner;
  private final double decay;

  /** Null where trained weights are evaluated. */
  private final Layer averaged;

  private final ExponentialMovingAverage average;

  EvaluatedWeights(Device device, TrainingConfig config, Learner learner) {
    this.learner = learner;
    this.decay = config.real(Setting.EMA_DECAY);
    if (config.evaluatedWeights() == Kind.TRAINED) {
      averaged = null;
      average = null;
      return;
    }
    try (Scope persistent = Scope.detached()) {
      averaged = config.method().predictor(device, config);
    }
    averaged.train(false);
    average = new ExponentialMovingAverage(device, averaged.state(), learner.predictor().state());
  }

  /** What segments. */
  Layer predictor() {
    return averaged == null ? learner.predictor() : averaged;
  }

  /** What a file of the best weights holds. */
  Module network() {
    return averaged == null ? learner.network() : averaged;
  }

  /**
   * Follows what the optimiser did.
   *
   * @param step the iteration that is done, counted from 0
   */
  void updated(long step) {
    if (average != null) {
      // The first steps, of weights that are hardly trained, are soon forgotten.
      average.update(Math.min(1 - 1.0 / (step + 1), decay));
    }
  }

  void save(CheckpointWriter writer) {
    state().forEach(writer::extra);
  }

  /** The averages by their names in checkpoints. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    if (averaged != null) {
      averaged.state().forEach((name, tensor) -> state.put(PREFIX + name, tensor));
    }
    return state;
  }
}
