package tangram.tornado;

import java.util.List;

/** placeholder */
abstract class TornadoAttention implements tangram.tensor.kernel.Attention {
  static final List<Kernel> KERNELS = List.of();
}
