package tangram.benchmarks;

import java.util.Locale;
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
import tangram.tensor.CounterRandom;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.runtime.FmaPeak;
import tangram.tensor.vector.runtime.Parallel;

/**
 * Matrix products, as GFLOP/s and as a share of the peak of the threads used. The peak is measured
 * in the same run, so a spilled accumulator or a slow panel shows whatever the machine.
 *
 * <p>{@link #main} takes the numbers of threads to measure with; by default 1 and 2.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class GemmBenchmark {
  private static final int PEAK_STEPS = 100_000;

  /** Rows, columns and reduction, then T for each operand that is stored transposed, else N. */
  @Param({
    "1024x1024x1024 NN",
    "1024x1024x1024 NT",
    "1024x1024x1024 TN",
    "256x256x256 NN",
    "64x64x64 NN",
    "16x16384x144 NN",
    "32x12288x288 NN",
    "64x3072x576 NN",
    "256x192x2304 NN",
    "1000x1001x999 NN",
    "1x3072x768 NN",
    "1x50257x768 NT"
  })
  public String product;

  @Param({"1"})
  public int threads;

  private int m;
  private int n;
  private int k;
  private boolean transA;
  private boolean transB;
  private float[] a;
  private float[] b;
  private float[] c;

  /** Fills the operands. */
  @Setup
  public void setup() {
    String[] parts = product.split("[x ]");
    m = Integer.parseInt(parts[0]);
    n = Integer.parseInt(parts[1]);
    k = Integer.parseInt(parts[2]);
    transA = parts[3].charAt(0) == 'T';
    transB = parts[3].charAt(1) == 'T';
    a = gaussian(m * k, 1);
    b = gaussian(k * n, 2);
    c = new float[m * n];
    Parallel.setThreads(threads);
  }

  static float[] gaussian(int size, int purpose) {
    CounterRandom random = new CounterRandom(1, purpose, 0, 0);
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  /** One product. */
  @Benchmark
  public float[] gemm() {
    Gemm.sgemm(transA, transB, m, n, k, a, 0, transA ? m : k, b, 0, transB ? k : n, c, 0, n, false);
    return c;
  }

  /** The peak of one core. */
  @Benchmark
  public float peak() {
    return FmaPeak.run(PEAK_STEPS);
  }

  /** The peak of one core in GFLOP/s, measured in a process of its own. */
  static double measurePeak() throws RunnerException {
    RunResult result =
        new Runner(
                new OptionsBuilder()
                    .include(GemmBenchmark.class.getName() + ".peak$")
                    .param("product", "64x64x64 NN")
                    .build())
            .runSingle();
    return FmaPeak.flops(PEAK_STEPS) / best(result);
  }

  /** The time of the fastest iteration in nanoseconds: other processes can only add to it. */
  static double best(RunResult result) {
    return result.getPrimaryResult().getStatistics().getMin();
  }

  /** Measures all products and prints a table. */
  public static void main(String[] args) throws RunnerException {
    String[] threads = args.length > 0 ? args : new String[] {"1", "2"};
    double peak = measurePeak();
    StringBuilder table = new StringBuilder();
    table.append(String.format(Locale.ROOT, "peak of one core: %.1f GFLOP/s%n", peak));
    for (RunResult result :
        new Runner(
                new OptionsBuilder()
                    .include(GemmBenchmark.class.getName() + ".gemm$")
                    .param("threads", threads)
                    .build())
            .run()) {
      String product = result.getParams().getParam("product");
      int count = Integer.parseInt(result.getParams().getParam("threads"));
      String[] parts = product.split("[x ]");
      double flops = 2.0;
      for (int i = 0; i < 3; i++) {
        flops *= Integer.parseInt(parts[i]);
      }
      double speed = flops / best(result);
      table.append(
          String.format(
              Locale.ROOT,
              "%-20s %d thread%s %7.1f GFLOP/s %5.1f %% of peak%n",
              product,
              count,
              count == 1 ? " " : "s",
              speed,
              100 * speed / (peak * count)));
    }
    System.out.print(table);
  }
}
