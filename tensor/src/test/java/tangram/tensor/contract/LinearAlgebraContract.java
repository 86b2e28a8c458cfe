package tangram.tensor.contract;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.kernel.GemmShape;

/** Matrix products of all transpositions, small and odd, larger than any panel, batched. */
public abstract class LinearAlgebraContract extends KernelContract {
  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({
    "1, 1, 1",
    "1, 1, 17",
    "1, 19, 3",
    "23, 1, 5",
    "5, 16, 3",
    "6, 17, 1",
    "7, 13, 31",
    "4, 8, 4",
    "31, 33, 65",
    "64, 64, 64",
    "49, 96, 49",
    "3, 129, 300",
    "131, 3, 2",
    "70, 50, 1031",
    "211, 197, 103",
    "2, 1025, 37",
    "1025, 2, 37",
    "1027, 4, 64",
    "1500, 7, 96"
  })
  void gemm(int m, int n, int k) {
    for (boolean transA : new boolean[] {false, true}) {
      for (boolean transB : new boolean[] {false, true}) {
        GemmShape shape = GemmShape.of(transA, transB, m, n, k);
        check(shape + " overwriting")
            .input("a", normal(1, m * k))
            .input("b", normal(2, k * n))
            .output("c", m * n)
            .scale("c", Math.sqrt(k))
            .run(
                (kernels, b) ->
                    kernels.linearAlgebra().gemm(shape, b.get("a"), b.get("b"), b.get("c"), false));
        check(shape + " accumulating")
            .input("a", normal(3, m * k))
            .input("b", normal(4, k * n))
            .updated("c", normal(5, m * n))
            .scale("c", Math.sqrt(k))
            .run(
                (kernels, b) ->
                    kernels.linearAlgebra().gemm(shape, b.get("a"), b.get("b"), b.get("c"), true));
        check(shape + " with bias")
            .input("a", normal(3, m * k))
            .input("b", normal(4, k * n))
            .input("bias", normal(5, n))
            .output("c", m * n)
            .scale("c", Math.sqrt(k))
            .run(
                (kernels, b) ->
                    kernels
                        .linearAlgebra()
                        .linear(shape, b.get("a"), b.get("b"), b.get("bias"), b.get("c")));
      }
    }
  }

  @ParameterizedTest(name = "{0}x{1}x{2}")
  @CsvSource({
    "1, 1, 1",
    "1, 19, 3",
    "23, 1, 5",
    "7, 13, 31",
    "64, 64, 64",
    "70, 50, 1031",
    "211, 197, 103",
    "2, 1025, 37",
    "400, 130, 5000"
  })
  void linearGradient(int m, int n, int k) {
    check(m + "x" + n + "x" + k)
        .input("a", normal(11, m * k))
        .input("b", normal(12, k * n))
        .output("c", m * n)
        .output("sums", m)
        .scale("c", Math.sqrt(k))
        .scale("sums", Math.sqrt(k))
        .run(
            (kernels, b) ->
                kernels
                    .linearAlgebra()
                    .linearGradient(
                        GemmShape.of(true, false, m, n, k),
                        b.get("a"),
                        b.get("b"),
                        b.get("c"),
                        b.get("sums")));
  }

  @ParameterizedTest(name = "{0} x {1}x{2}x{3}")
  @CsvSource({"1, 3, 4, 5", "2, 1, 1, 1", "3, 7, 5, 11", "5, 49, 49, 16", "7, 17, 33, 9"})
  void batch(int batch, int m, int n, int k) {
    for (boolean transA : new boolean[] {false, true}) {
      for (boolean transB : new boolean[] {false, true}) {
        // One after the other, with a gap between them, and one matrix for all.
        for (int strideA : new int[] {m * k, m * k + 3, 0}) {
          for (int strideB : new int[] {k * n, k * n + 1, 0}) {
            GemmShape shape = new GemmShape(batch, transA, transB, m, n, k, strideA, strideB);
            check(shape.toString())
                .input("a", normal(6, (batch - 1) * strideA + m * k))
                .input("b", normal(7, (batch - 1) * strideB + k * n))
                .output("c", batch * m * n)
                .scale("c", Math.sqrt(k))
                .run(
                    (kernels, b) ->
                        kernels
                            .linearAlgebra()
                            .gemm(shape, b.get("a"), b.get("b"), b.get("c"), false));
          }
        }
      }
    }
  }

  @Test
  void batchAccumulates() {
    GemmShape shape = new GemmShape(3, false, true, 9, 11, 13, 9 * 13, 0);
    check(shape + " accumulating")
        .input("a", normal(8, 3 * 9 * 13))
        .input("b", normal(9, 11 * 13))
        .updated("c", normal(10, 3 * 9 * 11))
        .scale("c", Math.sqrt(13))
        .run(
            (kernels, b) ->
                kernels.linearAlgebra().gemm(shape, b.get("a"), b.get("b"), b.get("c"), true));
  }
}
