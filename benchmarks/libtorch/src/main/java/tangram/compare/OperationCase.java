package tangram.compare;

import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtGradientCollector;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.function.Supplier;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * A differentiable operation: its forward pass, or that and the gradients by its inputs, each side
 * with its own automatic differentiation. The gradient of the output is given.
 */
final class OperationCase implements Case {
  /** The operation with Tangram. */
  interface Ours {
    /** Applies it to its inputs. */
    Tensor apply(Tensor[] inputs);
  }

  /** The operation with libtorch. */
  interface Theirs {
    /** Applies it to its inputs; closes intermediate arrays. */
    PtNDArray apply(PtNDArray[] inputs);
  }

  /**
   * An input.
   *
   * @param differentiate whether a network needs the gradient by it
   */
  record Input(float[] values, boolean differentiate, int... dims) {
    /** Standard normal numbers, by which is differentiated. */
    static Input gaussian(int number, int... dims) {
      return gaussian(number, true, dims);
    }

    /** Standard normal numbers. */
    static Input gaussian(int number, boolean differentiate, int... dims) {
      int size = 1;
      for (int d : dims) {
        size *= d;
      }
      return new Input(Numbers.gaussian(size, number), differentiate, dims);
    }
  }

  private static final int SEED_NUMBER = 100;

  private final String name;
  private final boolean training;
  private final double tolerance;
  private final List<Input> inputs;
  private final Ours ours;
  private final Theirs theirs;
  private final Tensor[] ourInputs;
  private final PtNDArray[] theirInputs;
  private final Tensor ourSeed;
  private final PtNDArray theirSeed;

  /**
   * Prepares the case.
   *
   * @param mode {@link Entry#FORWARD} or {@link Entry#TRAINING}
   * @param tolerance of output and gradients, see {@link Agreement}
   */
  OperationCase(
      String name,
      String mode,
      double tolerance,
      Device device,
      Libtorch libtorch,
      List<Input> inputs,
      Ours ours,
      Theirs theirs) {
    this.name = name;
    this.training = mode.equals(Entry.TRAINING);
    this.tolerance = tolerance;
    this.inputs = inputs;
    this.ours = ours;
    this.theirs = theirs;
    ourInputs =
        inputs.stream().map(i -> device.tensor(i.values(), i.dims())).toArray(Tensor[]::new);
    theirInputs =
        inputs.stream().map(i -> libtorch.array(i.values(), i.dims())).toArray(PtNDArray[]::new);
    int[] dims = outputDims();
    Input seed = Input.gaussian(SEED_NUMBER, dims);
    ourSeed = device.tensor(seed.values(), dims);
    theirSeed = libtorch.array(seed.values(), dims);
  }

  /**
   * A row of a table; its inputs are made when it is their turn.
   *
   * @param count how often it occurs in a forward pass of the network, 0 where it does not
   */
  static Entry entry(
      CompareOptions options,
      String name,
      String mode,
      int count,
      double tolerance,
      Supplier<List<Input>> inputs,
      Ours ours,
      Theirs theirs) {
    return new Entry(
        name,
        mode,
        count,
        () ->
            new OperationCase(
                name,
                mode,
                tolerance,
                options.device(),
                options.libtorch(),
                inputs.get(),
                ours,
                theirs));
  }

  private int[] outputDims() {
    try (Scope scope = Scope.open()) {
      return ours.apply(ourInputs).shape().dims();
    }
  }

  @Override
  public void ours() {
    ours(null);
  }

  @Override
  public void theirs() {
    theirs(null);
  }

  /** What a call gives: the output, then the gradients by the inputs that need one. */
  private static final class Results {
    private final float[][] values;

    Results(int inputs) {
      values = new float[1 + inputs][];
    }
  }

  private void ours(Results results) {
    try (Scope scope = Scope.open()) {
      Tensor[] x = ourInputs;
      if (training) {
        x = new Tensor[ourInputs.length];
        for (int i = 0; i < x.length; i++) {
          x[i] = inputs.get(i).differentiate() ? inner(i, results) : ourInputs[i];
        }
      }
      Tensor y = ours.apply(x);
      if (results != null) {
        results.values[0] = y.toFloats();
      }
      if (training) {
        y.backward(ourSeed);
      }
    }
  }

  /**
   * An input as an inner layer has it, result of another operation, so that its gradient is handed
   * on. That of a parameter would be added to what it has, which libtorch does not do at first.
   */
  private Tensor inner(int i, Results results) {
    Tensor leaf = ourInputs[i].detach().requireGrad();
    return Autograd.record(
        "input",
        ourInputs[i].detach(),
        new Tensor[] {leaf},
        new Tensor[0],
        gradient -> {
          if (results != null) {
            results.values[1 + i] = gradient.toFloats();
          }
          return new Tensor[] {null};
        });
  }

  private void theirs(Results results) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      if (!training) {
        PtNDArray y = theirs.apply(theirInputs);
        if (results != null) {
          results.values[0] = y.toFloatArray();
        }
        return;
      }
      try (PtGradientCollector collector = new PtGradientCollector()) {
        PtNDArray[] x = new PtNDArray[theirInputs.length];
        for (int i = 0; i < x.length; i++) {
          x[i] = inputs.get(i).differentiate() ? Libtorch.leaf(theirInputs[i]) : theirInputs[i];
        }
        PtNDArray y = theirs.apply(x);
        JniUtils.backward(y, theirSeed, false, false);
        if (results != null) {
          results.values[0] = y.toFloatArray();
          for (int i = 0; i < x.length; i++) {
            results.values[1 + i] =
                inputs.get(i).differentiate() ? x[i].getGradient().toFloatArray() : null;
          }
        }
      }
    }
  }

  @Override
  public void check() {
    Results our = new Results(inputs.size());
    Results their = new Results(inputs.size());
    ours(our);
    theirs(their);
    Agreement.check("the output of " + name, our.values[0], their.values[0], tolerance);
    for (int i = 0; training && i < inputs.size(); i++) {
      if (inputs.get(i).differentiate()) {
        Agreement.check(
            "the gradient of " + name + " by input " + i,
            our.values[1 + i],
            their.values[1 + i],
            tolerance);
      }
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < ourInputs.length; i++) {
      ourInputs[i].close();
      theirInputs[i].close();
    }
    ourSeed.close();
    theirSeed.close();
  }
}
