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
   * @param name the kernel, with what decides its algorithm, such as {@code convolution 3x3}
   * @param calls how often it ran
   * @param nanos time it took in all
   * @param flops floating-point operations of the definition (a multiply-add counts as two); 0 for
   *     kernels that are no products
   * @param bytes size of its operands: what it has to move at least
   */
  public record Entry(String name, long calls, long nanos, long flops, long bytes) {}

  /** Sums that grow in place, so that counting leaves no garbage of its own. */
  private static final class Sums {
    private long calls;
    private long nanos;
    private long flops;
    private long bytes;

    void add(long moreCalls, long moreNanos, long moreFlops, long moreBytes) {
      calls += moreCalls;
      nanos += moreNanos;
      flops += moreFlops;
      bytes += moreBytes;
    }
  }

  private final Map<String, Sums> entries = new LinkedHashMap<>();

  /** Creates an empty account. */
  public KernelTimes() {}

  /** Adds a call. */
  void add(String name, long nanos, long flops, long bytes) {
    of(name).add(1, nanos, flops, bytes);
  }

  /** Adds what others hold. */
  public void add(KernelTimes others) {
    others.entries.forEach((name, s) -> of(name).add(s.calls, s.nanos, s.flops, s.bytes));
  }

  private Sums of(String name) {
    return entries.computeIfAbsent(name, key -> new Sums());
  }

  /** Forgets everything. */
  public void clear() {
    entries.clear();
  }

  /** All kinds, the costliest first. */
  public List<Entry> entries() {
    List<Entry> sorted = new ArrayList<>();
    entries.forEach((name, s) -> sorted.add(new Entry(name, s.calls, s.nanos, s.flops, s.bytes)));
    sorted.sort(Comparator.comparingLong(Entry::nanos).reversed());
    return sorted;
  }
}
