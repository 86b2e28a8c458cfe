package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Operators of classical machine learning, domain {@code ai.onnx.ml}, on the host. */
final class Classical {
  private static final String DOMAIN = "ai.onnx.ml.";

  private Classical() {}

  static void register(Operators table) {
    table.one(DOMAIN + "ArrayFeatureExtractor", Classical::features);
    table.one(DOMAIN + "Binarizer", Classical::binarize);
    table.one(DOMAIN + "LabelEncoder", Classical::labels);
    table.one(DOMAIN + "TreeEnsemble", Classical::trees);
  }

  /** Elements along the last dimension; of one dimension as a row. */
  private static OnnxTensor features(Call c) {
    Tensor x = c.t(0);
    int last = x.shape().rank() - 1;
    Tensor index = c.indices(1, x, x.dim(last));
    Tensor y = x.indexSelect(last, index.reshape(index.size()));
    return c.like(0, last == 0 ? y.unsqueeze(0) : y);
  }

  private static OnnxTensor binarize(Call c) {
    double[] x = c.in(0).doubles();
    double threshold = c.attr("threshold", 0.0);
    Arrays.setAll(x, i -> x[i] > threshold ? 1 : 0);
    return Casting.ofDoubles(c, c.type(0), x, c.in(0).dims());
  }

  /** Elements as keys: texts, whole numbers or real ones, of which all NaN are one. */
  private static List<Object> keys(OnnxTensor x) {
    if (x.texts() != null) {
      return List.of((Object[]) x.strings());
    }
    List<Object> keys = new ArrayList<>();
    if (x.type().isInteger()) {
      Arrays.stream(x.longs()).forEach(keys::add);
    } else {
      // 0.0 and -0.0 are one number.
      Arrays.stream(x.doubles()).forEach(v -> keys.add(v + 0.0));
    }
    return keys;
  }

  /** A list of an attribute of some kind, which its name ends with; null where there is none. */
  private static OnnxTensor list(Call c, String name) {
    if (c.hasAttribute(name + "_tensor")) {
      return c.attrTensor(name + "_tensor").on(c.host());
    }
    String[] texts = c.attrTexts(name + "_strings");
    if (texts != null) {
      return Texts.of(c, texts, texts.length);
    }
    long[] longs = c.attrLongs(name + "_int64s");
    if (longs != null) {
      return OnnxTensor.of(c.host(), ElementType.INT64, longs, longs.length);
    }
    float[] floats = c.attrFloats(name + "_floats");
    return floats == null
        ? null
        : OnnxTensor.of(c.host(), ElementType.FLOAT, floats, floats.length);
  }

  private static OnnxTensor otherwise(Call c, ElementType type) {
    if (c.hasAttribute("default_tensor")) {
      return c.attrTensor("default_tensor").on(c.host());
    }
    if (type == ElementType.STRING) {
      return Texts.of(c, new String[] {c.attr("default_string", "_Unused")}, 1);
    }
    double value = type.isInteger() ? c.attr("default_int64", -1) : c.attr("default_float", -0.0);
    return OnnxTensor.of(
        c.host(), type, type.isInteger() ? new long[] {(long) value} : new double[] {value}, 1);
  }

  private static OnnxTensor labels(Call c) {
    if (c.version() < 2) {
      throw c.refuse("its first version is old");
    }
    OnnxTensor keys = list(c, "keys");
    OnnxTensor values = list(c, "values");
    if (keys == null || values == null || keys.size() != values.size()) {
      throw new IllegalArgumentException("there are not as many keys as values");
    }
    Map<Object, Integer> places = new HashMap<>();
    List<Object> known = keys(keys);
    for (int i = 0; i < known.size(); i++) {
      places.put(known.get(i), i);
    }
    // What is not known comes behind the values.
    OnnxTensor all =
        Shapes.concat(c, new OnnxTensor[] {values, flat(otherwise(c, values.type()))}, 0);
    List<Object> x = keys(c.in(0));
    long[] chosen = new long[x.size()];
    Arrays.setAll(chosen, i -> places.getOrDefault(x.get(i), values.size()));
    Tensor y = Moves.take(all.tensor(), chosen, c.in(0).dims());
    return Texts.result(c, all, y);
  }

  private static OnnxTensor flat(OnnxTensor x) {
    return new OnnxTensor(x.type(), x.tensor().reshape(x.size()), x.texts());
  }

