package tangram.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.Updates;

/**
 * A moving average of tensors, such as the weights of a teacher (Tarvainen and Valpola 2017, Mean
 * teachers): {@code average = decay * average + (1 - decay) * value}.
 */
public final class ExponentialMovingAverage {
  private static final double[] NONE = {};

  /** Average, value, decay. */
  private static final Formula AVERAGE =
      Formula.of(3, x -> x[2].mul(x[0]).add(x[2].neg().add(1).mul(x[1])));

  private final Map<String, Tensor> values;
  private final Map<String, Tensor> averages;
  private final Tensor decay;
  private final Replay update;

  /**
   * Creates the average.
   *
   * @param averages overwritten by {@link #update}; they begin as they are
   * @param values what is averaged, at least of the same names, of the same shapes
   * @throws IllegalArgumentException if a name is missing or a shape differs
   */
  public ExponentialMovingAverage(
      Device device, Map<String, Tensor> averages, Map<String, Tensor> values) {
    // In order, so that a recording of it is the same in every process.
    this.averages = new LinkedHashMap<>(averages);
    this.values = new LinkedHashMap<>(values);
    averages.forEach(
        (name, average) -> {
          Tensor value = values.get(name);
          if (value == null || !value.shape().equals(average.shape())) {
            throw new IllegalArgumentException(
                "there is no '" + name + "' of shape " + average.shape() + " to average");
          }
        });
    try (Scope persistent = Scope.detached()) {
      decay = device.scalar(0);
    }
    update = device.replay("average");
  }

  /**
   * Averages once.
   *
   * @param factor what of the average stays, 0 to 1
   */
  public void update(double factor) {
    decay.copyFrom(new double[] {factor}, 0);
    update.begin();
    update.section(
        () -> {
          Updates updates = new Updates();
          averages.forEach(
              (name, average) ->
                  updates.next().into(average, AVERAGE, NONE, average, values.get(name), decay));
          updates.run();
        });
  }
}
