package tangram.tornado;

import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Has TornadoVM compile all kernels, and those of a few formulas, for {@code tools/kernel-budget}.
 * It launches them without arguments, so it is nothing for a device that computes.
 */
final class CompileKernels {
  private CompileKernels() {}

  /** Compiles. */
  public static void main(String[] arguments) {
    Device device = Devices.get("tornado");
    try (Scope scope = Scope.open()) {
      Tensor x = device.ones(8, 16).requireGrad();
      Tensor y = x.mul(x).add(x.exp()).gelu();
      y.softmax(1).sum().backward();
      for (Kernel kernel : TornadoDevice.allKernels()) {
        ((TornadoDevice) device).engine().launch(Launch.of(kernel).threads(1));
      }
      x.grad().toFloats();
    }
  }
}
