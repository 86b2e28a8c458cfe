package tangram.compare;

import java.util.Locale;
import java.util.Map;

/**
 * How near our time is to what memory or multiply-adds allow, whichever takes longer. Above 100%
 * operands were still in a cache.
 */
final class ShareOfLimit implements Comparison.Column {
  private final CompareOptions options;
  private final Map<Entry, ArraysCommand.Work> work;
  private final Limits limits;

  ShareOfLimit(CompareOptions options, Map<Entry, ArraysCommand.Work> work) {
    this.options = options;
    this.work = work;
    this.limits = new Limits(options.threads());
  }

  @Override
  public String title() {
    return "share of limit";
  }

  @Override
  public String value(Entry entry, Race.Times times) {
    ArraysCommand.Work least = work.get(entry);
    double memory = least.bytes() / limits.bytes(options.device());
    double arithmetic = least.flops() / limits.flops();
    return String.format(
        Locale.ROOT,
        "%5.0f%% of %s",
        100 * Math.max(memory, arithmetic) / times.ours(),
        memory > arithmetic ? "memory" : "multiply-adds");
  }
}
