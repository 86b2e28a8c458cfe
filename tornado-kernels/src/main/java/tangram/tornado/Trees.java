package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Joins a number of every thread of a group of {@link #THREADS}, in fixed order, into one that all
 * of them get. Takes local memory of its own at every call, and must not be called within a branch
 * or a loop; see {@link Kernel} for why.
 */
final class Trees {
  /** Threads of a group. */
  static final int THREADS = 256;

  /** Threads that join what all threads of a group have; each joins THREADS / COLUMNS numbers. */
  private static final int COLUMNS = 16;

  private Trees() {}

  /** The sum. */
  static float sum(KernelContext c, float value) {
    float[] terms = c.allocateFloatLocalArray(THREADS);
    float[] columns = c.allocateFloatLocalArray(COLUMNS);
    int t = c.localIdx;
    terms[t] = value;
    c.localBarrier();
    if (t < COLUMNS) {
      float sum = 0f;
      for (int i = 0; i < THREADS / COLUMNS; i++) {
        sum += terms[i * COLUMNS + t];
      }
      columns[t] = sum;
    }
    c.localBarrier();
    float total = 0f;
    for (int i = 0; i < COLUMNS; i++) {
      total += columns[i];
    }
    return total;
  }

  /** The largest. */
  static float max(KernelContext c, float value) {
    float[] terms = c.allocateFloatLocalArray(THREADS);
    float[] columns = c.allocateFloatLocalArray(COLUMNS);
    int t = c.localIdx;
    terms[t] = value;
    c.localBarrier();
    if (t < COLUMNS) {
      float max = terms[t];
      for (int i = 1; i < THREADS / COLUMNS; i++) {
        max = TornadoMath.max(max, terms[i * COLUMNS + t]);
      }
      columns[t] = max;
    }
    c.localBarrier();
    float largest = columns[0];
    for (int i = 1; i < COLUMNS; i++) {
      largest = TornadoMath.max(largest, columns[i]);
    }
    return largest;
  }
}
