package tangram.tensor;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.Updates;

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
  private static final GuardStack<Boolean> DISABLED = new GuardStack<>("noGrad()");
  private static final AtomicLong SEQUENCE = new AtomicLong();
  private static final AtomicLong WALKS = new AtomicLong();
  private static final Tensor[] NONE = {};
  private static final double[] NO_NUMBERS = {};
  private static final Formula ADD = Formula.of((a, b) -> a.add(b));

  private Autograd() {}

  /** Whether operations on this thread are being recorded. */
  public static boolean isEnabled() {
    return DISABLED.current() == null;
  }

  /**
   * Stops recording on this thread until the returned guard is closed: for inference. Guards nest;
   * each must be closed by its thread, the innermost first, which {@code try (...)} sees to.
   */
  public static Guard noGrad() {
    return DISABLED.push(true);
  }

  /** The guards of {@link #noGrad()}. */
  static GuardStack<Boolean> disabled() {
    return DISABLED;
  }

  /** Ends a {@link #noGrad()} section. */
  public interface Guard extends AutoCloseable {
    /**
     * Ends the section; a second call does nothing.
     *
     * @throws IllegalStateException on another thread, or while a later guard is open
     */
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
   * As the other, for an operation on one tensor whose derivative reads nothing but its gradient.
   */
  public static Tensor record(
      String signature, Tensor output, Tensor input, UnaryOperator<Tensor> backward) {
    return record(signature, output, input, NONE, backward);
  }

  /** As the other, for an operation on one tensor. */
  public static Tensor record(
      String signature,
      Tensor output,
      Tensor input,
      Tensor[] saved,
      UnaryOperator<Tensor> backward) {
    Tensor[] inputs = {input};
    return record(signature, output, inputs, saved, gy -> new Tensor[] {backward.apply(gy)});
  }

  /** As the other, for an operation without constants. */
  public static Tensor record(
      String signature, Tensor output, Tensor[] inputs, Tensor[] saved, Backward backward) {
    return record(signature, output, inputs, NONE, saved, backward);
  }

  /**
   * Records an operation if one of its inputs needs a gradient; otherwise releases what it saved.
   *
   * <p>Constants and saved tensors are all that the derivative may read. {@code backward()} refuses
   * to continue if one of them was released or written to in between.
   *
   * @param signature the operation and its operands for messages, inputs first: {@code "scale(x,
   *     s)"}
   * @param output its result, computed already
   * @param inputs the tensors it can be differentiated by; null entries are allowed
   * @param constants operands it cannot be differentiated by but whose elements the derivative
   *     reads; null entries are allowed
   * @param saved every other tensor that the derivative reads: inputs, the output, and further
   *     ones, which are released after it; the memory of inputs and outputs that no derivative
   *     reads is returned as soon as nobody else {@linkplain Tensor#release needs} it
   * @param backward its derivative; it may {@linkplain Tensor#isExclusive overwrite} the gradient
   *     it is given and return it
   * @return the output
   */
  public static Tensor record(
      String signature,
      Tensor output,
      Tensor[] inputs,
      Tensor[] constants,
      Tensor[] saved,
      Backward backward) {
    Tracer.current().computed(signature, output);
    // Integers and booleans carry no gradient.
    if (output.type().isReal() && isNeeded(inputs)) {
      long sequence = SEQUENCE.getAndIncrement();
      output.markRecorded(
          new Node(sequence, signature, output, inputs, constants, saved, backward));
    } else {
      closeFurther(inputs, output, saved);
    }
    return output;
  }

  static void backward(Tensor root, Tensor seed) {
    if (!root.requiresGrad()) {
      String guard = DISABLED.unclosed();
      throw new IllegalStateException(
          guard == null
              ? "nothing that this tensor was computed from requires a gradient"
              : "this tensor was not recorded: the guard of noGrad() opened at "
                  + guard
                  + " is still open; close it, best by try (...)");
    }
    if (root.node == null) {
      LeafGradients leaf = new LeafGradients();
      leaf.add(root, seed.detach());
      leaf.flush();
      return;
    }
    requireWalkable(root.node);
    PriorityQueue<Node> ready =
        new PriorityQueue<>(Comparator.comparingLong((Node n) -> n.sequence).reversed());
    try (Guard guard = DISABLED.push(true, "backward()")) {
      root.node.grad = seed.detach();
      ready.add(root.node);
      LeafGradients leaves = new LeafGradients();
      while (!ready.isEmpty()) {
        differentiate(ready.poll(), root, ready, leaves);
      }
      leaves.flush();
    }
  }

  /** Checks the whole graph first: a walk that ended half-way would leave half of a gradient. */
  private static void requireWalkable(Node root) {
    long walk = WALKS.incrementAndGet();
    ArrayDeque<Node> found = new ArrayDeque<>();
    found.push(root);
    root.walk = walk;
    while (!found.isEmpty()) {
      Node node = found.pop();
      if (node.consumed) {
        throw new IllegalStateException(
            "backward() through "
                + node.name()
                + " a second time: its graph was released by the first");
      }
      node.requireUnchanged();
      for (int i = 0; i < node.inputs.length; i++) {
        Node before = node.wants(i) ? node.inputs[i].node : null;
        if (before != null && before.walk != walk) {
          before.walk = walk;
          found.push(before);
        }
      }
    }
  }

  private static void differentiate(
      Node node, Tensor root, PriorityQueue<Node> ready, LeafGradients leaves) {
    node.consumed = true;
    if (node.output != root && !node.savesOutput()) {
      // What used it was differentiated before.
      node.output.close();
    }
    Tensor[] grads = node.backward.apply(node.grad);
    if (grads.length != node.inputs.length) {
      throw new IllegalStateException(node.name() + " returned " + grads.length + " gradients");
    }
    for (int i = 0; i < grads.length; i++) {
      Tensor input = node.inputs[i];
      Tensor grad = grads[i];
      if (grad == null) {
        continue;
      }
      if (!grad.shape().equals(input.shape())) {
        throw new IllegalStateException(
            node.name() + ": gradient " + grad.shape() + " of input " + i + " " + input.shape());
      }
      if (!node.wants(i)) {
        release(grad, node.grad);
      } else if (input.node == null) {
        // The operation may hand on its own gradient: give the leaf a handle of its own.
        leaves.add(input, grad == node.grad ? grad.detach() : grad);
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
    if (sum.isExclusive()) {
      add(sum, grad, sum);
      grad.close();
    } else if (grad.isExclusive()) {
      add(sum, grad, grad);
      node.grad = grad;
      sum.close();
    } else {
      node.grad = sum.device().uninitialized(sum.type(), sum.shape());
      add(sum, grad, node.grad);
      sum.close();
      grad.close();
    }
  }

  /**
   * Gradients of leaves that are still to be added to what is there. They wait until they are some
   * mebibytes, so that a device adds many small ones at once.
   */
  private static final class LeafGradients {
    /** Elements that wait at most: 2 MiB, which a cache holds. */
    private static final int MOST = 1 << 19;

    private final Map<Tensor, Tensor> waiting = new IdentityHashMap<>();
    private final Updates updates = new Updates();
    private int elements;

    /** Takes a gradient, which is released later. */
    void add(Tensor leaf, Tensor grad) {
      if (waiting.containsKey(leaf)) {
        flush();
      }
      if (leaf.grad() == null) {
        try (Scope persistent = Scope.detached()) {
          leaf.setGrad(leaf.device().zeros(leaf.type(), leaf.shape()));
        }
      }
      updates.next().into(leaf.grad(), ADD, NO_NUMBERS, leaf.grad(), grad);
      waiting.put(leaf, grad);
      elements += grad.size();
      if (elements >= MOST) {
        flush();
      }
    }

    void flush() {
      updates.run();
      waiting.values().forEach(Tensor::close);
      waiting.clear();
      elements = 0;
    }
  }

  private static void add(Tensor a, Tensor b, Tensor y) {
    MapOp.into(y, ADD, NO_NUMBERS, a, b);
  }
}
