package tangram.tensor.op;

import java.util.Arrays;
import java.util.stream.IntStream;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.GemmShape;

/**
 * Matrix products, {@code y = a b} for every index into the dimensions before the last two.
 *
 * <p>Gradients: {@code ga = gy b^T}, {@code gb = a^T gy}, summed over dimensions that broadcast.
 */
public final class MatmulOp {
  private static final double[] NONE = {};
  private static final Formula PRODUCT = Formula.of((a, b) -> a.mul(b));

  private MatmulOp() {}

  /** The product of operands of one rank. */
  public static Tensor ofRank(String name, int rank, Tensor a, Tensor b) {
    Checks.rank(name, a, rank);
    Checks.rank(name, b, rank);
    Checks.that(
        rank != 3 || a.dim(0) == b.dim(0),
        () -> name + ": batches of " + a.shape() + " and " + b.shape() + " differ");
    return matmul(name, a, b);
  }

  /** The outer product of two vectors. */
  public static Tensor outer(Tensor a, Tensor b) {
    Checks.rank("outer", a, 1);
    Checks.rank("outer", b, 1);
    return EinsumOp.einsum("i,j->ij", a, b);
  }

  /** The product; a vector is a row on the left and a column on the right. */
  public static Tensor matmul(Tensor a, Tensor b) {
    return matmul("matmul", a, b);
  }

  private static Tensor matmul(String name, Tensor a, Tensor b) {
    DType type = MapOp.meet(name, a, b);
    boolean row = a.shape().rank() == 1;
    boolean column = b.shape().rank() == 1;
    Checks.that(
        a.shape().rank() > 0 && b.shape().rank() > 0,
        () -> name + ": no number among the operands, " + a.shape() + " and " + b.shape());
    Checks.that(
        a.dim(-1) == b.dim(column ? 0 : -2),
        () ->
            "%s: %s has rows of %s, %s columns of %s"
                .formatted(name, a.shape(), a.dim(-1), b.shape(), b.dim(column ? 0 : -2)));
    Checks.that(type != DType.BOOL, () -> name + " of booleans; to(DType.I32) makes numbers");
    Tensor left = operand(a, type, row ? 0 : -1);
    Tensor right = operand(b, type, column ? 1 : -1);
    Tensor y = product(left, right);
    released(left, a);
    released(right, b);
    if (column) {
      y = y.then(matrix -> matrix.squeeze(-1));
    }
    Tensor result = row ? y.then(matrix -> matrix.squeeze(column ? -1 : -2)) : y;
    Tracer.current().operation("matmul", result, new Tensor[] {a, b});
    return result;
  }

  /**
   * An operand of a type as a matrix: a vector with a dimension more at a place, if not negative.
   */
  private static Tensor operand(Tensor x, DType type, int at) {
    Tensor cast = MapOp.cast(x, type);
    if (at < 0) {
      return cast;
    }
    Tensor matrix = cast.unsqueeze(at);
    released(cast, x);
    return matrix;
  }

  /** Releases a tensor that was made of an operand, unless it is the operand. */
  private static void released(Tensor made, Tensor operand) {
    if (made != operand) {
      made.release();
    }
  }

  private static Tensor product(Tensor a, Tensor b) {
    if (b.shape().rank() == 2 && a.shape().rank() > 2) {
      // One product with many rows.
      int[] dims = a.shape().dims();
      dims[dims.length - 1] = b.dim(1);
      return a.reshape(rows(a), a.dim(-1))
          .then(rows -> product(rows, b))
          .then(y -> y.reshape(dims));
    }
    if (a.type() != DType.F32 || a.size() == 0 || b.size() == 0) {
      Tensor x = a.unsqueeze(-1);
      return b.unsqueeze(-3)
          .then(z -> x.then(w -> FoldOp.sum("matmul", PRODUCT, NONE, new int[] {-2}, false, w, z)))
          .then(y -> MapOp.cast(y, a.type()));
    }
    Tensor y = gemm(a, b);
    Tensor[] saved = new Tensor[2];
    saved[0] = b.requiresGrad() ? a : null;
    saved[1] = a.requiresGrad() ? b : null;
    return Autograd.record(
        "matmul(a, b)",
        y,
        new Tensor[] {a, b},
        Arrays.stream(saved).filter(t -> t != null).toArray(Tensor[]::new),
        gy -> {
          Tensor ga = null;
          Tensor gb = null;
          if (a.requiresGrad()) {
            try (Tensor bt = ViewOp.transposed(b)) {
              ga = gemm(gy, bt).then(g -> summed(g, a));
            }
          }
          if (b.requiresGrad()) {
            try (Tensor at = ViewOp.transposed(a)) {
              gb = gemm(at, gy).then(g -> summed(g, b));
            }
          }
          return new Tensor[] {ga, gb};
        });
  }

