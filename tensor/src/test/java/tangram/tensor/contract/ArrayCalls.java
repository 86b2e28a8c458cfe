package tangram.tensor.contract;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.contract.Calls.Table;

/** The operations of {@code tools/parity/operations/indexing.py} and {@code products.py}. */
final class ArrayCalls {
  private ArrayCalls() {}

  static Table indexing() {
    return new Table()
        .add("gather", (x, a) -> x[0].gather(a.integer("axis"), x[1]))
        .add("scatter", (x, a) -> x[0].scatter(a.integer("axis"), x[1], x[2]))
        .add("scatterAdd", (x, a) -> x[0].scatterAdd(a.integer("axis"), x[1], x[2]))
        .add("indexSelect", (x, a) -> x[0].indexSelect(a.integer("axis"), x[1]))
        .add("indexAdd", (x, a) -> x[0].indexAdd(a.integer("axis"), x[1], x[2]))
        .add("index", (x, a) -> x[0].index(indices(x, 1, a)))
        .add("indexPut", (x, a) -> x[0].indexPut(x[1], a.flag("add"), indices(x, 2, a)))
        .add("cumsum", (x, a) -> x[0].cumsum(a.integer("axis")))
        .add("cumprod", (x, a) -> x[0].cumprod(a.integer("axis")))
        .add("integerCumsum", (x, a) -> x[0].cumsum(a.integer("axis")))
        .addAll("sort", ArrayCalls::sort)
        .addAll("integerSort", ArrayCalls::sort)
        .addAll("longSort", ArrayCalls::sort)
        .addAll(
            "topk", (x, a) -> both(x[0].topk(a.integer("k"), a.integer("axis"), a.flag("largest"))))
        .addAll("kthvalue", (x, a) -> both(x[0].kthvalue(a.integer("k"), a.integer("axis"))))
        .addAll("median", (x, a) -> both(x[0].median(a.integer("axis"))))
        .add("quantile", (x, a) -> x[0].quantile(a.real("q"), a.integer("axis")))
        .add("unique", (x, a) -> x[0].detach().unique())
        .add("bincount", (x, a) -> x[0].bincount(a.integer("n")));
  }

  /** The indices from an input on, each at its dimension, and none between. */
  private static Tensor[] indices(Tensor[] x, int from, Arguments a) {
    int[] places = a.integers("places");
    List<Tensor> indices = new ArrayList<>();
    int dimension = 0;
    for (int i = 0; i < places.length; i++) {
      for (; dimension < places[i]; dimension++) {
        indices.add(null);
      }
      Tensor index = x[from + i];
      indices.add(index);
      dimension += index.type() == DType.BOOL ? index.shape().rank() : 1;
    }
    return indices.toArray(new Tensor[0]);
  }

  private static Tensor[] sort(Tensor[] x, Arguments a) {
    return both(x[0].sort(a.integer("axis"), a.flag("descending")));
  }

  private static Tensor[] both(Tensor.Ordered found) {
    return new Tensor[] {found.values(), found.indices()};
  }

  static Table products() {
    return new Table()
        .add("integerMatmul", (x, a) -> x[0].matmul(x[1]))
        .add("einsum", (x, a) -> Tensor.einsum(a.text("equation"), x))
        .add("tensordot", (x, a) -> x[0].tensordot(x[1], a.integers("a"), a.integers("b")));
  }
}
