package tangram.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * The lifetime of intermediate tensors. Tensors made by the thread that opened the scope belong to
 * it and are released when it closes, unless they were released before or {@linkplain #keep kept}.
 * Scopes nest. Tensors made outside any scope live until {@link Tensor#close}.
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

  static void adopt(Tensor tensor) {
    Scope scope = CURRENT.get();
    if (scope != null && scope.owns) {
      scope.tensors.add(tensor);
    }
  }

  /** Hands a tensor to the enclosing scope, or to the caller where there is none. */
  public Tensor keep(Tensor tensor) {
    if (tensors.remove(tensor) && parent != null && parent.owns) {
      parent.tensors.add(tensor);
    }
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
  }
}
