package tangram.tensor.contract;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameter updates. */
public abstract class OptimizerContract extends KernelContract {
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 31, 97, 10007, 100003})
  void sgd(int length) {
    check("sgd " + length)
        .updated("w", normal(1, length))
        .input("g", normal(2, length))
        .updated("v", normal(3, length))
        .input("lr", new double[] {(float) 0.03})
        .tolerance(1e-6)
        .run(
            (k, b) ->
                k.optimizer().sgd(b.get("w"), b.get("g"), b.get("v"), b.get("lr"), 0.9, 5e-4));
    check("plain gradient descent " + length)
        .updated("w", normal(4, length))
        .input("g", normal(5, length))
        .updated("v", new double[length])
        .input("lr", new double[] {0.5})
        .tolerance(1e-6)
        .run((k, b) -> k.optimizer().sgd(b.get("w"), b.get("g"), b.get("v"), b.get("lr"), 0, 0));
  }
}
