package tangram.pclmix.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tangram.nn.training.ExchangeException;
import tangram.nn.training.GradientExchange;
import tangram.nn.training.TreeSum;
import tangram.pclmix.method.Learner;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Tensor;

/**
 * The gradients of a batch that is divided into shards, of which each worker does an equal part.
 *
 * <p>All that a shard changes goes into one vector: gradients, statistics of batch norm, losses,
 * what the learner leaves, and whether the run is to stop. The vectors are summed in a {@link
 * TreeSum} over the numbers of the shards, of which a worker's own are a part, and scaled once. So
 * any number of workers comes to the same bits. Statistics are set back before every shard: each
 * begins with those that the step began with, and their mean goes on.
 */
final class Shards {
  private final Learner learner;
  private final GradientExchange exchange;
  private final int count;
  private final List<Tensor> parameters;
  private final List<Tensor> statistics = new ArrayList<>();
  private float[] before;
  private float[][] leaves;
  private List<String> names;
  private volatile boolean stop;
  private boolean stopped;

  Shards(int count, Learner learner, GradientExchange exchange) {
    if (Integer.bitCount(exchange.workers()) != 1 || exchange.workers() > count) {
      throw new IllegalArgumentException(exchange.workers() + " workers for " + count + " shards");
    }
    this.count = count;
    this.learner = learner;
    this.exchange = exchange;
    this.parameters = List.copyOf(learner.parameters().values());
    for (Tensor buffer : learner.network().buffers().values()) {
      // Numbers of batches are the same after every shard.
      if (buffer.type().isReal()) {
        statistics.add(buffer);
      }
    }
    learner.divide();
  }

  GradientExchange exchange() {
    return exchange;
  }

  /** Lets all workers stop after the next step. */
  void requestStop() {
    stop = true;
  }

  /** Whether a worker wanted to stop in the last step. */
  boolean isStopped() {
    return stopped;
  }

  /** Checks that all workers have done as many steps. */
  void requireSameStep(int step) {
    float[] steps = new float[exchange.workers()];
    steps[exchange.rank()] = step;
    exchange.sum(steps);
    for (int rank = 0; rank < steps.length; rank++) {
      if (steps[rank] != step) {
        throw new ExchangeException(
            "Worker %d continues after step %.0f and worker %d after step %d; check that all see the same folder of the run."
                .formatted(rank, steps[rank], exchange.rank(), step));
      }
    }
  }

  /**
   * Leaves the mean gradients of all shards in the parameters, and all else that a step changes.
   *
   * @param load makes the input hold the shard that it names
   * @param clear sets the gradients to zero
   */
  StepLosses step(StepInput input, long step, Consumer<StepInput> load, Runnable clear) {
    int own = count / exchange.workers();
    int first = exchange.rank() * own;
    before = read(statistics, before);
    TreeSum sum = new TreeSum();
    for (int i = 0; i < own; i++) {
      write(statistics, before, 0, 1);
      input.shard(first + i);
      load.accept(input);
      clear.run();
      sum.add(leaf(i, first + i, learner.step(input, step)));
    }
    float[] all = sum.total();
    exchange.sum(all);
    return take(all);
  }

  private float[] leaf(int place, int shard, StepLosses losses) {
    if (names == null) {
      names = List.copyOf(losses.values().keySet());
    }
    float[] left = learner.left();
    int gradients = size(parameters);
    int reported = gradients + size(statistics);
    int rest = reported + names.size() + 2;
    if (leaves == null) {
      leaves = new float[count / exchange.workers()][rest + count * left.length];
    }
    float[] leaf = leaves[place];
    int at = 0;
    for (Tensor parameter : parameters) {
      if (parameter.grad() == null) {
        Arrays.fill(leaf, at, at + parameter.size(), 0);
      } else {
        parameter.grad().copyTo(leaf, at);
      }
      at += parameter.size();
    }
    for (Tensor statistic : statistics) {
      statistic.copyTo(leaf, at);
      at += statistic.size();
    }
    for (String name : names) {
      leaf[at++] = (float) losses.value(name);
    }
    leaf[at++] = (float) losses.total();
    leaf[at] = stop ? 1 : 0;
    // Zeros but in the shard's own place: their sum puts one behind the other.
    Arrays.fill(leaf, rest, leaf.length, 0);
    System.arraycopy(left, 0, leaf, rest + shard * left.length, left.length);
    return leaf;
  }

  private StepLosses take(float[] all) {
    float scale = 1f / count;
    int at = 0;
    for (Tensor parameter : parameters) {
      if (parameter.grad() != null) {
        write(List.of(parameter.grad()), all, at, scale);
      }
      at += parameter.size();
    }
    at += write(statistics, all, at, scale);
    Map<String, Double> values = new LinkedHashMap<>();
    for (String name : names) {
      values.put(name, (double) (all[at++] * scale));
    }
    double total = all[at++] * scale;
    stopped = all[at++] > 0;
    List<float[]> left = new ArrayList<>();
    int length = (all.length - at) / count;
    for (int i = 0; i < count; i++) {
      left.add(Arrays.copyOfRange(all, at + i * length, at + (i + 1) * length));
    }
    if (Double.isFinite(total)) {
      learner.take(left);
    }
    return new StepLosses(total, values);
  }

  private static int size(List<Tensor> tensors) {
    return tensors.stream().mapToInt(Tensor::size).sum();
  }

  private static float[] read(List<Tensor> tensors, float[] into) {
    float[] values = into == null ? new float[size(tensors)] : into;
    int at = 0;
    for (Tensor tensor : tensors) {
      tensor.copyTo(values, at);
      at += tensor.size();
    }
    return values;
  }

  /** Overwrites tensors; returns how many numbers. The values read are scaled in their place. */
  private static int write(List<Tensor> tensors, float[] values, int from, float scale) {
    int at = from;
    for (Tensor tensor : tensors) {
      if (scale != 1) {
        for (int i = at; i < at + tensor.size(); i++) {
          values[i] *= scale;
        }
      }
      tensor.copyFrom(values, at);
      at += tensor.size();
    }
    return at - from;
  }
}
