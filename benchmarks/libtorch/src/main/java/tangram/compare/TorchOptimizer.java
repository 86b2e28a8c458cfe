package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.List;

/**
 * PyTorch's optimisers with {@code fused=True}: one kernel for all parameters, the fastest it has.
 */
final class TorchOptimizer {
  /** The weight decay that AdamW has unless told otherwise. */
  private static final double DECAY = 0.01;

  private final TorchParameters parameters;
  private final List<String> names;
  private final double rate;
  private final double momentum;
  private final PtNDArray[] values;
  private final PtNDArray[] means;

  /** Of AdamW alone, as is the number of steps, one and the same for each parameter. */
  private final PtNDArray[] squares;

  private final PtNDArray[] steps;
  private final PtNDArray one;
  private final TorchScript script;
  private boolean started;

  private TorchOptimizer(
      Libtorch libtorch, TorchParameters parameters, double rate, double momentum, boolean adam) {
    this.parameters = parameters;
    this.rate = rate;
    this.momentum = momentum;
    names = parameters.trained();
    values = names.stream().map(parameters::value).toArray(PtNDArray[]::new);
    means = zeros();
    if (adam) {
      squares = zeros();
      steps = new PtNDArray[values.length];
      Arrays.fill(steps, libtorch.array(new float[1], new int[0]));
      one = libtorch.array(new float[] {1}, new int[0]);
      script =
          libtorch.script(
              "p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor],"
                  + " steps: List[Tensor], rate: float, decay: float",
              "none = annotate(List[Tensor], [])",
              "torch._fused_adamw_(p, g, m, v, none, steps, lr=rate, beta1=0.9, beta2=0.999,"
                  + " weight_decay=decay, eps=1.0e-8, amsgrad=False, maximize=False)",
              "return p[0]");
    } else {
      squares = null;
      steps = null;
      one = null;
      script =
          libtorch.script(
              "p: List[Tensor], g: List[Tensor], m: List[Tensor], rate: float, momentum: float,"
                  + " first: bool",
              "torch._fused_sgd_(p, g, m, weight_decay=0., momentum=momentum, lr=rate,"
                  + " dampening=0., nesterov=False, maximize=False, is_first_step=first)",
              "return p[0]");
    }
  }

  /** Stochastic gradient descent. */
  static TorchOptimizer sgd(
      Libtorch libtorch, TorchParameters parameters, double rate, double momentum) {
    return new TorchOptimizer(libtorch, parameters, rate, momentum, false);
  }

  /** AdamW with PyTorch's defaults. */
  static TorchOptimizer adamW(Libtorch libtorch, TorchParameters parameters, double rate) {
    return new TorchOptimizer(libtorch, parameters, rate, 0, true);
  }

  private PtNDArray[] zeros() {
    return Arrays.stream(values).map(Libtorch::zerosLike).toArray(PtNDArray[]::new);
  }

  /** Updates all parameters, each of which has a gradient. */
  void step() {
    PtNDArray[] gradients = names.stream().map(parameters::gradient).toArray(PtNDArray[]::new);
    IValue p = IValue.listFrom(values);
    IValue g = IValue.listFrom(gradients);
    IValue m = IValue.listFrom(means);
    PtNDArray first;
    if (squares == null) {
      first = script.run(p, g, m, IValue.from(rate), IValue.from(momentum), IValue.from(!started));
    } else {
      JniUtils.addi(steps[0], one);
      IValue v = IValue.listFrom(squares);
      IValue s = IValue.listFrom(steps);
      first = script.run(p, g, m, v, s, IValue.from(rate), IValue.from(DECAY));
    }
    started = true;
    first.close();
    for (PtNDArray gradient : gradients) {
      gradient.close();
    }
  }
}
