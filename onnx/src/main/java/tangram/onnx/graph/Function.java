package tangram.onnx.graph;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An operator that a model makes of others.
 *
 * @param required names of attributes without a default
 * @param defaults attributes with their defaults
 * @param opsets versions of the domains that its nodes use
 */
public record Function(
    String operator,
    List<String> inputs,
    List<String> outputs,
    Set<String> required,
    Map<String, Object> defaults,
    List<Node> nodes,
    Map<String, Integer> opsets) {}
