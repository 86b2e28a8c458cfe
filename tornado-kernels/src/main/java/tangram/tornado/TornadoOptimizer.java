package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Optimizer;

/** Updates of parameters on the device. */
final class TornadoOptimizer implements Optimizer {
  private static final Kernel SGD = new Kernel("sgd", OptimizerKernels::sgd);

  static final List<Kernel> KERNELS = List.of(SGD);

  private final Launcher launcher;

  TornadoOptimizer(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void sgd(Buffer w, Buffer g, Buffer v, Buffer lr, double momentum, double weightDecay) {
    launcher.launch(
        Launch.of(SGD)
            .at(w)
            .at(g)
            .at(v)
            .at(lr)
            .n(w.length())
            .s(momentum)
            .s(weightDecay)
            .threads(w.length()));
  }
}
