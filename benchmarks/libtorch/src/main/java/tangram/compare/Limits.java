package tangram.compare;

import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.vector.runtime.FmaPeak;

/** What the machine can do at most: the best seen, since other programs can only slow it. */
final class Limits {
  private static final int STEPS = 100_000;
  private static final int BURSTS = 100;
  private static final int COPIES = 10;
  private static final int FLOATS = 1 << 24;

  private final int threads;
  private double flops;
  private double bytes;

  Limits(int threads) {
    this.threads = threads;
    // Short calls until the JIT compiler has compiled the method as a whole.
    for (int i = 0; i < STEPS; i++) {
      FmaPeak.run(100);
    }
  }

  /** Operations a second in multiply-adds of all threads, measured again at each call. */
  double flops() {
    for (int i = 0; i < BURSTS; i++) {
      long start = System.nanoTime();
      FmaPeak.run(STEPS);
      flops = Math.max(flops, FmaPeak.flops(STEPS) / ((System.nanoTime() - start) * 1e-9));
    }
    return flops * threads;
  }

  /** Bytes read and written a second by a copy of 64 MiB, measured again at each call. */
  double bytes(Device device) {
    try (Tensor from = device.zeros(FLOATS);
        Tensor to = device.zeros(FLOATS)) {
      for (int i = 0; i < COPIES; i++) {
        long start = System.nanoTime();
        to.copyFrom(from);
        bytes = Math.max(bytes, 2.0 * Float.BYTES * FLOATS / ((System.nanoTime() - start) * 1e-9));
      }
    }
    return bytes;
  }
}
