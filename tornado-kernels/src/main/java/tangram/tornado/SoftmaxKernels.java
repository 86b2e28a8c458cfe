package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Softmax and its kin, along the middle dimension; see {@link Lanes}. */
final class SoftmaxKernels {
  private SoftmaxKernels() {}

  /**
   * {@code y_k = exp(x_k - max) / sum_j exp(x_j - max)}.
   *
   * <p>p: vectors, length, inner, lanes, x, y.
   */
  static void softmax(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    float[] maxima = c.allocateFloatLocalArray(Lanes.THREADS);
    int vectors = p.get(0);
    int length = p.get(1);
    int inner = p.get(2);
    int lanes = p.get(3);
    int slots = Lanes.THREADS / lanes;
    int t = c.localIdx;
    int lane = Lanes.lane(t, inner, lanes);
    int slot = Lanes.slot(t, inner, lanes);
    int vector = c.groupIdx * slots + slot;
    int at = Lanes.position(vector, length, inner);
    int x0 = p.get(4) + at;
    int y0 = p.get(5) + at;
    float max = -Float.MAX_VALUE;
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        max = TornadoMath.max(max, x.get(x0 + k * inner));
      }
    }
    maxima[lane * slots + slot] = max;
    c.localBarrier();
    for (int i = 0; i < lanes; i++) {
      max = TornadoMath.max(max, maxima[i * slots + slot]);
    }
    float sum = 0f;
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        float e = TornadoMath.exp(x.get(x0 + k * inner) - max);
        x.set(y0 + k * inner, e);
        sum += e;
      }
    }
    float total = Lanes.total(c, lane, slot, lanes, sum);
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        x.set(y0 + k * inner, x.get(y0 + k * inner) / total);
      }
    }
  }

  /**
   * {@code gx = y * (gy - sum_k y gy)}.
   *
   * <p>p: vectors, length, inner, lanes, y, gy, gx.
   */
  static void softmaxBackward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int vectors = p.get(0);
    int length = p.get(1);
    int inner = p.get(2);
    int lanes = p.get(3);
    int t = c.localIdx;
    int lane = Lanes.lane(t, inner, lanes);
    int slot = Lanes.slot(t, inner, lanes);
    int vector = c.groupIdx * (Lanes.THREADS / lanes) + slot;
    int at = Lanes.position(vector, length, inner);
    int y0 = p.get(4) + at;
    int gy0 = p.get(5) + at;
    int gx0 = p.get(6) + at;
    float sum = 0f;
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        sum += x.get(y0 + k * inner) * x.get(gy0 + k * inner);
      }
    }
    float dot = Lanes.total(c, lane, slot, lanes, sum);
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        float g = x.get(gy0 + k * inner) - dot;
        x.set(gx0 + k * inner, x.get(y0 + k * inner) * g);
      }
    }
  }
}
