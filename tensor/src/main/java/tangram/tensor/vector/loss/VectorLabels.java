package tangram.tensor.vector.loss;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.VectorMath;

/** The loops over the labels of neighbouring pixels. */
final class VectorLabels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> SI = IntVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorLabels() {}

  /** First pixel from p on whose label is one of the k classes, or n. Few pixels have one. */
  static int next(int[] label, int offset, int p, int n, int k) {
    int i = p;
    for (; i <= n - LANES; i += LANES) {
      IntVector v = IntVector.fromArray(SI, label, offset + i);
      VectorMask<Integer> on =
          v.compare(VectorOperators.GE, 0).and(v.compare(VectorOperators.LT, k));
      if (on.anyTrue()) {
        return i + on.firstTrue();
      }
    }
    while (i < n && (label[offset + i] < 0 || label[offset + i] >= k)) {
      i++;
    }
    return i;
  }

  /** Labels and entropies of n pixels whose classes are planes, {@code stride} apart. */
  static void confirm(
      float[] q,
      int qo,
      int[] scribble,
      int so,
      float[] u,
      int uo,
      int[] label,
      int lo,
      int k,
      int stride,
      int n,
      float eps,
      float limit) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector max = FloatVector.fromArray(S, q, qo + i);
      FloatVector entropy = max.mul(VectorMath.log(max.add(eps)));
      IntVector best = IntVector.zero(SI);
      for (int j = 1; j < k; j++) {
        FloatVector v = FloatVector.fromArray(S, q, qo + j * stride + i);
        entropy = v.fma(VectorMath.log(v.add(eps)), entropy);
        VectorMask<Float> keep = v.compare(VectorOperators.GT, max).not();
        max = v.blend(max, keep);
        best = IntVector.broadcast(SI, j).blend(best, keep.cast(SI));
      }
      entropy = FloatVector.zero(S).sub(entropy);
      entropy.intoArray(u, uo + i);
      IntVector s = IntVector.fromArray(SI, scribble, so + i);
      VectorMask<Integer> marked =
          s.compare(VectorOperators.GE, 0).and(s.compare(VectorOperators.LT, k));
      IntVector.broadcast(SI, -1)
          .blend(best, entropy.compare(VectorOperators.LT, limit).cast(SI))
          .blend(s, marked)
          .intoArray(label, lo + i);
    }
    for (; i < n; i++) {
      float max = q[qo + i];
      float entropy = max * VectorMath.log(max + eps);
      int best = 0;
      for (int j = 1; j < k; j++) {
        float v = q[qo + j * stride + i];
        entropy = Math.fma(v, VectorMath.log(v + eps), entropy);
        if (v > max) {
          max = v;
          best = j;
        }
      }
      entropy = -entropy;
      u[uo + i] = entropy;
      int s = scribble[so + i];
      label[lo + i] = s >= 0 && s < k ? s : entropy >= limit ? -1 : best;
    }
  }
}
