package tangram.onnx.op;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxException;
import tangram.onnx.graph.Node;

/**
 * The operators that can be computed: the signatures of {@code operators.txt}, with kernels from
 * the classes of each family.
 */
public final class Operators {
  /** Why operators have no kernel. */
  private static final Map<String, String> REFUSED =
      Map.of("ai.onnx.preview.training.Gradient", "gradients are taken by Tensor.backward()");

  private static final Map<String, Kernel> KERNELS = new TreeMap<>();

  static {
    Operators table = new Operators();
    Elementwise.register(table);
    Activations.register(table);
    Casting.register(table);
    Shapes.register(table);
    Indexing.register(table);
    Scatters.register(table);
    Reductions.register(table);
    Products.register(table);
    Convolutions.register(table);
    Pooling.register(table);
    Normalizations.register(table);
    Sampling.register(table);
    Resizing.register(table);
    Recurrent.register(table);
    Losses.register(table);
    Sequences.register(table);
    Control.register(table);
    Quantization.register(table);
    Signals.register(table);
    Words.register(table);
    Randoms.register(table);
    Detection.register(table);
    Training.register(table);
    Attentions.register(table);
    StateSpaces.register(table);
    Pictures.register(table);
    Classical.register(table);
  }

  private Operators() {}

  void put(String name, Kernel kernel) {
    if (!Signature.ALL.containsKey(name) || KERNELS.put(name, kernel) != null) {
      throw new IllegalStateException("no operator, or one twice: " + name);
    }
  }

  void one(String name, Kernel.One kernel) {
    put(name, call -> new OnnxData[] {kernel.run(call)});
  }

  /** Operators that ONNX defines and that cannot be computed, with the reason. */
  public static Map<String, String> refused() {
    Map<String, String> refused = new TreeMap<>();
    for (String name : Signature.ALL.keySet()) {
      if (!KERNELS.containsKey(name)) {
        refused.put(name, REFUSED.getOrDefault(name, "it is not implemented"));
      }
    }
    return refused;
  }

  /** Operators that can be computed. */
  public static Set<String> supported() {
    return new TreeSet<>(KERNELS.keySet());
  }

  /** What an operator means in an opset. */
  record Definition(Signature signature, int version, Kernel kernel) {}

  /**
   * Looks an operator up.
   *
   * @param opset of the operator's domain
   * @throws OnnxException.Unsupported if it cannot be computed, or not with such attributes
   */
  static Definition of(Node node, int opset) {
    String name = node.operator();
    Signature signature = Signature.ALL.get(name);
    String what = "Operator %s of opset %s".formatted(name, opset);
    if (signature == null) {
      throw new OnnxException.Unsupported(
          what + ", in node '" + node.name() + "', is no operator of ONNX or of the model.");
    }
    int latest = Signature.latest(signature.domain());
    int version = signature.version(opset);
    String why = null;
    if (opset > latest) {
      why = "operators are known up to opset " + latest;
    } else if (version == 0) {
      why = "it came with opset " + signature.versions()[0];
    } else if (signature.ended()
        && version == signature.versions()[signature.versions().length - 1]) {
      why = "it ended with opset " + version;
    } else if (!KERNELS.containsKey(name)) {
      why = refused().get(name);
    } else {
      for (String attribute : node.attributes().keySet()) {
        if (!signature.attributes().contains(attribute)) {
          why = "its attribute '" + attribute + "' is not known";
        }
      }
      int inputs = node.inputs().size();
      if (inputs < signature.fewest() || inputs > signature.most()) {
        why = "it has " + inputs + " inputs, where " + signature.inputs() + " are known";
      } else if (node.outputs().size() > signature.mostOutputs()) {
        why = "it has more outputs than " + signature.outputs();
      }
    }
    if (why != null) {
      throw new OnnxException.Unsupported(
          "%s, in node '%s', is not supported: %s.".formatted(what, node.name(), why));
    }
    return new Definition(signature, version, KERNELS.get(name));
  }
}
