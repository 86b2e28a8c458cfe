package tangram.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.GemmShape;

/**
 * Matrix products and the paper's convolutions on any device, in TFLOP/s: many of one kind in a
 * {@link Replay}, so that what the host does for each does not count. {@code tools/gpu-check} runs
 * it, and {@code tools/gpu_torch.py} prints PyTorch's numbers in the same form.
 *
 * <p>{@link #main} takes the device's name, and {@code small} for sizes that a CPU can do.
 */
public final class DeviceBenchmark {
  /** Runs before the device's replay is under way: as it comes, recorded, compiled. */
  private static final int WARM_UP = 4;

  private static final int RUNS = 5;

  private final Device device;
  private final int repeats;

  private DeviceBenchmark(Device device, int repeats) {
    this.device = device;
    this.repeats = repeats;
  }

  /** Prints a line for each product. */
  public static void main(String[] args) {
    Device device = Devices.get(args.length > 0 ? args[0] : Devices.DEFAULT);
    boolean small = Arrays.asList(args).contains("small");
    System.out.println(device.name() + ": " + device.description());
    DeviceBenchmark benchmark = new DeviceBenchmark(device, small ? 2 : 20);
    for (int n : small ? new int[] {128, 256} : new int[] {512, 1024, 2048, 4096}) {
      benchmark.gemm(n);
    }
    int batch = small ? 1 : 12;
    int shrink = small ? 4 : 1;
    benchmark.convolution(convolution(batch, 1, 256 / shrink, 64, 7, 2));
    benchmark.convolution(convolution(batch, 64, 64 / shrink, 64, 3, 1));
    benchmark.convolution(convolution(batch, 256, 64 / shrink, 64, 1, 1));
    benchmark.convolution(convolution(batch, 128, 32 / shrink, 128, 3, 1));
    benchmark.convolution(convolution(batch, 256, 16 / shrink, 256, 3, 1));
    benchmark.convolution(convolution(batch, 512, 8 / shrink, 512, 3, 1));
    System.exit(0);
  }

  private static ConvShape convolution(int n, int c, int side, int k, int kernel, int stride) {
    return new ConvShape(n, c, side, side, k, kernel, kernel, stride, kernel / 2);
  }

  private void gemm(int n) {
    try (Scope scope = Scope.open()) {
      Tensor a = random(1, n * n);
      Tensor b = random(2, n * n);
      Tensor c = device.empty(n * n);
      GemmShape shape = GemmShape.of(false, false, n, n, n);
      measure(
          String.format("gemm %d", n),
          2L * n * n * n,
          c,
          () ->
              device
                  .kernels()
                  .linearAlgebra()
                  .gemm(shape, a.buffer(), b.buffer(), c.buffer(), false));
    }
  }

  private void convolution(ConvShape s) {
    String name = String.format("conv %dx%d/%d %d", s.r(), s.s(), s.stride(), s.c());
    name += String.format("->%d, %d x %dx%d", s.k(), s.n(), s.h(), s.w());
    try (Scope scope = Scope.open()) {
      Tensor x = random(1, s.inputSize());
      Tensor w = random(2, s.weightSize());
      Tensor gy = random(3, s.outputSize());
      Tensor y = device.empty(s.outputSize());
      Tensor gx = device.empty(s.inputSize());
      Tensor gw = device.empty(s.weightSize());
      Convolution conv = device.kernels().convolution();
      long flops = s.flops();
      measure(name, flops, y, () -> conv.convolution(s, x.buffer(), w.buffer(), null, y.buffer()));
      measure(
          name + ", gradient of x",
          flops,
          gx,
          () -> conv.convolutionInputGradient(s, gy.buffer(), w.buffer(), gx.buffer()));
      measure(
          name + ", gradient of w",
          flops,
          gw,
          () -> conv.convolutionWeightGradient(s, x.buffer(), gy.buffer(), gw.buffer()));
    }
  }

  private Tensor random(int seed, int length) {
    CounterRandom random = new CounterRandom(seed, 0, 0, 0);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return device.tensor(values, length);
  }

  /** The best of some runs, each of which ends when a number of the result has come to the host. */
  private void measure(String name, long flops, Tensor result, Runnable product) {
    Replay replay = device.replay(name.replaceAll("[^a-z0-9]+", "_"));
    Tensor end = result.slice(result.size() - 1, Shape.of());
    double best = Double.POSITIVE_INFINITY;
    for (int run = 0; run < WARM_UP + RUNS; run++) {
      long start = System.nanoTime();
      replay.begin();
      replay.section(
          () -> {
            for (int i = 0; i < repeats; i++) {
              product.run();
            }
          });
      end.item();
      double seconds = (System.nanoTime() - start) * 1e-9 / repeats;
      if (run >= WARM_UP) {
        best = Math.min(best, seconds);
      }
    }
    System.out.printf(
        Locale.ROOT, "%-56s %9.3f ms %9.4f TFLOP/s%n", name, best * 1e3, flops / best * 1e-12);
  }
}
