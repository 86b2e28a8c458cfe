package tangram.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tangram.compare.Race.Times;
import tangram.tensor.kernel.GemmShape;

/** Matrix products: three large ones and those of the paper's network. */
@Command(
    name = "gemm",
    description =
        "Matrix products: 1024x1024x1024, and those of the Swin decoder's linear layers at 224x224"
            + " and batch 2 with their gradients.")
final class GemmCommand implements Runnable {
  private static final int LARGE = 1024;

  @Mixin private CompareOptions options;

  @Override
  public void run() {
    Map<GemmShape, Integer> counts = new LinkedHashMap<>();
    counts.put(GemmShape.of(false, false, LARGE, LARGE, LARGE), 0);
    counts.put(GemmShape.of(false, true, LARGE, LARGE, LARGE), 0);
    counts.put(GemmShape.of(true, false, LARGE, LARGE, LARGE), 0);
    NetworkCalls calls = NetworkCalls.of(Configurations.paper());
    for (List<DryDevice.Call> pass : List.of(calls.forward(), calls.backward())) {
      NetworkCalls.products(pass).forEach((shape, n) -> counts.merge(shape, n, Integer::sum));
    }
    List<Entry> entries = new ArrayList<>();
    Map<Entry, GemmShape> shapes = new LinkedHashMap<>();
    counts.forEach(
        (shape, n) -> {
          Entry entry =
              new Entry(
                  name(shape),
                  mode(shape),
                  n,
                  () -> new GemmCase(options.device(), options.libtorch(), shape));
          entries.add(entry);
          shapes.put(entry, shape);
        });
    options.compare(entries, new ShareOfPeak(shapes, options.threads()));
  }

  private static String name(GemmShape s) {
    return s.m() + "x" + s.n() + "x" + s.k();
  }

  /** Which operands are stored transposed: T, else N. */
  private static String mode(GemmShape s) {
    return (s.transA() ? "T" : "N") + (s.transB() ? "T" : "N");
  }

  /** Our speed, and as a share of what the cores could do, measured again before every row. */
  private static final class ShareOfPeak implements Comparison.Column {
    private final Map<Entry, GemmShape> shapes;
    private final Limits limits;

    ShareOfPeak(Map<Entry, GemmShape> shapes, int threads) {
      this.shapes = shapes;
      this.limits = new Limits(threads);
    }

    @Override
    public String title() {
      return "ours GFLOP/s  share of FMA peak";
    }

    @Override
    public String value(Entry entry, Times times) {
      GemmShape s = shapes.get(entry);
      double speed = 2.0 * s.m() * s.n() * s.k() / times.ours();
      return String.format(
          Locale.ROOT, "%12.1f  %16.0f%%", speed * 1e-9, 100 * speed / limits.flops());
    }
  }
}
