package tangram.tornado;

import static tangram.tornado.Launch.blocks;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.LinearAlgebra;

/** Matrix products on the device. */
final class TornadoLinearAlgebra implements LinearAlgebra {
  private static final Kernel GEMM = new Kernel("gemm", GemmKernels::gemm);

  static final List<Kernel> KERNELS = List.of(GEMM);

  private final Launcher launcher;

  TornadoLinearAlgebra(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void gemm(GemmShape shape, Buffer a, Buffer b, Buffer c, boolean accumulate) {
    int m = shape.m();
    int n = shape.n();
    int k = shape.k();
    launcher.launch(
        Launch.of(GEMM)
            .at(a, b, c)
            .n(m, n, k, shape.transA() ? 1 : k, shape.transA() ? m : 1)
            .n(shape.transB() ? 1 : n, shape.transB() ? k : 1, shape.strideA())
            .n(shape.strideB(), m * n)
            .flag(accumulate)
            .groups(
                blocks(n, GemmKernels.TILE),
                blocks(m, GemmKernels.TILE),
                shape.batch(),
                GemmKernels.THREADS,
                GemmKernels.THREADS,
                1));
  }
}
