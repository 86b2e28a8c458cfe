package tangram.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The operations that a tensor was computed by, as {@link Tensor#backward()} will differentiate
 * them: for pictures and tables.
 *
 * @param vertices tensors and operations, each behind what it was computed from
 */
public record Graph(List<Vertex> vertices) {
  /**
   * A tensor of the graph.
   *
   * @param operation what computed it; empty of one that the graph begins with
   * @param tensor the tensor, whose memory may be released
   * @param inputs places in the list of what it was computed from
   */
  public record Vertex(String operation, Tensor tensor, List<Integer> inputs) {
    /** Whether the graph begins here. */
    public boolean isLeaf() {
      return operation.isEmpty();
    }
  }

  /**
   * The graph behind a tensor.
   *
   * @throws IllegalArgumentException if nothing that it was computed from requires a gradient, so
   *     that nothing was recorded
   */
  public static Graph of(Tensor y) {
    if (y.node == null) {
      throw new IllegalArgumentException(
          "no operation that led to this tensor was recorded; compute it outside noGrad() from"
              + " tensors that require a gradient");
    }
    List<Node> nodes = new ArrayList<>();
    Map<Node, Boolean> seen = new IdentityHashMap<>();
    ArrayDeque<Node> found = new ArrayDeque<>(List.of(y.node));
    seen.put(y.node, true);
    while (!found.isEmpty()) {
      Node node = found.pop();
      nodes.add(node);
      for (Tensor input : node.inputs) {
        if (input != null && input.node != null && seen.put(input.node, true) == null) {
          found.push(input.node);
        }
      }
    }
    nodes.sort(Comparator.comparingLong(node -> node.sequence));
    List<Vertex> vertices = new ArrayList<>();
    Map<Tensor, Integer> places = new IdentityHashMap<>();
    for (Node node : nodes) {
      List<Integer> inputs = new ArrayList<>();
      for (Tensor input : node.inputs) {
        if (input == null) {
          continue;
        }
        Integer place = places.get(input);
        if (place == null) {
          place = vertices.size();
          places.put(input, place);
          vertices.add(new Vertex("", input, List.of()));
        }
        inputs.add(place);
      }
      places.put(node.output, vertices.size());
      vertices.add(new Vertex(node.name(), node.output, List.copyOf(inputs)));
    }
    return new Graph(List.copyOf(vertices));
  }
}
