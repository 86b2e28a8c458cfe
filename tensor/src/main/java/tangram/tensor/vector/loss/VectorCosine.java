package tangram.tensor.vector.loss;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.VectorMath;

/** The loops of the cosine similarity of neighbouring pixels, whose classes are planes. */
final class VectorCosine {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private VectorCosine() {}

  /** Sum of the cosines of n pixels. */
  static float sum(float[] p, int po, float[] q, int qo, int k, int stride, int n, float eps) {
    FloatVector sum = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector pq = FloatVector.zero(S);
      FloatVector pp = FloatVector.zero(S);
      FloatVector qq = FloatVector.zero(S);
      for (int j = 0; j < k; j++) {
        FloatVector a = FloatVector.fromArray(S, p, po + j * stride + i);
        FloatVector b = FloatVector.fromArray(S, q, qo + j * stride + i);
        pq = a.fma(b, pq);
        pp = a.fma(a, pp);
        qq = b.fma(b, qq);
      }
      FloatVector normP = VectorMath.exact(pp).sqrt().max(eps);
      FloatVector normQ = VectorMath.exact(qq).sqrt().max(eps);
      sum = VectorMath.exact(pq).div(normP.mul(normQ)).add(sum);
    }
    float s = VectorMath.sum(sum);
    for (; i < n; i++) {
      float pq = 0;
      float pp = 0;
      float qq = 0;
      for (int j = 0; j < k; j++) {
        float a = p[po + j * stride + i];
        float b = q[qo + j * stride + i];
        pq = Math.fma(a, b, pq);
        pp = Math.fma(a, a, pp);
        qq = Math.fma(b, b, qq);
      }
      s += pq / (Math.max((float) Math.sqrt(pp), eps) * Math.max((float) Math.sqrt(qq), eps));
    }
    return s;
  }

  /** {@code g = factor * (p / (|p| |q|) - cos * q / |q|^2)}, the last term only if |q| > eps. */
  static void gradients(
      float[] p,
      int po,
      float[] q,
      int qo,
      float[] g,
      int go,
      int k,
      int stride,
      int n,
      float eps,
      float factor) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector pq = FloatVector.zero(S);
      FloatVector pp = FloatVector.zero(S);
      FloatVector qq = FloatVector.zero(S);
      for (int j = 0; j < k; j++) {
        FloatVector a = FloatVector.fromArray(S, p, po + j * stride + i);
        FloatVector b = FloatVector.fromArray(S, q, qo + j * stride + i);
        pq = a.fma(b, pq);
        pp = a.fma(a, pp);
        qq = b.fma(b, qq);
      }
      FloatVector trueNorm = VectorMath.exact(qq).sqrt();
      FloatVector norm = trueNorm.max(eps);
      FloatVector normP = VectorMath.exact(pp).sqrt().max(eps);
      FloatVector alongP = FloatVector.broadcast(S, factor).div(normP.mul(norm));
      FloatVector alongQ = alongP.mul(pq).neg().div(norm.mul(norm));
      alongQ = alongQ.blend(0f, trueNorm.compare(VectorOperators.LE, eps));
      for (int j = 0; j < k; j++) {
        FloatVector a = FloatVector.fromArray(S, p, po + j * stride + i);
        FloatVector b = FloatVector.fromArray(S, q, qo + j * stride + i);
        a.fma(alongP, b.mul(alongQ)).intoArray(g, go + j * stride + i);
      }
    }
    for (; i < n; i++) {
      float pq = 0;
      float pp = 0;
      float qq = 0;
      for (int j = 0; j < k; j++) {
        float a = p[po + j * stride + i];
        float b = q[qo + j * stride + i];
        pq = Math.fma(a, b, pq);
        pp = Math.fma(a, a, pp);
        qq = Math.fma(b, b, qq);
      }
      float trueNorm = (float) Math.sqrt(qq);
      float norm = Math.max(trueNorm, eps);
      float alongP = factor / (Math.max((float) Math.sqrt(pp), eps) * norm);
      float alongQ = trueNorm <= eps ? 0 : -(pq * alongP) / (norm * norm);
      for (int j = 0; j < k; j++) {
        float b = q[qo + j * stride + i] * alongQ;
        g[go + j * stride + i] = Math.fma(p[po + j * stride + i], alongP, b);
      }
    }
  }
}
