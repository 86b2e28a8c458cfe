package tangram.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.pytorch.engine.PtGradientCollector;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Module;
import tangram.tensor.vector.VectorDevice;

/**
 * Three steps from [1, -2, 3] down the sum of w^2 [1, 0.5, -0.3] at the rate 0.1; PyTorch's
 * numbers.
 */
class TorchOptimizerTest {
  private static final class Weights extends Module {
    Weights() {
      parameter("w", new Init(new VectorDevice(), 0).draw(Initializer.zeros(), 3));
    }
  }

  private static float[] after3(Function<TorchParameters, Function<Libtorch, TorchOptimizer>> of) {
    try (Libtorch libtorch = new Libtorch(1)) {
      TorchParameters parameters =
          new TorchParameters(libtorch, new Weights(), name -> new float[] {1, -2, 3});
      TorchOptimizer optimizer = of.apply(parameters).apply(libtorch);
      PtNDArray factors = libtorch.array(new float[] {1, 0.5f, -0.3f}, 3);
      for (int i = 0; i < 3; i++) {
        parameters.clearGradients();
        try (PtGradientCollector collector = new PtGradientCollector()) {
          collector.backward(JniUtils.mul(parameters.get("w").square(), factors).sum());
        }
        optimizer.step();
      }
      return parameters.value("w").toFloatArray();
    }
  }

  @Test
  void sgd() {
    assertArrayEquals(
        new float[] {0.0620f, -0.9720f, 4.0623f},
        after3(p -> l -> TorchOptimizer.sgd(l, p, 0.1, 0.9)),
        1e-4f);
  }

  @Test
  void adamW() {
    assertArrayEquals(
        new float[] {0.6989f, -1.6949f, 3.2910f},
        after3(p -> l -> TorchOptimizer.adamW(l, p, 0.1)),
        1e-4f);
  }
}
