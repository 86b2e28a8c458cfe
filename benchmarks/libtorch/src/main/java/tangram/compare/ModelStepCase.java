package tangram.compare;

import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtGradientCollector;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import tangram.nn.AdamW;
import tangram.nn.Layer;
import tangram.nn.Loss;
import tangram.nn.Optimizer;
import tangram.nn.Sgd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** Training steps of a network that classifies, from the same weights on the same batch. */
final class ModelStepCase implements Case {
  private static final double LOSS_TOLERANCE = 1e-3;
  private static final double MOMENTUM = 0.9;

  /** By what weights are moved. */
  enum Rule {
    /** Stochastic gradient descent with momentum 0.9. */
    SGD,
    /** AdamW with PyTorch's defaults. */
    ADAMW
  }

  /**
   * What is trained.
   *
   * @param name for messages
   * @param network with first weights
   * @param theirs the same with libtorch: the network and its input to logits
   * @param rule by what weights are moved
   * @param rate learning rate
   * @param tolerance of all gradients together, see {@link Agreement}
   */
  record Training(
      String name,
      Function<Device, Layer> network,
      BiFunction<TorchModels, PtNDArray, PtNDArray> theirs,
      Rule rule,
      double rate,
      double tolerance) {}

  /**
   * A batch.
   *
   * @param values the network's input, row-major
   * @param dims its shape
   * @param labels a class for each sample
   */
  record Batch(float[] values, int[] dims, int[] labels) {
    /** Standard normal numbers and labels that differ. */
    static Batch gaussian(int samples, int classes, int... dims) {
      int size = 1;
      for (int d : dims) {
        size *= d;
      }
      int[] labels = new int[samples];
      for (int i = 0; i < samples; i++) {
        labels[i] = (7 * i + 3) % classes;
      }
      return new Batch(Numbers.gaussian(size, 0), dims, labels);
    }
  }

  private final Training training;
  private final Layer network;
  private final Map<String, Tensor> weights;
  private final Optimizer optimizer;
  private final Tensor x;
  private final Tensor labels;
  private final Libtorch libtorch;
  private final TorchParameters parameters;
  private final TorchModels models;
  private final TorchOptimizer theirOptimizer;
  private final PtNDArray theirX;
  private final PtNDArray theirLabels;

  /** Prepares the case. */
  ModelStepCase(Device device, Libtorch shared, Training training, Batch batch) {
    this.training = training;
    network = training.network().apply(device);
    network.train(true);
    weights = network.parameters();
    boolean sgd = training.rule() == Rule.SGD;
    optimizer =
        sgd
            ? new Sgd(weights, training.rate()).momentum(MOMENTUM)
            : new AdamW(weights, training.rate());
    x = device.tensor(batch.values(), batch.dims());
    labels = device.tensor(batch.labels(), batch.labels().length);
    libtorch = shared.branch();
    Map<String, Tensor> state = network.state();
    parameters = new TorchParameters(libtorch, network, name -> state.get(name).toFloats());
    models = new TorchModels(libtorch, parameters, true);
    theirOptimizer =
        sgd
            ? TorchOptimizer.sgd(libtorch, parameters, training.rate(), MOMENTUM)
            : TorchOptimizer.adamW(libtorch, parameters, training.rate());
    theirX = libtorch.array(batch.values(), batch.dims());
    theirLabels = libtorch.array(batch.labels(), batch.labels().length);
  }

  @Override
  public void ours() {
    ourStep();
  }

  @Override
  public void theirs() {
    theirStep();
  }

  /** A step; returns the loss before it. */
  private double ourStep() {
    optimizer.zeroGrad();
    try (Scope scope = Scope.open()) {
      Tensor loss = Loss.crossEntropy(network.forward(x), labels);
      loss.backward();
      optimizer.step();
      return loss.item();
    }
  }

  private double theirStep() {
    parameters.clearGradients();
    try (NDScope scope = new NDScope();
        PtGradientCollector collector = new PtGradientCollector()) {
      scope.suppressNotUsedWarning();
      PtNDArray logits = training.theirs().apply(models, theirX);
      PtNDArray loss = models.functions().crossEntropy(logits, theirLabels);
      logits.close();
      collector.backward(loss);
      theirOptimizer.step();
      return loss.getFloat();
    }
  }

  /** The gradients of a step, and the losses before and after it. */
  @Override
  public void check() {
    checkLoss("first", ourStep(), theirStep());
    List<String> names = parameters.trained();
    int size = names.stream().mapToInt(n -> weights.get(n).size()).sum();
    float[] our = joined(size, names, n -> weights.get(n).grad().toFloats());
    float[] their = joined(size, names, this::theirGradient);
    Agreement.check("the gradients of " + training.name(), our, their, training.tolerance());
    checkLoss("second", ourStep(), theirStep());
  }

  private void checkLoss(String which, double our, double their) {
    String what = "the loss of the " + which + " step of " + training.name();
    Agreement.check(what, our, their, LOSS_TOLERANCE);
  }

  private float[] theirGradient(String name) {
    try (PtNDArray gradient = parameters.gradient(name)) {
      return gradient.toFloatArray();
    }
  }

  private static float[] joined(int size, List<String> names, Function<String, float[]> values) {
    float[] all = new float[size];
    int offset = 0;
    for (String name : names) {
      float[] part = values.apply(name);
      System.arraycopy(part, 0, all, offset, part.length);
      offset += part.length;
    }
    return all;
  }

  /** Our tensors go with their device, which no other case uses. */
  @Override
  public void close() {
    libtorch.close();
  }
}
