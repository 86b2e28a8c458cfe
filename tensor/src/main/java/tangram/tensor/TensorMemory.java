package tangram.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the memory of a {@link ProfiledDevice}'s tensors was used for when most of it was in use, by
 * the operation that asked for it. Asking the stack for its name costs time and garbage, so the
 * account is kept only {@linkplain ProfiledDevice#accountMemory on request}.
 */
public final class TensorMemory {
  private static final String OPERATIONS = TensorMemory.class.getPackageName() + ".op.";
  private static final String HELPERS = OPERATIONS + "Checks";
  private static final String HELD = "held before";
  private static final String OTHER = "other";
  private static final StackWalker STACK = StackWalker.getInstance();

  /**
   * One use of memory.
   *
   * @param name the operation; "..., gradient" for what its derivative made, {@code other} for what
   *     no operation made, and {@code held before} for what was in use when the account began:
   *     parameters, their gradients and momenta, inputs
   * @param bytes size of its buffers
   */
  public record Entry(String name, long bytes) {}

  private final Map<Arena.Block, String> names = new IdentityHashMap<>();
  private final Map<String, Long> live = new LinkedHashMap<>();
  private final Map<String, Long> atPeak = new LinkedHashMap<>();
  private boolean active;
  private long used;
  private long peak;

  TensorMemory() {}

  /** Begins to count, with a number of bytes in use. */
  synchronized void start(long bytesInUse) {
    names.clear();
    live.clear();
    used = 0;
    active = true;
    add(HELD, bytesInUse);
  }

  /** Stops counting; what was seen stays. */
  synchronized void stop() {
    active = false;
  }

  /** A block was handed out. */
  synchronized void allocated(Arena.Block block, int elementBytes) {
    if (active) {
      String name = STACK.walk(TensorMemory::user);
      names.put(block, name);
      add(name, (long) block.size * elementBytes);
    }
  }

  /** A block was given back. */
  synchronized void freed(Arena.Block block, int elementBytes) {
    if (active) {
      String name = names.remove(block);
      add(name == null ? HELD : name, -(long) block.size * elementBytes);
    }
  }

  private void add(String name, long bytes) {
    used += bytes;
    live.merge(name, bytes, Long::sum);
    if (used > peak) {
      peak = used;
      atPeak.clear();
      atPeak.putAll(live);
    }
  }

  /** The operation that makes a tensor, and whether for a gradient. */
  private static String user(Stream<StackWalker.StackFrame> frames) {
    String name = null;
    for (StackWalker.StackFrame frame : (Iterable<StackWalker.StackFrame>) frames::iterator) {
      String type = frame.getClassName();
      if (name == null && type.startsWith(OPERATIONS) && !type.equals(HELPERS)) {
        name = type.substring(OPERATIONS.length()).replaceFirst("Op$", "");
      } else if (name != null && type.equals(Autograd.class.getName())) {
        return name + ", gradient";
      }
    }
    return name == null ? OTHER : name;
  }

  /** The uses at that moment, the largest first. */
  public synchronized List<Entry> entries() {
    List<Entry> sorted = new ArrayList<>();
    atPeak.forEach(
        (name, bytes) -> {
          if (bytes != 0) {
            sorted.add(new Entry(name, bytes));
          }
        });
    sorted.sort(Comparator.comparingLong(Entry::bytes).reversed());
    return sorted;
  }
}
