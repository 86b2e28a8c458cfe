package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tangram.onnx.Onnx.NodeProto;
import tangram.onnx.OnnxConstant.Kind;
import tangram.tensor.DType;

/**
 * Numbers that follow the sizes of the inputs. In each run but the first one named dimension was
 * larger, so a number that changes from run to run is found as a dimension of a value, a product of
 * up to three, a multiple or part of one, and the same with something added.
 */
final class OnnxSizes {
  /** Adds a node; returns its name. */
  interface Nodes {
    String add(NodeProto.Builder node, String wanted);
  }

  /** A dimension of a value, in every run. */
  private record Dim(String value, int axis, double[] sizes) {}

  /** {@code plus + factor * product}, or of its reciprocal. */
  private record Found(List<Dim> product, double factor, boolean reciprocal, long plus) {}

  private final List<OnnxGraph> runs;
  private final Nodes nodes;
  private final List<Dim> known = new ArrayList<>();
  private final Map<String, String> written = new HashMap<>();

  OnnxSizes(List<OnnxGraph> runs, Nodes nodes) {
    this.runs = runs;
    this.nodes = nodes;
  }

  /** Says that nodes from now on may ask for the shape of a value. */
  void show(String value) {
    if (!runs.stream().allMatch(run -> run.dims.containsKey(value))) {
      return;
    }
    int rank = runs.get(0).dims.get(value).length;
    for (int d = 0; d < rank; d++) {
      int axis = d;
      double[] sizes = runs.stream().mapToDouble(run -> run.dims.get(value)[axis]).toArray();
      boolean varies = Arrays.stream(sizes).anyMatch(s -> s != sizes[0]);
      if (varies && known.stream().noneMatch(k -> Arrays.equals(k.sizes, sizes))) {
        known.add(new Dim(value, d, sizes));
      }
    }
  }

  /** A number as a list of one; null if it is not found. */
  String integer(double[] values, Function<OnnxConstant, String> literal) {
    Found found = find(values, false);
    if (found == null) {
      return null;
    }
    String product = product(found.product);
    double times = found.factor;
    if (times != 1) {
      boolean whole = times == Math.rint(times);
      long by = Math.round(whole ? times : 1 / times);
      product = binary(whole ? "Mul" : "Div", product, list(by, literal));
    }
    return found.plus == 0 ? product : binary("Add", product, list(found.plus, literal));
  }

  private static String list(long value, Function<OnnxConstant, String> literal) {
    return literal.apply(OnnxConstant.sizes(Kind.SIZES, false, value));
  }

  /** A real number. */
  String real(double[] values, DType type, Function<OnnxConstant, String> literal, String where) {
    Found found = find(values, true);
    if (found == null) {
      throw new IllegalArgumentException(
          "a number of "
              + where
              + " depends on the sizes of the inputs in a way that is not known: "
              + Arrays.toString(values)
              + "; declare dimensions of the inputs as numbers");
    }
    String product = product(found.product);
    NodeProto.Builder cast = NodeProto.newBuilder().setOpType("Cast").addInput(product);
    product =
        nodes.add(cast.addAttribute(Messages.attribute("to", ElementType.of(type).code())), "Cast");
    product = nodes.add(NodeProto.newBuilder().setOpType("Squeeze").addInput(product), "Squeeze");
    String factor = literal.apply(OnnxConstant.number(found.factor, type));
    String result =
        found.reciprocal
            ? binary("Div", factor, product)
            : found.factor == 1 ? product : binary("Mul", product, factor);
    return found.plus == 0
        ? result
        : binary("Add", result, literal.apply(OnnxConstant.number(found.plus, type)));
  }

  private String binary(String operator, String a, String b) {
    String key = operator + "(" + a + "," + b + ")";
    String known = written.get(key);
    if (known == null) {
      NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator);
      known = nodes.add(node.addInput(a).addInput(b), operator);
      written.put(key, known);
    }
    return known;
  }

  private String product(List<Dim> dims) {
    String product = null;
    for (Dim dim : dims) {
      String key = dim.value + "[" + dim.axis + "]";
      String size = written.get(key);
      if (size == null) {
        NodeProto.Builder node = NodeProto.newBuilder().setOpType("Shape").addInput(dim.value);
        node.addAttribute(Messages.attribute("start", dim.axis));
        node.addAttribute(Messages.attribute("end", dim.axis + 1));
        size = nodes.add(node, "Shape");
        written.put(key, size);
      }
      product = product == null ? size : binary("Mul", product, size);
    }
    return product;
  }

  private Found find(double[] values, boolean real) {
    for (long plus : new long[] {0, -1, 1}) {
      double[] rest = Arrays.stream(values).map(v -> v - plus).toArray();
      for (int factors = 1; factors <= 3; factors++) {
        Found found = product(rest, new ArrayList<>(), 0, factors, real, plus);
        if (found != null) {
          return found;
        }
      }
    }
    for (Dim dim : known) {
      double plus = values[0] - dim.sizes[0];
      boolean fits = plus == Math.rint(plus);
      for (int i = 0; fits && i < values.length; i++) {
        fits = values[i] - dim.sizes[i] == plus;
      }
      if (fits) {
        return new Found(List.of(dim), 1, false, (long) plus);
      }
    }
    return null;
  }

  private Found product(
      double[] values, List<Dim> chosen, int from, int more, boolean real, long plus) {
    if (more == 0) {
      double[] product = new double[values.length];
      Arrays.fill(product, 1);
      for (Dim dim : chosen) {
        Arrays.setAll(product, i -> product[i] * dim.sizes[i]);
      }
      double factor = values[0] / product[0];
      double inverse = values[0] * product[0];
      boolean direct = Double.isFinite(factor) && factor != 0;
      boolean reciprocal = real && direct;
      for (int i = 0; i < values.length; i++) {
        direct &= Math.abs(factor * product[i] - values[i]) <= 1e-12 * Math.abs(values[i]);
        reciprocal &= Math.abs(inverse / product[i] - values[i]) <= 1e-12 * Math.abs(values[i]);
      }
      boolean whole =
          Math.abs(factor) >= 1
              ? factor == Math.rint(factor)
              : Math.abs(1 / factor - Math.rint(1 / factor)) < 1e-9 && factor > 0;
      if (direct && (real || whole)) {
        return new Found(List.copyOf(chosen), factor, false, plus);
      }
      return reciprocal ? new Found(List.copyOf(chosen), inverse, true, plus) : null;
    }
    for (int i = from; i < known.size(); i++) {
      chosen.add(known.get(i));
      Found found = product(values, chosen, i, more - 1, real, plus);
      if (found != null) {
        return found;
      }
      chosen.remove(chosen.size() - 1);
    }
    return null;
  }
}
