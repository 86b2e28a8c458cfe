package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Updates of parameters: one thread for each. */
final class OptimizerKernels {
  private OptimizerKernels() {}

  /** p: w, g, v, learning rate, length; s: momentum, weight decay. */
  static void sgd(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(4)) {
      float weight = x.get(p.get(0) + i);
      float gradient = x.get(p.get(1) + i) + s.get(1) * weight;
      float velocity = s.get(0) * x.get(p.get(2) + i) + gradient;
      x.set(p.get(2) + i, velocity);
      x.set(p.get(0) + i, weight - x.get(p.get(3)) * velocity);
    }
  }
}
