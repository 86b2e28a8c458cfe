package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels that move numbers between the device's arrays and what is copied to and from the host.
 */
final class TransferKernels {
  private TransferKernels() {}

  /** Does nothing to arrays that have to be on the device. */
  static void touch(KernelContext c, FloatArray x, IntArray n) {
    if (c.globalIdx == 0) {
      x.set(0, x.get(0));
      n.set(0, n.get(0));
    }
  }

  /** x[p0 + i] = stage[i] for i below p1. */
  static void upload(KernelContext c, FloatArray stage, FloatArray x, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      x.set(p.get(0) + i, stage.get(i));
    }
  }

  /** stage[i] = x[p0 + i] for i below p1. */
  static void download(KernelContext c, FloatArray x, FloatArray stage, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      stage.set(i, x.get(p.get(0) + i));
    }
  }

  /** {@link #upload} of integers. */
  static void uploadInts(KernelContext c, IntArray stage, IntArray n, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      n.set(p.get(0) + i, stage.get(i));
    }
  }

  /** {@link #download} of integers. */
  static void downloadInts(KernelContext c, IntArray n, IntArray stage, IntArray p) {
    int i = c.globalIdx;
    if (i < p.get(1)) {
      stage.set(i, n.get(p.get(0) + i));
    }
  }
}
