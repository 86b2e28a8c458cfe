package tangram.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
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

/**
 * Kernels other than products, at sizes of the {@code small} preset. All are limited by memory, so
 * each is compared with a copy that moves as many bytes as the kernel must at least: its inputs and
 * outputs once.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LayersBenchmark {
  /** What is measured; by default, {@link #main} measures all. */
  @Param({"relu"})
  public String kernel;

  private LayerCases.Case measured;

  /** Makes the buffers. */
  @Setup
  public void setUp() {
    measured = LayerCases.cases().get(kernel).get();
  }

  /** The kernel. */
  @Benchmark
  public void kernel() {
    measured.call.run();
  }

  /** A copy that moves as many bytes. */
  @Benchmark
  public void copy() {
    measured.copy.run();
  }

  /**
   * Runs the kernels whose names contain one of the arguments, all without arguments, and prints
   * their speed and its ratio to the copy's.
   */
  public static void main(String[] args) throws RunnerException {
    List<String> names = new ArrayList<>();
    for (String name : LayerCases.cases().keySet()) {
      boolean wanted = args.length == 0;
      for (String arg : args) {
        wanted |= name.contains(arg);
      }
      if (wanted) {
        names.add(name);
      }
    }
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(LayersBenchmark.class.getName())
                    .param("kernel", names.toArray(new String[0]))
                    .build())
            .run();
    Map<String, double[]> micros = new LinkedHashMap<>();
    for (RunResult r : results) {
      boolean copy = r.getParams().getBenchmark().endsWith(".copy");
      micros
              .computeIfAbsent(r.getParams().getParam("kernel"), name -> new double[2])[
              copy ? 1 : 0] =
          r.getPrimaryResult().getScore();
    }
    System.out.printf("%-44s %10s %8s %12s%n", "kernel", "us", "GB/s", "of the copy");
    for (Map.Entry<String, double[]> e : micros.entrySet()) {
      double time = e.getValue()[0];
      System.out.printf(
          Locale.ROOT,
          "%-44s %10.1f %8.2f %11.0f%%%n",
          e.getKey(),
          time,
          LayerCases.cases().get(e.getKey()).get().bytes / time / 1e3,
          100 * e.getValue()[1] / time);
    }
  }
}