  private static double[] numbers(Call c, String name) {
    return c.hasAttribute(name) ? c.attrTensor(name).on(c.host()).doubles() : new double[0];
  }

  /** The trees' nodes, and where their branches lead. */
  private record Forest(
      int[] modes,
      int[] features,
      double[] splits,
      int[][] next,
      int[][] leaf,
      int[] missing,
      List<Set<Double>> members) {

    /** The leaf that a sample reaches from a root. */
    int leaf(double[] x, int row, int width, int root) {
      int node = root;
      for (int step = 0; step <= modes.length; step++) {
        int branch = holds(node, x[row * width + features[node]]) ? 1 : 0;
        if (leaf[branch][node] != 0) {
          return next[branch][node];
        }
        node = next[branch][node];
      }
      throw new IllegalArgumentException("the branches of a tree lead in a circle");
    }

    private boolean holds(int node, double x) {
      if (Double.isNaN(x) && missing.length > 0 && missing[node] != 0) {
        return true;
      }
      double split = splits[node];
      return switch (modes[node]) {
        case 0 -> x <= split;
        case 1 -> x < split;
        case 2 -> x >= split;
        case 3 -> x > split;
        case 4 -> x == split;
        case 5 -> x != split;
        default -> members.get(node).contains(x + 0.0);
      };
    }
  }

  private static Forest forest(Call c) {
    double[] kinds = numbers(c, "nodes_modes");
    int[] modes = Arrays.stream(kinds).mapToInt(v -> (int) v).toArray();
    double[] values = numbers(c, "membership_values");
    List<Set<Double>> members = new ArrayList<>();
    int at = 0;
    for (int mode : modes) {
      Set<Double> own = new HashSet<>();
      if (mode < 0 || mode > 6) {
        throw c.refuse("nodes_modes are 0 to 6, not " + mode);
      }
      for (; mode == 6 && at < values.length && !Double.isNaN(values[at]); at++) {
        own.add(values[at] + 0.0);
      }
      at += mode == 6 ? 1 : 0;
      members.add(own);
    }
    return new Forest(
        modes,
        c.attrInts("nodes_featureids"),
        numbers(c, "nodes_splits"),
        new int[][] {c.attrInts("nodes_falsenodeids"), c.attrInts("nodes_truenodeids")},
        new int[][] {c.attrInts("nodes_falseleafs"), c.attrInts("nodes_trueleafs")},
        c.attrInts("nodes_missing_value_tracks_true"),
        members);
  }

  private static OnnxTensor trees(Call c) {
    Forest forest = forest(c);
    int[] roots = c.attrInts("tree_roots");
    int[] targets = c.attrInts("leaf_targetids");
    double[] weights = numbers(c, "leaf_weights");
    int aggregate = (int) c.attr("aggregate_function", 1);
    if (aggregate < 0 || aggregate > 3) {
      throw c.refuse("aggregate_function is 0 to 3");
    }
    double[] x = c.in(0).doubles();
    int rows = c.in(0).dims()[0];
    int width = c.in(0).dims()[1];
    int count = c.attr("n_targets");
    double[] y = new double[rows * count];
    double most = c.type(0) == ElementType.DOUBLE ? Double.MAX_VALUE : Float.MAX_VALUE;
    Arrays.fill(y, aggregate < 2 ? 0 : aggregate == 2 ? most : -most);
    for (int row = 0; row < rows; row++) {
      for (int root : roots) {
        int leaf = forest.leaf(x, row, width, root);
        int at = row * count + targets[leaf];
        y[at] =
            switch (aggregate) {
              case 0 -> y[at] + weights[leaf] / roots.length;
              case 1 -> y[at] + weights[leaf];
              case 2 -> Math.min(y[at], weights[leaf]);
              default -> Math.max(y[at], weights[leaf]);
            };
      }
    }
    OnnxTensor raw = c.result(c.type(0), y, rows, count);
    return switch ((int) c.attr("post_transform", 0)) {
      case 0 -> raw;
      case 1 -> c.like(0, Call.precise(raw.tensor()).softmax(1));
      case 2 -> c.like(0, Call.precise(raw.tensor()).sigmoid());
      default -> throw c.refuse("post_transform is 0, 1 or 2");
    };
  }
}
