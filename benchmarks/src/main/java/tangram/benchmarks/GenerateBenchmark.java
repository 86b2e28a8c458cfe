package tangram.benchmarks;

import java.util.Locale;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.model.Gpt2;
import tangram.nn.text.Sampling;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.vector.runtime.Parallel;

/**
 * Text by a GPT-2 of the smallest size with random weights, one token after the other. Every token
 * reads all weights, so memory limits it; the limit is measured by a copy in the same run.
 *
 * <p>{@link #main} takes the number of threads, by default 2.
 */
public final class GenerateBenchmark {
  private static final int ROUNDS = 8;
  private static final int PROMPT = 64;
  private static final int TOKENS = 64;
  private static final int COPY = 1 << 25;

  private GenerateBenchmark() {}

  /** Measures and prints the fastest round. */
  public static void main(String[] args) {
    Parallel.setThreads(args.length > 0 ? Integer.parseInt(args[0]) : 2);
    Device device = Devices.get("vector");
    Init init = new Init(device, 1).weights(Initializer.uniform(-0.02, 0.02));
    Gpt2 network = new Gpt2(init, Gpt2.Config.small());
    network.train(false);
    int[] prompt = new int[PROMPT];
    for (int i = 0; i < PROMPT; i++) {
      prompt[i] = 700 * i;
    }
    double first = Double.MAX_VALUE;
    double next = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      long[] came = new long[TOKENS];
      int[] count = {0};
      network.generate(
          prompt, Sampling.greedy(TOKENS), token -> came[count[0]++] = System.nanoTime());
      first = Math.min(first, came[0] - start);
      next = Math.min(next, (came[TOKENS - 1] - came[0]) / (TOKENS - 1.0));
    }
    double bytes = (double) Float.BYTES * network.parameterCount();
    System.out.printf(
        Locale.ROOT,
        "a copy: %.1f GB/s%n%d tokens: %.0f ms%neach token: %.1f ms, %.1f GB/s of weights%n",
        copied(device),
        PROMPT,
        first / 1e6,
        next / 1e6,
        bytes / next);
  }

  /** Bytes that a copy reads and writes in a nanosecond. */
  private static double copied(Device device) {
    double best = 0;
    try (Scope scope = Scope.open()) {
      Tensor from = device.ones(COPY);
      Tensor to = device.ones(COPY);
      for (int round = 0; round < ROUNDS; round++) {
        long start = System.nanoTime();
        to.copyFrom(from);
        best = Math.max(best, 2.0 * Float.BYTES * COPY / (System.nanoTime() - start));
      }
    }
    return best;
  }
}
