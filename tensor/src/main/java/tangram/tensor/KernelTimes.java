package tangram.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the kernels of a {@link ProfiledDevice} cost, by kind. Not for several threads at once. */
public final class KernelTimes {
  /**
   * One kind of kernel.
   *
   * @param name the kernel, with what decides its algorithm, such as {@code conv2d 3x3}
   * @param calls how often it ran
   * @param nanos time it took in all
   * @param flops floating-point operations of the definition (a multiply-add counts as two); 0 for
   *     kernels that are no products
   * @param bytes size of its operands: what it has to move at least
   */
  public record Entry(String name, long calls, long nanos, long flops, long bytes) {
    private Entry plus(Entry other) {
      return new Entry(
          name, calls + other.calls, nanos + other.nanos, flops + other.flops, bytes + other.bytes);
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Creates an empty account. */
  public KernelTimes() {}

  /** Adds a call. */
  void add(String name, long nanos, long flops, long bytes) {
    entries.merge(name, new Entry(name, 1, nanos, flops, bytes), Entry::plus);
  }

  /** Adds what others hold. */
  public void add(KernelTimes others) {
    others.entries.forEach((name, entry) -> entries.merge(name, entry, Entry::plus));
  }

  /** Forgets everything. */
  public void clear() {
    entries.clear();
  }

  /** All kinds, the costliest first. */
  public List<Entry> entries() {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::nanos).reversed());
    return sorted;
  }
}
