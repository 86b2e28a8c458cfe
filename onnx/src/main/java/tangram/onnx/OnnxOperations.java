package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.OnnxConstant.Kind;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/** The ONNX nodes of operations that are told by name; see {@link tangram.tensor.Tracer}. */
final class OnnxOperations {
  /** Those that only move the elements of one tensor. */
  static final Set<String> MOVES =
      Set.of("run", "copy", "permute", "flip", "expand", "slice", "select", "diagonal", "reshape");

  private final OnnxGraph graph;

  OnnxOperations(OnnxGraph graph) {
    this.graph = graph;
  }

  /** Writes an operation; returns the name of its result, or null if it has no form. */
  String write(String name, Tensor y, Tensor[] x, double[] numbers) {
    int[] n = Arrays.stream(numbers).mapToInt(v -> (int) v).toArray();
    return switch (name) {
      case "copy" -> graph.value(x[0], y.type());
      case "run" -> run(x[0], y, n[0]);
      case "permute" -> transposed(graph.value(x[0]), n);
      case "flip" -> flip(x[0], n);
      case "expand" -> expand(x[0], n);
      case "slice" -> slice(graph.value(x[0]), n[0], n[1], n[2], n[3]);
      case "select" ->
          graph.add(
              "Gather",
              List.of(graph.value(x[0]), graph.size(n[1])),
              Messages.attribute("axis", n[0]));
      case "diagonal" -> diagonal(x[0], y, n[0], n[1], n[2]);
      case "reshape" -> graph.reshape(graph.value(x[0]), n);
      case "gather" -> along("GatherElements", x, n[0]);
      case "scatter" -> fits(x) ? along("ScatterElements", x, n[0]) : null;
      case "scatterAdd" -> fits(x) ? scatterAdd(x, n[0]) : null;
      case "indexSelect" ->
          along("Gather", List.of(graph.value(x[0]), graph.reshape(graph.value(x[1]), -1)), n[0]);
      case "embedding" -> along("Gather", x, 0);
      case "oneHot" -> oneHot(x[0], y, n[0]);
      case "linear" -> linear(x[0], x[1], x[2]);
      case "matmul" ->
          graph.add("MatMul", graph.value(x[0], y.type()), graph.value(x[1], y.type()));
      case "softmax" -> x[0].shape().rank() == 0 ? null : along("Softmax", x, n[0]);
      case "log_softmax" -> x[0].shape().rank() == 0 ? null : along("LogSoftmax", x, n[0]);
      case "layer_norm" -> layerNorm(x, y, n[0], numbers[1]);
      case "argsort" -> argsort(x[0], y, n[0], n[1] == 1);
      case "cumsum" -> graph.add("CumSum", graph.value(x[0], y.type()), graph.size(n[0]));
      case "pad" -> pad(x[0], numbers[0], Arrays.copyOfRange(n, 1, n.length));
      case "globalAveragePool" -> globalAverage(x[0], n[0]);
      case "argmax" -> argExtreme("ArgMax", x[0], y, n);
      case "argmin" -> argExtreme("ArgMin", x[0], y, n);
      default -> null;
    };
  }

  private String along(String operator, Tensor[] x, int axis) {
    return along(operator, Arrays.stream(x).map(graph::value).toList(), axis);
  }

  private String along(String operator, List<String> inputs, int axis) {
    return graph.add(operator, inputs, Messages.attribute("axis", axis));
  }

  private String run(Tensor x, Tensor y, int offset) {
    if (x.shape().equals(y.shape()) && offset == 0) {
      return graph.value(x);
    }
    String all = graph.value(x);
    if (x.size() != y.size()) {
      all = slice(graph.reshape(all, -1), 0, offset, offset + y.size(), 1);
    }
    return graph.reshape(all, y.shape().dims());
  }

  private String transposed(String x, int... order) {
    boolean same = IntStream.range(0, order.length).allMatch(d -> order[d] == d);
    return same ? x : graph.add("Transpose", List.of(x), Messages.attribute("perm", order));
  }

  private String slice(String x, int axis, int from, int to, int step) {
    return graph.add(
        "Slice", x, graph.sizes(from), graph.sizes(to), graph.sizes(axis), graph.sizes(step));
  }

  private String flip(Tensor x, int[] axes) {
    if (axes.length == 0) {
      return graph.value(x);
    }
    long[] last = new long[axes.length];
    long[] end = new long[axes.length];
    Arrays.fill(last, -1);
    Arrays.fill(end, -Long.MAX_VALUE);
    return graph.add(
        "Slice",
        graph.value(x),
        graph.sizes(last),
        graph.sizes(end),
        graph.sizes(axes),
        graph.sizes(last));
  }

  private String expand(Tensor x, int[] to) {
    int added = to.length - x.shape().rank();
    // A size of 1 stays as it is.
    int[] sizes = new int[to.length];
    Arrays.setAll(sizes, d -> d >= added && x.dim(d - added) == to[d] ? 1 : to[d]);
    return graph.add("Expand", graph.value(x), graph.sizes(sizes));
  }