  private static int rows(Tensor a) {
    return IntStream.range(0, a.shape().rank() - 1).map(a::dim).reduce(1, (x, y) -> x * y);
  }

  private static Tensor summed(Tensor g, Tensor operand) {
    return g.shape().equals(operand.shape())
        ? g
        : MapOp.sumTo(operand, Formula.IDENTITY, NONE, new View[] {g.asView()}, g.shape());
  }

  /**
   * A matrix, or one of several, as the kernel takes it: without gaps, or the transpose of such.
   */
  private static boolean isMatrix(View v, boolean transposed) {
    int rank = v.dims().length;
    int row = transposed ? rank - 1 : rank - 2;
    int column = transposed ? rank - 2 : rank - 1;
    int length = v.dims()[column];
    return (length == 1 || v.strides()[column] == 1)
        && (v.dims()[row] == 1 || v.strides()[row] == length)
        && IntStream.range(0, rank - 2).allMatch(d -> v.strides()[d] >= 0);
  }

  private static Tensor gemm(Tensor a, Tensor b) {
    View va = a.asView();
    View vb = b.asView();
    if (!isMatrix(va, false) && !isMatrix(va, true)) {
      try (Tensor copy = ViewOp.copy(a.detach())) {
        return gemm(copy, b);
      }
    }
    if (!isMatrix(vb, false) && !isMatrix(vb, true)) {
      try (Tensor copy = ViewOp.copy(b.detach())) {
        return gemm(a, copy);
      }
    }
    int m = a.dim(-2);
    int k = a.dim(-1);
    int n = b.dim(-1);
    int[] batch = MapOp.broadcast("matmul", 2, a, b);
    int rank = batch.length;
    int[] dims = Arrays.copyOf(batch, rank + 2);
    dims[rank] = m;
    dims[rank + 1] = n;
    Tensor y = a.device().uninitialized(dims);
    View vy = y.asView();
    int[][] steps = {strides(vy, batch), strides(va, batch), strides(vb, batch)};
    int[] offsets = {vy.offset(), va.offset(), vb.offset()};
    Walk walk = new Walk(IntStream.range(0, rank).toArray(), batch, steps, offsets);
    int count = walk.inner();
    GemmShape shape =
        new GemmShape(
            count,
            !isMatrix(va, false),
            !isMatrix(vb, false),
            m,
            n,
            k,
            count == 1 ? 0 : walk.innerStride(1),
            count == 1 ? 0 : walk.innerStride(2));
    for (int i = 0; i < walk.size() / count; i++) {
      int outer = walk.rank() - 1;
      try (Tensor at = run(a, walk.place(1, outer, i), (count - 1) * shape.strideA() + m * k);
          Tensor bt = run(b, walk.place(2, outer, i), (count - 1) * shape.strideB() + k * n);
          Tensor yt = run(y, walk.place(0, outer, i), count * m * n)) {
        a.device()
            .kernels()
            .linearAlgebra()
            .gemm(shape, at.buffer(), bt.buffer(), yt.buffer(), false);
      }
    }
    return y;
  }

  /** Elements that lie one after the other from a place on. */
  private static Tensor run(Tensor x, int place, int length) {
    View v = x.asView();
    return x.withView(v.with(place, new int[] {length}, new int[] {1}));
  }

  /** Strides over the dimensions before the last two, repeated to a shape. */
  private static int[] strides(View v, int[] batch) {
    int[] outer = IntStream.range(0, v.dims().length - 2).toArray();
    return v.permute(outer).expand(batch).strides();
  }
}
