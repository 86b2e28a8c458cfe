package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Reductions over the threads of a group, in the order of a binary tree. Every thread of the group
 * must call them, and gets the result; the same local memory may serve several in turn.
 */
final class Trees {
  private Trees() {}

  /**
   * The sum of the threads' values.
   *
   * @param terms local memory, an element for each thread
   * @param threads threads of a group, a power of two
   */
  static float sum(KernelContext c, float[] terms, int threads, float value) {
    int t = c.localIdx;
    terms[t] = value;
    c.localBarrier();
    for (int half = threads / 2; half > 0; half = half / 2) {
      if (t < half) {
        terms[t] = terms[t] + terms[t + half];
      }
      c.localBarrier();
    }
    float sum = terms[0];
    c.localBarrier();
    return sum;
  }

  /** The largest of the threads' values; see {@link #sum}. */
  static float max(KernelContext c, float[] terms, int threads, float value) {
    int t = c.localIdx;
    terms[t] = value;
    c.localBarrier();
    for (int half = threads / 2; half > 0; half = half / 2) {
      if (t < half) {
        terms[t] = TornadoMath.max(terms[t], terms[t + half]);
      }
      c.localBarrier();
    }
    float max = terms[0];
    c.localBarrier();
    return max;
  }
}
