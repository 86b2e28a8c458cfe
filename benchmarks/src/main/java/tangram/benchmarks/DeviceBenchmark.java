package tangram.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import tangram.tensor.kernel.LinearAlgebra;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.SoftmaxOp;

/**
 * The speed of any device: matrix products and the paper's convolutions in TFLOP/s, what moves
 * memory in GB/s, and the host's time for a task. Many of one kind are a section of a {@link
 * Replay}, so that what the host does for each does not count. {@code tools/gpu-check} runs it, and
 * {@code tools/gpu_torch.py} prints PyTorch's numbers in the same form.
 *
 * <p>{@link #main} takes the device's name, some of {@code products}, {@code memory} and {@code
 * host}, and {@code small} for sizes that a CPU can do.
 */
public final class DeviceBenchmark {
  /** Runs before the device's replay is under way: as it comes, recorded, compiled. */
  private static final int WARM_UP = 4;

  private static final int RUNS = 5;

  /** Tasks that the host's time is divided by. */
  private static final int TASKS = 200;

  private final Device device;
  private final boolean small;
  private final List<Case> cases = new ArrayList<>();

  /**
   * What is measured.
   *
   * @param name names it
   * @param amount what a call does or moves
   * @param unit of the amount in a second
   * @param scale of the unit
   * @param repeats calls in a section
   * @param call a call
   */
  private record Case(
      String name, double amount, String unit, double scale, int repeats, Runnable call) {}

  private DeviceBenchmark(Device device, boolean small) {
    this.device = device;
    this.small = small;
  }

  /** Prints a line for each case. */
  public static void main(String[] args) {
    List<String> wanted = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
    for (String word : wanted) {
      if (!List.of("products", "memory", "host", "small").contains(word)) {
        System.err.println("DeviceBenchmark measures products, memory or host, not " + word);
        System.exit(2);
      }
    }
    Device device = Devices.get(args.length > 0 ? args[0] : Devices.DEFAULT);
    System.out.println(device.name() + ": " + device.description());
    DeviceBenchmark benchmark = new DeviceBenchmark(device, wanted.contains("small"));
    try (Scope scope = Scope.open()) {
      if (wanted.contains("products")) {
        benchmark.products();
      }
      if (wanted.contains("memory")) {
        benchmark.memory();
      }
      if (wanted.contains("host")) {
        benchmark.host();
      }
      benchmark.measure();
    }
    System.exit(0);
  }

  private void products() {
    for (int n : small ? new int[] {128, 256} : new int[] {512, 1024, 2048, 4096}) {
      gemm(n);
    }
    int batch = small ? 1 : 12;
    int shrink = small ? 4 : 1;
    convolution(convolution(batch, 1, 256 / shrink, 64, 7, 2));
    convolution(convolution(batch, 64, 64 / shrink, 64, 3, 1));
    convolution(convolution(batch, 256, 64 / shrink, 64, 1, 1));
    convolution(convolution(batch, 128, 32 / shrink, 128, 3, 1));
    convolution(convolution(batch, 256, 16 / shrink, 256, 3, 1));
    convolution(convolution(batch, 512, 8 / shrink, 512, 3, 1));
  }

  private static ConvShape convolution(int n, int c, int side, int k, int kernel, int stride) {
    return new ConvShape(n, c, side, side, k, kernel, kernel, stride, kernel / 2);
  }

  private void gemm(int n) {
    Tensor a = random(1, n * n);
    Tensor b = random(2, n * n);
    Tensor c = device.empty(n * n);
    GemmShape shape = GemmShape.of(false, false, n, n, n);
    LinearAlgebra algebra = device.kernels().linearAlgebra();
    product(
        String.format("gemm %d", n),
        2L * n * n * n,
        () -> algebra.gemm(shape, a.buffer(), b.buffer(), c.buffer(), false));
  }

