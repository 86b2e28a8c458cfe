package tangram.tornado;

import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.NormOp;

/**
 * Has TornadoVM compile all kernels, and some that are made at run time, for {@code
 * tools/kernel-budget}. It launches them without arguments, so it is nothing for a device that
 * computes.
 */
final class CompileKernels {
  private CompileKernels() {}

  /** Compiles. */
  public static void main(String[] arguments) {
    Device device = Devices.get("tornado");
    try (Scope scope = Scope.open()) {
      Tensor x = device.ones(8, 64).requireGrad();
      Tensor y = x.mul(x).add(x.exp()).gelu();
      y.softmax(1).sum().backward();
      // Norms of short, long and divided rows.
      for (int[] dims : new int[][] {{8, 64}, {2, 8, 6, 7}, {12, 8, 64, 64}}) {
        Tensor image = device.ones(dims).requireGrad();
        int c = dims[1];
        Tensor gamma = device.ones(c).requireGrad();
        Tensor beta = device.ones(c).requireGrad();
        Tensor residual = device.ones(dims).requireGrad();
        Tensor mean = device.zeros(c);
        Tensor normed = NormOp.batchNorm(image, residual, gamma, beta, mean, mean, 0.1, 1e-5, true);
        int last = dims[dims.length - 1];
        Tensor scale = device.ones(last).requireGrad();
        NormOp.layerNorm(normed, Shape.of(last), scale, scale, 1e-5).sum().backward();
        image.grad().sum(0);
      }
      for (Kernel kernel : TornadoDevice.allKernels()) {
        ((TornadoDevice) device).engine().launch(Launch.of(kernel).threads(1));
      }
      x.grad().toFloats();
    }
  }
}
