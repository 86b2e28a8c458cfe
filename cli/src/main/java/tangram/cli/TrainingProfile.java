package tangram.cli;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.nn.training.Pace;
import tangram.tensor.Device;
import tangram.tensor.KernelTimes;
import tangram.tensor.ProfiledDevice;
import tangram.tensor.Tensor;
import tangram.tensor.TensorMemory;
import tangram.tensor.vector.VectorDevice;

/**
 * Where the time of a training step goes: every kind of kernel with its speed, and the share of the
 * limit that it reaches. The limit of a kernel is the longer of two times: its operations at the
 * speed of fused multiply-adds on registers, and its operands at the speed of a copy.
 */
final class TrainingProfile {
  private static final int COPY_ELEMENTS = 1 << 25;
  private static final int ROUNDS = 5;

  /**
   * One step in this number serves the account of memory, which costs time and garbage of its own.
   */
  private static final int MEMORY_STEPS = 16;

  private final ProfiledDevice device;
  private final KernelTimes times = new KernelTimes();
  private final ThreadMXBean memory =
      (ThreadMXBean) ManagementFactory.getPlatformMXBean(java.lang.management.ThreadMXBean.class);
  private int seen;
  private int steps;
  private double seconds;
  private final List<Long> allocated = new ArrayList<>();
  private long allocatedBefore;

  TrainingProfile(ProfiledDevice device) {
    this.device = device;
    device.accountMemory(true);
  }

  /** What comes next is a step; what came since the last step, such as a validation, was none. */
  void discard() {
    device.times().clear();
    allocatedBefore = memory.getTotalThreadAllocatedBytes();
  }

  /** A step was done. */
  void step(double stepSeconds) {
    boolean forMemory = seen % MEMORY_STEPS == 0;
    if (++seen > Pace.WARM_UP && !forMemory) {
      steps++;
      seconds += stepSeconds;
      times.add(device.times());
      allocated.add(memory.getTotalThreadAllocatedBytes() - allocatedBefore);
    }
    device.accountMemory(seen % MEMORY_STEPS == 0);
    discard();
  }

  /** The account as a table. */
  String table() {
    if (steps == 0) {
      return String.format(
          Locale.ROOT, "No profile: it leaves out the first %d steps.%n", Pace.WARM_UP);
    }
    boolean vector = device.name().equals("vector");
    double flops = vector ? VectorDevice.peakFlops() * VectorDevice.threads() : Double.NaN;
    // Before the speed of a copy is measured, which takes tensors too.
    long tensors = device.peakBytes();
    List<TensorMemory.Entry> uses = device.memory().entries();
    double bytes = copyBytes(device);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Kernels of a step, mean over %d of the steps after the first %d:%n%n"
                + "%-32s %6s %9s %6s %8s %7s %6s%n",
            steps,
            Pace.WARM_UP,
            "kernel",
            "calls",
            "ms",
            "%",
            "GFLOP/s",
            "GB/s",
            "limit"));
    double all = 0;
    for (KernelTimes.Entry e : times.entries()) {
      double s = e.nanos() * 1e-9;
      all += s;
      double limit = Math.max(vector ? e.flops() / flops : 0, e.bytes() / bytes);
      text.append(
          String.format(
              Locale.ROOT,
              "%-32s %6.0f %9.2f %6.1f %8s %7.1f %5.0f%%%n",
              e.name(),
              (double) e.calls() / steps,
              1e3 * s / steps,
              100 * s / seconds,
              e.flops() == 0 ? "" : String.format(Locale.ROOT, "%.1f", e.flops() * 1e-9 / s),
              e.bytes() * 1e-9 / s,
              100 * limit / s));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%-32s %6s %9.2f %6.1f%n%-32s %6s %9.2f%n%n",
            "outside kernels",
            "",
            1e3 * (seconds - all) / steps,
            100 * (seconds - all) / seconds,
            "step",
            "",
            1e3 * seconds / steps));
    text.append(
        String.format(
            Locale.ROOT,
            "Limit: the longer of the operations at %s and the operands at %.1f GB/s, the speed of"
                + " a copy.%nJava heap allocated in a step: %,d KiB in the median, %,d KiB in the mean,"
                + " which counts steps whose%nkernels the JVM had not compiled yet. Memory of tensors:"
                + " %,d MiB at most.%n",
            vector ? String.format(Locale.ROOT, "%.0f GFLOP/s", flops * 1e-9) : "no limit",
            bytes * 1e-9,
            allocated.stream().sorted().toList().get(steps / 2) >> 10,
            allocated.stream().mapToLong(Long::longValue).sum() / steps >> 10,
            tensors >> 20));
    text.append(
        String.format(Locale.ROOT, "%n%-32s %9s%n", "memory of tensors at its most", "MiB"));
    for (TensorMemory.Entry e : uses) {
      text.append(String.format(Locale.ROOT, "%-32s %9.2f%n", e.name(), e.bytes() / 0x1p20));
    }
    return text.toString();
  }

  /** Bytes a second, read and written, of a copy that no cache holds. */
  private static double copyBytes(Device device) {
    try (Tensor x = device.full(1, COPY_ELEMENTS);
        Tensor y = device.empty(COPY_ELEMENTS)) {
      double best = 0;
      for (int i = 0; i < ROUNDS; i++) {
        long start = System.nanoTime();
        y.copyFrom(x);
        double time = (System.nanoTime() - start) * 1e-9;
        best = Math.max(best, 2.0 * COPY_ELEMENTS * device.realBytes() / time);
      }
      return best;
    }
  }
}