  private void convolution(ConvShape s) {
    String name = String.format("conv %dx%d/%d %d", s.r(), s.s(), s.stride(), s.c());
    name += String.format("->%d, %d x %dx%d", s.k(), s.n(), s.h(), s.w());
    Tensor x = random(1, s.inputSize());
    Tensor w = random(2, s.weightSize());
    Tensor gy = random(3, s.outputSize());
    Tensor y = device.empty(s.outputSize());
    Tensor gx = device.empty(s.inputSize());
    Tensor gw = device.empty(s.weightSize());
    Convolution conv = device.kernels().convolution();
    long flops = s.flops();
    product(name, flops, () -> conv.convolution(s, x.buffer(), w.buffer(), null, y.buffer()));
    product(
        name + ", gradient of x",
        flops,
        () -> conv.convolutionInputGradient(s, gy.buffer(), w.buffer(), gx.buffer()));
    product(
        name + ", gradient of w",
        flops,
        () -> conv.convolutionWeightGradient(s, x.buffer(), gy.buffer(), gw.buffer()));
  }

  private void product(String name, long flops, Runnable call) {
    cases.add(new Case(name, flops, "TFLOP/s", 1e-12, small ? 2 : 8, call));
  }

  private void memory() {
    int n = small ? 1 << 12 : 1 << 26;
    Tensor a = random(1, n);
    Tensor b = random(2, n);
    move("add " + n, 3L * n, () -> a.add(b));
    Tensor rows = a.view(Shape.of(n / 256, 256));
    move("softmax " + n / 256 + " x 256", 2L * n, () -> SoftmaxOp.softmax(rows, 1));
    int batch = small ? 2 : 48;
    int side = small ? 32 : 128;
    Tensor x = random(3, batch * 64 * side * side).view(Shape.of(batch, 64, side, side));
    Tensor gamma = random(4, 64);
    Tensor beta = random(5, 64);
    move(
        String.format("batch norm %d x 64 x %dx%d", batch, side, side),
        2L * x.size(),
        () -> NormOp.batchNorm(x, null, gamma, beta, null, null, 0.1, 1e-5, false));
  }

  /** Numbers are those of operands and results, each once: what must be moved at least. */
  private void move(String name, long numbers, Runnable call) {
    cases.add(new Case(name, 4.0 * numbers, "GB/s", 1e-9, small ? 2 : 8, call));
  }

  /** Tasks with next to nothing to compute, as they come and recorded. */
  private void host() {
    Tensor x = random(6, 128);
    Case task = new Case("a recorded task", 1, "tasks/s", 1, TASKS, () -> x.add(1));
    double best = Double.POSITIVE_INFINITY;
    for (int run = 0; run < WARM_UP + RUNS; run++) {
      best = Math.min(best, seconds(task, () -> callAll(task), x.slice(0, Shape.of())));
    }
    print("a task as it comes", task, best);
    cases.add(task);
  }

  private Tensor random(int seed, int length) {
    CounterRandom random = new CounterRandom(seed, 0, 0, 0);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return device.tensor(values, length);
  }

  /** The best of some runs of all cases. */
  private void measure() {
    Tensor end = device.scalar(0);
    double[] best = new double[cases.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    Replay replay = device.replay("benchmark");
    for (int run = 0; run < WARM_UP + RUNS; run++) {
      replay.begin();
      for (int i = 0; i < best.length; i++) {
        Case c = cases.get(i);
        double seconds = seconds(c, () -> replay.section(() -> callAll(c)), end);
        if (run >= WARM_UP) {
          best[i] = Math.min(best[i], seconds);
        }
      }
    }
    for (int i = 0; i < best.length; i++) {
      print(cases.get(i).name, cases.get(i), best[i]);
    }
  }

  /** Seconds of a call among many, which end when a number has come to the host. */
  private static double seconds(Case c, Runnable calls, Tensor end) {
    long start = System.nanoTime();
    calls.run();
    end.item();
    return (System.nanoTime() - start) * 1e-9 / c.repeats;
  }

  private static void callAll(Case c) {
    for (int i = 0; i < c.repeats; i++) {
      try (Scope pass = Scope.open()) {
        c.call.run();
      }
    }
  }

  private static void print(String name, Case c, double seconds) {
    System.out.printf(
        Locale.ROOT,
        "%-56s %9.4f ms %9.4f %s%n",
        name,
        seconds * 1e3,
        c.amount / seconds * c.scale,
        c.unit);
  }
}
