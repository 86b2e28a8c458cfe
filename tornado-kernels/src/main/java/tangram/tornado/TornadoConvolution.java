package tangram.tornado;

import java.util.List;

/** placeholder */
abstract class TornadoConvolution implements tangram.tensor.kernel.Convolution {
  static final List<Kernel> KERNELS = List.of();
}
