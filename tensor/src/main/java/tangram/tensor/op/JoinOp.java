package tangram.tensor.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Maps;

/** Tensors made of parts of others. Gradients are the parts of the gradient. */
public final class JoinOp {
  /** Matrix, row, column; p0: the diagonal. */
  private static final Formula LOWER =
      Formula.of(3, 1, (x, p) -> Expr.where(x[2].sub(x[1]).le(p[0]), x[0], Expr.of(0)));

  private static final Formula UPPER =
      Formula.of(3, 1, (x, p) -> Expr.where(p[0].le(x[2].sub(x[1])), x[0], Expr.of(0)));

  private JoinOp() {}

  /** Joins tensors along a dimension. */
  public static Tensor cat(int axis, Tensor... parts) {
    Checks.that(parts.length > 0, () -> "cat of no tensors");
    DType type = MapOp.meet("cat", parts);
    Shape first = parts[0].shape();
    int d = FoldOp.axis("cat", first, axis);
    int[] dims = first.dims();
    dims[d] = 0;
    for (Tensor part : parts) {
      boolean fits = part.shape().rank() == dims.length;
      for (int i = 0; fits && i < dims.length; i++) {
        fits = i == d || part.dim(i) == dims[i];
      }
      Checks.that(
          fits,
          () -> "cat: " + part.shape() + " does not fit " + first + " but for dimension " + axis);
      dims[d] += part.dim(d);
    }
    Tensor y = parts[0].device().uninitialized(type, Shape.of(dims));
    List<List<Maps.Call>> copies = new ArrayList<>();
    int at = 0;
    for (Tensor part : parts) {
      copies.add(List.of(MapOp.copied(part.asView(), y.asView().slice(d, at, part.dim(d)))));
      at += part.dim(d);
    }
    y.device().kernels().maps().mapAll(copies);
    Tracer.current().cat(parts, axis, y);
    return Autograd.record(
        "cat",
        y,
        parts,
        new Tensor[0],
        gy -> {
          Tensor[] gradients = new Tensor[parts.length];
          List<List<Maps.Call>> back = new ArrayList<>();
          int from = 0;
          for (int i = 0; i < parts.length; i++) {
            int length = parts[i].dim(d);
            if (parts[i].requiresGrad()) {
              // Copies: a view would keep all of gy.
              gradients[i] = Checks.like(parts[i]);
              View of = gy.asView().slice(d, from, length);
              back.add(List.of(MapOp.copied(of, gradients[i].asView())));
            }
            from += length;
          }
          gy.device().kernels().maps().mapAll(back);
          return gradients;
        });
  }

  /** Copies beside each other. */
  public static Tensor repeat(Tensor x, int... counts) {
    int added = counts.length - x.shape().rank();
    Checks.that(
        added >= 0 && Arrays.stream(counts).allMatch(c -> c >= 0),
        () -> "repeat: " + Arrays.toString(counts) + " for " + x.shape());
    // Each dimension becomes two, the first of which repeats.
    int[] opened = new int[2 * counts.length];
    int[] repeated = new int[2 * counts.length];
    int[] result = new int[counts.length];
    for (int d = 0; d < counts.length; d++) {
      int length = d < added ? 1 : x.dim(d - added);
      opened[2 * d] = 1;
      opened[2 * d + 1] = length;
      repeated[2 * d] = counts[d];
      repeated[2 * d + 1] = length;
      result[d] = counts[d] * length;
    }
    return x.reshape(opened).expand(repeated).copy().reshape(result);
  }

  /** Elements of one value around. */
  public static Tensor pad(Tensor x, double value, int... beforeAndAfter) {
    int rank = x.shape().rank();
    Checks.that(
        beforeAndAfter.length == 2 * rank,
        () -> "pad: two numbers for each dimension of " + x.shape());
    int[] dims = x.shape().dims();
    for (int d = 0; d < rank; d++) {
      int before = beforeAndAfter[2 * d];
      int after = beforeAndAfter[2 * d + 1];
      Checks.that(
          before >= 0 && after >= 0, () -> "pad: negative in " + Arrays.toString(beforeAndAfter));
      dims[d] += before + after;
    }
    Tensor y = x.device().full(value, x.type(), Shape.of(dims));
    MapOp.copy(x.device(), x.asView(), inner(y, x.shape(), beforeAndAfter));
    double[] numbers = new double[2 * rank + 1];
    Arrays.setAll(numbers, i -> i == 0 ? value : beforeAndAfter[i - 1]);
    Tracer.current().operation("pad", y, new Tensor[] {x}, numbers);
    return Autograd.record("pad(x)", y, x, gy -> gy.withView(inner(gy, x.shape(), beforeAndAfter)));
  }

  private static View inner(Tensor whole, Shape shape, int[] beforeAndAfter) {
    View v = whole.asView();
    int offset = v.offset();
    for (int d = 0; d < v.strides().length && shape.size() > 0; d++) {
      offset += beforeAndAfter[2 * d] * v.strides()[d];
    }
    return v.with(offset, shape.dims(), v.strides());
  }

  /** The elements on one side of a diagonal of the last two dimensions, which counts. */
  public static Tensor triangle(Tensor x, int diagonal, boolean lower) {
    Checks.that(x.shape().rank() >= 2, () -> "a triangle of " + x.shape() + ", no matrix");
    Tensor rows = x.device().arange(x.dim(-2), DType.I32).unsqueeze(1);
    Tensor cols = x.device().arange(x.dim(-1), DType.I32);
    double[] number = {diagonal};
    return MapOp.like(lower ? "tril" : "triu", lower ? LOWER : UPPER, number, x, rows, cols);
  }
}
