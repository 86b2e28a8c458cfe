package tangram.tornado;

import java.util.List;

/** placeholder */
abstract class TornadoNormalization implements tangram.tensor.kernel.Normalization {
  static final List<Kernel> KERNELS = List.of();
}
