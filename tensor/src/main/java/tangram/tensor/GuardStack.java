package tangram.tensor;

/**
 * Values that are in force on a thread until a guard is closed, the innermost last set. A guard
 * must be closed by its thread, before those opened earlier; one that never was is found by {@link
 * #unclosed}.
 *
 * @param <T> type of the values
 */
final class GuardStack<T> {
  private static final StackWalker STACK = StackWalker.getInstance();

  private final String name;
  private final ThreadLocal<Entry> innermost = new ThreadLocal<>();

  /**
   * Creates an empty stack.
   *
   * @param name what opens its guards, for messages
   */
  GuardStack(String name) {
    this.name = name;
  }

  private final class Entry implements Autograd.Guard {
    private final T value;
    private final Entry below;
    private final int depth;
    private final String opened;
    private boolean closed;

    Entry(T value, Entry below, String opened) {
      this.value = value;
      this.below = below;
      this.depth = below == null ? 1 : below.depth + 1;
      this.opened = opened;
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      if (innermost.get() != this) {
        throw new IllegalStateException(
            ("the guard of %s opened at %s must be closed by its thread, after those opened"
                    + " later: use it in try (...)")
                .formatted(name, opened));
      }
      closed = true;
      innermost.set(below);
    }
  }

  /** Sets a value until the guard is closed. */
  Autograd.Guard push(T value) {
    String opened =
        STACK.walk(f -> f.skip(2).findFirst()).map(Object::toString).orElse("the start");
    return push(value, opened);
  }

  /** As {@link #push(Object)}, with the place that messages name. */
  Autograd.Guard push(T value, String opened) {
    Entry entry = new Entry(value, innermost.get(), opened);
    innermost.set(entry);
    return entry;
  }

  /** The value in force on this thread, or null. */
  T current() {
    Entry entry = innermost.get();
    return entry == null ? null : entry.value;
  }

  /** How many guards of this thread are open. */
  int depth() {
    Entry entry = innermost.get();
    return entry == null ? 0 : entry.depth;
  }

  /** Where the innermost open guard of this thread was opened, or null. */
  String unclosed() {
    Entry entry = innermost.get();
    return entry == null ? null : entry.opened;
  }

  /** Closes the guards of this thread beyond a depth. */
  void closeTo(int depth) {
    Entry entry = innermost.get();
    while (entry != null && entry.depth > depth) {
      entry.closed = true;
      entry = entry.below;
    }
    innermost.set(entry);
  }
}
