package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Normalisation to unit length along the middle dimension; see {@link Lanes}. */
final class NormalizeKernels {
  private NormalizeKernels() {}

  /**
   * {@code norm = max(|x|, eps)}, {@code y = x / norm}.
   *
   * <p>p: vectors, length, inner, lanes, x, norm, y; s: eps.
   */
  static void forward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int vectors = p.get(0);
    int length = p.get(1);
    int inner = p.get(2);
    int lanes = p.get(3);
    int lane = Lanes.lane(c.localIdx, inner, lanes);
    int slot = Lanes.slot(c.localIdx, inner, lanes);
    int vector = c.groupIdx * (Lanes.THREADS / lanes) + slot;
    int at = Lanes.position(vector, length, inner);
    int x0 = p.get(4) + at;
    int y0 = p.get(6) + at;
    float sum = 0f;
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        float v = x.get(x0 + k * inner);
        sum += v * v;
      }
    }
    float squares = Lanes.total(c, lane, slot, lanes, sum);
    float norm = TornadoMath.max(TornadoMath.sqrt(squares), s.get(0));
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        x.set(y0 + k * inner, x.get(x0 + k * inner) / norm);
      }
      if (lane == 0) {
        x.set(p.get(5) + vector, norm);
      }
    }
  }

  /**
   * {@code gx = (gy - y (y . gy)) / norm}.
   *
   * <p>p: vectors, length, inner, lanes, y, norm, gy, gx.
   */
  static void backward(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int vectors = p.get(0);
    int length = p.get(1);
    int inner = p.get(2);
    int lanes = p.get(3);
    int lane = Lanes.lane(c.localIdx, inner, lanes);
    int slot = Lanes.slot(c.localIdx, inner, lanes);
    int vector = c.groupIdx * (Lanes.THREADS / lanes) + slot;
    int at = Lanes.position(vector, length, inner);
    int y0 = p.get(4) + at;
    int gy0 = p.get(6) + at;
    int gx0 = p.get(7) + at;
    float sum = 0f;
    if (vector < vectors) {
      for (int k = lane; k < length; k += lanes) {
        sum += x.get(y0 + k * inner) * x.get(gy0 + k * inner);
      }
    }
    float dot = Lanes.total(c, lane, slot, lanes, sum);
    if (vector < vectors) {
      float norm = x.get(p.get(5) + vector);
      for (int k = lane; k < length; k += lanes) {
        float g = x.get(gy0 + k * inner) - x.get(y0 + k * inner) * dot;
        x.set(gx0 + k * inner, g / norm);
      }
    }
  }
}
