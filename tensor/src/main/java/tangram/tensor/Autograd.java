package tangram.tensor;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Reverse-mode automatic differentiation. Operations {@linkplain #record record} how to
 * differentiate themselves; {@link Tensor#backward()} walks the records from the latest to the
 * earliest.
 *
 * <p>The walk frees memory as it goes: once an operation is differentiated, everything that used
 * its output was too, so output, saved tensors and gradient are released. A graph is therefore
 * walked once.
 */
public final class Autograd {
  private static final ThreadLocal<State> STATE = ThreadLocal.withInitial(State::new);

  private static final class State {
    boolean enabled = true;
    long sequence;
  }

  private Autograd() {}

  /** Whether operations on this thread are being recorded. */
  public static boolean isEnabled() {
    return STATE.get().enabled;
  }

  /** Stops recording on this thread until the returned guard is closed: for inference. */
  public static Guard noGrad() {
    State state = STATE.get();
    boolean before = state.enabled;
    state.enabled = false;
    return () -> state.enabled = before;
  }

  /** Ends a {@link #noGrad()} section. */
  public interface Guard extends AutoCloseable {
    @Override
    void close();
  }

  /** Whether an operation on these inputs (null allowed) has to be recorded. */
  public static boolean isNeeded(Tensor... inputs) {
    if (!isEnabled()) {
      return false;
    }
    for (Tensor t : inputs) {
      if (t != null && t.requiresGrad()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Records an operation if one of its inputs needs a gradient; otherwise releases what it saved.
   *
   * @param name the operation, for messages
   * @param output its result, computed already
   * @param inputs the tensors it can be differentiated by; null entries are allowed
   * @param saved every tensor that the derivative reads: inputs, the output, and further ones,
   *     which are released after it; the memory of inputs and outputs that no derivative reads is
   *     returned as soon as nobody else {@linkplain Tensor#release needs} it
   * @param backward its derivative; it may {@linkplain Tensor#isExclusive overwrite} the gradient
   *     it is given and return it
   * @return the output
   */
  public static Tensor record(
      String name, Tensor output, Tensor[] inputs, Tensor[] saved, Backward backward) {
    if (isNeeded(inputs)) {
      output.markRecorded(new Node(STATE.get().sequence++, name, output, inputs, saved, backward));
    } else {
      closeFurther(inputs, output, saved);
    }
    return output;
  }

  static void backward(Tensor root, Tensor seed) {
    if (!root.requiresGrad()) {
      throw new IllegalStateException(
          "nothing that this tensor was computed from requires a gradient");
    }
    if (root.node == null) {
      accumulateLeaf(root, seed);
      return;
    }
    PriorityQueue<Node> ready =
        new PriorityQueue<>(Comparator.comparingLong((Node n) -> n.sequence).reversed());
    try (Guard guard = noGrad()) {
      root.node.grad = seed.detach();
      ready.add(root.node);
      while (!ready.isEmpty()) {
        differentiate(ready.poll(), root, ready);
      }
    }
  }

  private static void differentiate(Node node, Tensor root, PriorityQueue<Node> ready) {
    if (node.consumed) {
      throw new IllegalStateException(
          "backward() through "
              + node.name
              + " a second time: its graph was released by the first");
    }
    node.consumed = true;
    if (node.output != root && !node.savesOutput()) {
      // What used it was differentiated before.
      node.output.close();
    }
    Tensor[] grads = node.backward.apply(node.grad);
    if (grads.length != node.inputs.length) {
      throw new IllegalStateException(node.name + " returned " + grads.length + " gradients");
    }
    for (int i = 0; i < grads.length; i++) {
      Tensor input = node.inputs[i];
      Tensor grad = grads[i];
      if (grad == null) {
        continue;
      }
      if (!grad.shape().equals(input.shape())) {
        throw new IllegalStateException(
            node.name + ": gradient " + grad.shape() + " of input " + i + " " + input.shape());
      }
      if (!input.requiresGrad()) {
        release(grad, node.grad);
      } else if (input.node == null) {
        accumulateLeaf(input, grad);
        release(grad, node.grad);
      } else {
        // The operation may hand on its own gradient: give each receiver a handle of its own.
        Tensor owned = grad == node.grad ? grad.detach() : grad;
        if (input.node.grad == null) {
          input.node.grad = owned;
          ready.add(input.node);
        } else {
          accumulate(input.node, owned);
        }
      }
    }
    node.grad.close();
    node.grad = null;
    closeFurther(node.inputs, node.output, node.saved);
    if (node.output != root) {
      node.output.close();
    }
  }

  /** Closes what was saved and is neither input nor output, which have a life of their own. */
  private static void closeFurther(Tensor[] inputs, Tensor output, Tensor[] saved) {
    for (Tensor t : saved) {
      if (t != output && !Node.contains(inputs, t)) {
        t.close();
      }
    }
  }

  private static void release(Tensor grad, Tensor gradOutput) {
    if (grad != gradOutput) {
      grad.close();
    }
  }

  private static void accumulate(Node node, Tensor grad) {
    Tensor sum = node.grad;
    var elementwise = sum.device().kernels().elementwise();
    if (sum.buffer().isExclusive()) {
      elementwise.add(sum.buffer(), grad.buffer(), sum.buffer());
      grad.close();
    } else if (grad.buffer().isExclusive()) {
      elementwise.add(sum.buffer(), grad.buffer(), grad.buffer());
      node.grad = grad;
      sum.close();
    } else {
      node.grad = sum.device().empty(sum.shape().dims());
      elementwise.add(sum.buffer(), grad.buffer(), node.grad.buffer());
      sum.close();
      grad.close();
    }
  }

  private static void accumulateLeaf(Tensor leaf, Tensor grad) {
    if (leaf.grad() == null) {
      try (Scope persistent = Scope.detached()) {
        leaf.setGrad(leaf.device().zeros(leaf.shape().dims()));
      }
    }
    leaf.device()
        .kernels()
        .elementwise()
        .add(leaf.grad().buffer(), grad.buffer(), leaf.grad().buffer());
  }
}
