package tangram.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * The lifetime of intermediate tensors. Tensors made by the thread that opened the scope belong to
 * it and are released when it closes, unless they were released before or {@linkplain #keep kept}.
 * Scopes nest. Tensors made outside any scope live until {@link Tensor#close}, or until the garbage
 * collector finds that nobody refers to them.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *   Tensor loss = model.forward(x);
 *   loss.backward();
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

  private final Scope parent;
  private final boolean owns;
  private final int guards = Autograd.disabled().depth();
  private final List<Tensor> tensors = new ArrayList<>();

  private Scope(Scope parent, boolean owns) {
    this.parent = parent;
    this.owns = owns;
    CURRENT.set(this);
  }

  /** Opens a scope on this thread. */
  public static Scope open() {
    return new Scope(CURRENT.get(), true);
  }

  /**
   * Opens a scope in which new tensors belong to nobody: for parameters made while another is open.
   */
  public static Scope detached() {
    return new Scope(CURRENT.get(), false);
  }

  /** Whether the innermost scope of this thread leaves tensors to themselves. */
  static boolean isDetached() {
    Scope scope = CURRENT.get();
    return scope != null && !scope.owns;
  }

  /** Makes a tensor belong to the scope of this thread; false where none owns tensors. */
  static boolean adopt(Tensor tensor) {
    Scope scope = CURRENT.get();
    boolean owned = scope != null && scope.owns;
    if (owned) {
      scope.tensors.add(tensor);
    }
    return owned;
  }

  /** Hands a tensor to the enclosing scope, or to the caller where there is none. */
  public Tensor keep(Tensor tensor) {
    if (tensors.remove(tensor)) {
      if (parent != null && parent.owns) {
        parent.tensors.add(tensor);
      } else {
        tensor.leaveScopes();
      }
    }
    return tensor;
  }

  /**
   * Makes a tensor that belongs to nobody, such as one that another thread made, belong to the
   * scope of this thread, which releases it when it closes; where there is none, nothing changes.
   *
   * @return the tensor
   * @throws IllegalStateException if it was released, or belongs to a scope
   */
  public static Tensor own(Tensor tensor) {
    tensor.buffer();
    boolean owned = !tensor.isUnscoped();
    for (Scope scope = CURRENT.get(); scope != null; scope = scope.parent) {
      owned |= scope.tensors.contains(tensor);
    }
    if (owned) {
      throw new IllegalStateException(
          "a tensor of shape " + tensor.shape() + " belongs to a scope already");
    }
    adopt(tensor);
    return tensor;
  }

  /**
   * Takes a tensor out of whatever scope it belongs to: it lives until it is closed or nobody
   * refers to it. So do the parameters of a network that is built inside a scope.
   *
   * @return the tensor
   * @throws IllegalStateException if it was released, or belongs to a scope of another thread
   */
  public static Tensor persist(Tensor tensor) {
    tensor.buffer();
    for (Scope scope = CURRENT.get(); scope != null; scope = scope.parent) {
      // Scopes own tensors that were made outside of them, too.
      if (scope.tensors.remove(tensor)) {
        tensor.leaveScopes();
      }
    }
    if (!tensor.isUnscoped()) {
      throw new IllegalStateException(
          "a tensor of shape " + tensor.shape() + " belongs to a scope of another thread");
    }
    tensor.stay();
    return tensor;
  }

  @Override
  public void close() {
    if (CURRENT.get() != this) {
      throw new IllegalStateException("scopes must be closed by their thread, innermost first");
    }
    CURRENT.set(parent);
    for (int i = tensors.size() - 1; i >= 0; i--) {
      tensors.get(i).close();
    }
    tensors.clear();
    String forgotten = Autograd.disabled().unclosed();
    if (Autograd.disabled().depth() > guards) {
      Autograd.disabled().closeTo(guards);
      throw new IllegalStateException(
          "the guard of noGrad() opened at "
              + forgotten
              + " was not closed before the scope around it; use it in try (...)");
    }
  }
}
