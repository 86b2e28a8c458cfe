package tangram.tornado;

import static tangram.tornado.Launch.blocks;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.LinearAlgebra;

/** Matrix products on the device. */
final class TornadoLinearAlgebra implements LinearAlgebra {
  private static final Kernel GEMM_64 = new Kernel("gemm64", GemmKernels::gemm64);
  private static final Kernel GEMM_128 = new Kernel("gemm128", GemmKernels::gemm128);

  static final List<Kernel> KERNELS = List.of(GEMM_64, GEMM_128);

  /** Elements of a tile that a thread computes. */
  private static final int OF_A_THREAD = 64;

  private final Launcher launcher;

  TornadoLinearAlgebra(Launcher launcher) {
    this.launcher = launcher;
  }

  @Override
  public void gemm(GemmShape shape, Buffer a, Buffer b, Buffer c, boolean accumulate) {
    gemm(shape, a, b, null, c, accumulate, null);
  }

  @Override
  public void linear(GemmShape shape, Buffer a, Buffer b, Buffer bias, Buffer c) {
    gemm(shape, a, b, bias, c, false, null);
  }

  @Override
  public void linearGradient(GemmShape shape, Buffer a, Buffer b, Buffer c, Buffer sums) {
    gemm(shape, a, b, null, c, false, sums);
  }

  private void gemm(
      GemmShape shape, Buffer a, Buffer b, Buffer bias, Buffer c, boolean accumulate, Buffer sums) {
    int m = shape.m();
    int n = shape.n();
    int k = shape.k();
    Tiling tiling = Tiling.of(m, n, k, shape.batch(), Tiling.ALL);
    int tile = tiling.tile();
    int parts = tiling.parts();
    // The sums of a part lie behind its product.
    int product = shape.batch() * m * n;
    int length = product + (sums == null ? 0 : m);
    int to = Parts.place(launcher, tiling, c, length);
    launcher.launch(
        Launch.of(tile == 64 ? GEMM_64 : GEMM_128)
            .at(a, b)
            .n(to, m, n, k, shape.transA() ? 1 : k, shape.transA() ? m : 1)
            .n(shape.transB() ? 1 : n, shape.transB() ? k : 1, shape.strideA())
            .n(shape.strideB(), m * n)
            .flag(bias != null || accumulate && parts == 1)
            .n(parts, tiling.steps(), length)
            .at(bias == null ? c : bias)
            .n(bias == null ? n : 0, bias == null ? m * n : 0)
            .flag(sums != null)
            .n(sums != null && parts == 1 ? Launch.offset(sums) : to + product)
            .groups(
                blocks(n, tile),
                blocks(m, tile),
                shape.batch() * parts,
                tile * tile / OF_A_THREAD,
                1,
                1));
    Parts.add(launcher, tiling, to, c, product, sums, length, accumulate);
  }
}
