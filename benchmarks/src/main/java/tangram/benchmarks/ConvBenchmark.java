package tangram.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.conv.Conv;
import tangram.tensor.vector.runtime.Parallel;

/**
 * The convolutions of the {@code small} preset (half-width ResNet-18 and the U-Net decoder at
 * 128x128, batch 12), each with both gradients.
 *
 * <p>GFLOP/s count the operations of the definition, so Winograd's algorithm, which does fewer, can
 * exceed the peak. The peak is measured in the same run.
 *
 * <p>{@link #main} takes the numbers of threads to measure with; by default 1 and 2.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ConvBenchmark {
  /** Channels in and out, kernel, stride, input rows and columns. */
  @Param({
    "1-32 7x7/2 128",
    "32-32 3x3/1 32",
    "32-64 3x3/2 32",
    "32-64 1x1/2 32",
    "64-64 3x3/1 16",
    "64-128 3x3/2 16",
    "64-128 1x1/2 16",
    "128-128 3x3/1 8",
    "128-256 3x3/2 8",
    "128-256 1x1/2 8",
    "256-256 3x3/1 4",
    "384-128 3x3/1 8",
    "192-64 3x3/1 16",
    "96-32 3x3/1 32",
    "64-16 3x3/1 64",
    "16-16 3x3/1 64",
    "16-16 3x3/1 128",
    "16-4 3x3/1 128"
  })
  public String layer;

  @Param({"1"})
  public int threads;

  private ConvShape shape;
  private float[] x;
  private float[] w;
  private float[] y;
  private float[] gx;
  private float[] gw;
  private float[] gy;

  /** Parses a layer; the padding is half of the kernel. */
  static ConvShape shape(String layer) {
    String[] p = layer.split("[- x/]");
    int kernel = Integer.parseInt(p[2]);
    int size = Integer.parseInt(p[5]);
    return new ConvShape(
        12,
        Integer.parseInt(p[0]),
        size,
        size,
        Integer.parseInt(p[1]),
        kernel,
        kernel,
        Integer.parseInt(p[4]),
        kernel / 2);
  }

  /** Fills the arrays. */
  @Setup
  public void setup() {
    shape = shape(layer);
    x = GemmBenchmark.gaussian(shape.inputSize(), 1);
    w = GemmBenchmark.gaussian(shape.weightSize(), 2);
    gy = GemmBenchmark.gaussian(shape.outputSize(), 3);
    y = new float[shape.outputSize()];
    gx = new float[shape.inputSize()];
    gw = new float[shape.weightSize()];
    Parallel.setThreads(threads);
  }

  /** The convolution. */
  @Benchmark
  public float[] forward() {
    Conv.forward(shape, x, 0, w, 0, null, 0, null, y, 0);
    return y;
  }

  /** The gradient of the input. */
  @Benchmark
  public float[] inputGradient() {
    Conv.inputGradient(shape, gy, 0, w, 0, gx, 0);
    return gx;
  }

  /** The gradient of the weights. */
  @Benchmark
  public float[] weightGradient() {
    Conv.weightGradient(shape, x, 0, gy, 0, gw, 0);
    return gw;
  }

  /** Measures all layers and prints a table. */
  public static void main(String[] args) throws RunnerException {
    String[] threads = args.length > 0 ? args : new String[] {"1", "2"};
    double peak = GemmBenchmark.measurePeak();
    Map<String, StringBuilder> rows = new LinkedHashMap<>();
    for (RunResult result :
        new Runner(
                new OptionsBuilder()
                    .include(ConvBenchmark.class.getName())
                    .param("threads", threads)
                    .build())
            .run()) {
      String layer = result.getParams().getParam("layer");
      int count = Integer.parseInt(result.getParams().getParam("threads"));
      double time = GemmBenchmark.best(result);
      double speed = shape(layer).flops() / time;
      rows.computeIfAbsent(
              layer + ", " + count + (count == 1 ? " thread" : " threads"),
              r -> new StringBuilder())
          .append(
              String.format(
                  Locale.ROOT,
                  " | %-14s %6.2f ms %6.1f GFLOP/s %5.2f of peak",
                  result.getPrimaryResult().getLabel(),
                  time / 1e6,
                  speed,
                  speed / (peak * count)));
    }
    System.out.printf(Locale.ROOT, "peak of one core: %.1f GFLOP/s%n", peak);
    rows.forEach((name, text) -> System.out.printf("%-28s%s%n", name, text));
  }
}
