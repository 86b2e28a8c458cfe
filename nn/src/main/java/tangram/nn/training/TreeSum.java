package tangram.nn.training;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Sums vectors in a fixed binary tree: neighbours first, then the sums of neighbours. With a power
 * of two of leaves, any aligned part of them that is a power of two, too, can be summed elsewhere
 * and put in as one: the sum has the same bits. Keeps one vector for every level of the tree.
 */
public final class TreeSum {
  private record Node(int leaves, float[] sum) {}

  private final Deque<Node> nodes = new ArrayDeque<>();

  /** Without leaves yet. */
  public TreeSum() {}

  /**
   * Adds the next leaf.
   *
   * @param leaf is kept and may be overwritten; as long as the others
   */
  public void add(float[] leaf) {
    Node node = new Node(1, leaf);
    while (!nodes.isEmpty() && nodes.peek().leaves() == node.leaves()) {
      Node left = nodes.pop();
      float[] sum = left.sum();
      float[] right = node.sum();
      if (sum.length != right.length) {
        throw new IllegalArgumentException(
            "leaves of %d and %d numbers".formatted(sum.length, right.length));
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += right[i];
      }
      node = new Node(2 * left.leaves(), sum);
    }
    nodes.push(node);
  }

  /**
   * The sum of all leaves, after which there are none.
   *
   * @throws IllegalStateException unless their number is a power of two
   */
  public float[] total() {
    if (nodes.size() != 1) {
      throw new IllegalStateException("the number of leaves is no power of two");
    }
    return nodes.pop().sum();
  }
}
