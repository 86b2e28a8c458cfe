package tangram.tensor.vector.gemm;

import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.LinearAlgebra;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.Parallel;

/** {@link LinearAlgebra} by {@link Gemm}, and by {@link TallGemm} where one side is long. */
public final class VectorLinearAlgebra implements LinearAlgebra {
  /** Elements that a thread copies at a time. */
  private static final int CHUNK = 1 << 14;

  private final Maps maps;

  /**
   * Creates the products.
   *
   * @param maps what sums columns
   */
  public VectorLinearAlgebra(Maps maps) {
    this.maps = maps;
  }

  @Override
  public void linear(GemmShape s, Buffer a, Buffer b, Buffer bias, Buffer c) {
    if (s.batch() == 1 && s.m() > 1 && s.k() > 0 && !isDots(s) && !isReduction(s)) {
      single(s, a, b, bias, c, false);
      return;
    }
    int n = s.n();
    int rows = s.batch() * s.m();
    int each = Math.max(1, CHUNK / Math.max(1, n));
    Parallel.run(
        (rows + each - 1) / each,
        chunk -> {
          for (int i = chunk * each; i < Math.min(rows, (chunk + 1) * each); i++) {
            System.arraycopy(bias.floats(), bias.offset(), c.floats(), c.offset() + i * n, n);
          }
        });
    gemm(s, a, b, c, true);
  }

  @Override
  public void linearGradient(GemmShape s, Buffer a, Buffer b, Buffer c, Buffer sums) {
    gemm(s, a, b, c, false);
    View[] columns = {View.dense(DType.F32, a, s.k(), s.m())};
    View y = View.dense(DType.F32, sums, 1, s.m());
    maps.reduce(Reducer.SUM, Formula.IDENTITY, new double[0], columns, y);
  }

  @Override
  public void gemm(GemmShape s, Buffer a, Buffer b, Buffer c, boolean accumulate) {
    if (isDots(s)) {
      TallGemm.dots(
          s.m(),
          s.n(),
          s.k(),
          a.floats(),
          a.offset(),
          b.floats(),
          b.offset(),
          c.floats(),
          c.offset(),
          accumulate);
    } else if (isReduction(s)) {
      TallGemm.reduction(
          s.m(),
          s.n(),
          s.k(),
          a.floats(),
          a.offset(),
          b.floats(),
          b.offset(),
          c.floats(),
          c.offset(),
          accumulate);
    } else if (s.batch() == 1) {
      single(s, a, b, null, c, accumulate);
    } else {
      Gemm.sgemmBatched(
          s.batch(),
          s.transA(),
          s.transB(),
          s.m(),
          s.n(),
          s.k(),
          a.floats(),
          a.offset(),
          s.strideA(),
          rowOfA(s),
          b.floats(),
          b.offset(),
          s.strideB(),
          rowOfB(s),
          c.floats(),
          c.offset(),
          s.m() * s.n(),
          s.n(),
          accumulate);
    }
  }

  private static boolean isDots(GemmShape s) {
    return s.batch() == 1 && !s.transA() && s.transB() && TallGemm.suitsDots(s.m(), s.n(), s.k());
  }

  private static boolean isReduction(GemmShape s) {
    return s.batch() == 1
        && s.transA()
        && !s.transB()
        && TallGemm.suitsReduction(s.m(), s.n(), s.k());
  }

  private static int rowOfA(GemmShape s) {
    return s.transA() ? s.m() : s.k();
  }

  private static int rowOfB(GemmShape s) {
    return s.transB() ? s.k() : s.n();
  }

  /** A single product whose rows start from a bias, from zeros or from C. */
  private static void single(
      GemmShape s, Buffer a, Buffer b, Buffer bias, Buffer c, boolean accumulate) {
    Gemm.sgemm(
        s.transA(),
        s.transB(),
        s.m(),
        s.n(),
        s.k(),
        a.floats(),
        a.offset(),
        rowOfA(s),
        b.floats(),
        b.offset(),
        rowOfB(s),
        bias == null ? null : bias.floats(),
        bias == null ? 0 : bias.offset(),
        c.floats(),
        c.offset(),
        s.n(),
        accumulate);
  }
}
