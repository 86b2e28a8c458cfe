package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Class prototypes: a group for each image and class, a thread for every n-th number. */
final class PrototypeKernels {
  /** Threads of a group. */
  static final int THREADS = Trees.THREADS;

  private PrototypeKernels() {}

  /**
   * The mean direction of an image's vectors of a class becomes a row of the queue.
   *
   * <p>p: vectors, labels, slot, queue, pixels, dim, classes.
   */
  static void prototypes(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int thread = c.localIdx;
    int group = c.groupIdx;
    int pixels = p.get(4);
    int dim = p.get(5);
    int first = group / p.get(6) * pixels;
    int label = group % p.get(6) + 1;
    int row = n.get(p.get(2) + group);
    int to = p.get(3) + row * dim;
    float square = 0f;
    if (row >= 0) {
      for (int d = thread; d < dim; d += THREADS) {
        float sum = 0f;
        for (int i = first; i < first + pixels; i++) {
          if (n.get(p.get(1) + i) == label) {
            sum += x.get(p.get(0) + i * dim + d);
          }
        }
        x.set(to + d, sum);
        square += sum * sum;
      }
    }
    float length = Trees.sum(c, square);
    float factor = 0f;
    if (length > 0f) {
      factor = 1f / TornadoMath.sqrt(length);
    }
    if (row >= 0) {
      for (int d = thread; d < dim; d += THREADS) {
        x.set(to + d, factor * x.get(to + d));
      }
    }
  }
}