  private String diagonal(Tensor x, Tensor y, int offset, int a, int b) {
    int rank = x.shape().rank();
    int[] others = IntStream.range(0, rank).filter(d -> d != a && d != b).toArray();
    int[] order = Arrays.copyOf(others, rank);
    order[rank - 2] = a;
    order[rank - 1] = b;
    int[] flat = Arrays.copyOf(y.shape().dims(), rank - 1);
    flat[rank - 2] = x.dim(a) * x.dim(b);
    long[] places = new long[y.dim(-1)];
    int columns = x.dim(b);
    Arrays.setAll(
        places, i -> (long) (i + Math.max(0, -offset)) * columns + i + Math.max(0, offset));
    String index =
        graph.constant(new OnnxConstant(Kind.ARRAY, DType.I64, new int[] {places.length}, places));
    return along(
        "Gather", List.of(graph.reshape(transposed(graph.value(x), order), flat), index), rank - 2);
  }

  /** Whether the source has an element for each of the index and no more. */
  private static boolean fits(Tensor[] x) {
    return x[1].shape().equals(x[2].shape());
  }

  private String scatterAdd(Tensor[] x, int axis) {
    return graph.add(
        "ScatterElements",
        Arrays.stream(x).map(graph::value).toList(),
        Messages.attribute("axis", axis),
        Messages.attribute("reduction", "add"));
  }

  private String oneHot(Tensor x, Tensor y, int classes) {
    long[] all = IntStream.range(0, classes).asLongStream().toArray();
    String places =
        graph.constant(new OnnxConstant(Kind.ARRAY, DType.I64, new int[] {classes}, all));
    String each = graph.add("Unsqueeze", graph.value(x, DType.I64), graph.sizes(-1));
    return graph.cast(graph.add("Equal", each, places), DType.BOOL, y.type());
  }

  private String linear(Tensor x, Tensor weight, Tensor bias) {
    String layer = graph.layer(weight, "Linear");
    if (x.shape().rank() == 2) {
      List<String> inputs = new ArrayList<>(List.of(graph.value(x), graph.value(weight)));
      if (bias != null) {
        inputs.add(graph.value(bias));
      }
      return graph.node("Gemm", layer, inputs, List.of(Messages.attribute("transB", 1)), 1);
    }
    String turned = transposed(graph.value(weight), 1, 0);
    String product = graph.node("MatMul", layer, List.of(graph.value(x), turned), List.of(), 1);
    return bias == null ? product : graph.add("Add", product, graph.value(bias));
  }

  private String layerNorm(Tensor[] x, Tensor y, int rank, double eps) {
    if (x[1] == null) {
      // As it was told before, without a scale.
      return graph.value(y);
    }
    List<String> inputs = new ArrayList<>(List.of(graph.value(x[0]), graph.value(x[1])));
    if (x[2] != null) {
      inputs.add(graph.value(x[2]));
    }
    List<AttributeProto> attributes =
        List.of(Messages.attribute("axis", -rank), Messages.attribute("epsilon", (float) eps));
    String layer = graph.layer(x[1], "LayerNormalization");
    return graph.node("LayerNormalization", layer, inputs, attributes, 1);
  }

  /** Numbers in place of booleans, which have no order in ONNX. */
  private String ordered(Tensor x) {
    return graph.value(x, x.type() == DType.BOOL ? DType.I32 : x.type());
  }

  private String argsort(Tensor x, Tensor y, int axis, boolean descending) {
    if (x.shape().rank() == 0) {
      return null;
    }
    String node =
        graph.node(
            "TopK",
            "TopK",
            List.of(ordered(x), graph.sizes(x.dim(axis))),
            List.of(
                Messages.attribute("axis", axis),
                Messages.attribute("largest", descending ? 1 : 0)),
            2);
    return graph.cast(node + ".1", DType.I64, y.type());
  }

  private String argExtreme(String operator, Tensor x, Tensor y, int[] n) {
    String places =
        graph.add(
            operator,
            List.of(ordered(x)),
            Messages.attribute("axis", n[0]),
            Messages.attribute("keepdims", n[1]));
    return graph.cast(places, DType.I64, y.type());
  }

  private String pad(Tensor x, double value, int[] beforeAndAfter) {
    int rank = x.shape().rank();
    int[] pads = new int[2 * rank];
    Arrays.setAll(pads, i -> beforeAndAfter[i < rank ? 2 * i : 2 * (i - rank) + 1]);
    if (x.type() == DType.BOOL || rank == 0) {
      return null;
    }
    return graph.add("Pad", graph.value(x), graph.sizes(pads), graph.number(value, x.type()));
  }

  private String globalAverage(Tensor x, int rank) {
    if (x.shape().rank() == rank + 2) {
      return graph.add("GlobalAveragePool", graph.value(x));
    }
    int[] axes = IntStream.rangeClosed(1, rank).map(d -> x.shape().rank() - d).toArray();
    return graph.add("ReduceMean", List.of(graph.value(x)), Messages.attribute("axes", axes));
  }

  /** Multiplies the last dimensions by matrices [in, out]; null is the identity. */
  String resample(Tensor x, double[][] matrices, Tensor y) {
    String value = graph.value(x);
    int rank = x.shape().rank();
    for (int k = 0; k < matrices.length; k++) {
      int d = rank - matrices.length + k;
      if (matrices[k] == null) {
        continue;
      }
      int[] dims = {x.dim(d), y.dim(d)};
      String matrix = graph.constant(new OnnxConstant(Kind.ARRAY, x.type(), dims, matrices[k]));
      int[] order = IntStream.range(0, rank).toArray();
      order[d] = rank - 1;
      order[rank - 1] = d;
      String turned = graph.add("MatMul", transposed(value, order), matrix);
      value = transposed(turned, order);
    }
    return value;
  }
}
