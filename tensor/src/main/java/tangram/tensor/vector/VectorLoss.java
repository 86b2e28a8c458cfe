package tangram.tensor.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Loss;

/**
 * {@link Loss} on probabilities, over neighbouring pixels; the contrast is in {@link
 * VectorInfoNce}.
 */
final class VectorLoss implements Loss {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> SI = IntVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Elements of one task of a sum over all elements. */
  private static final int SUM_TASK = 4 * VectorTiles.SUM;

  /** Pixels whose losses are summed in single precision. */
  private static final int PIXELS = 1024;

  @Override
  public void partialCrossEntropy(
      int n, int k, int hw, Buffer q, Buffer labels, double eps, Buffer loss) {
    float[] qf = q.floats();
    int[] label = labels.ints();
    double[] sums = new double[n];
    int[] counts = new int[n];
    VectorTiles.run(
        n,
        VectorTiles.items(hw),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int at = labels.offset() + i * hw;
            int planes = q.offset() + i * k * hw;
            double sum = 0;
            int count = 0;
            for (int p = nextLabel(label, at, 0, hw, k); p < hw; ) {
              sum -= Math.log(qf[planes + label[at + p] * hw + p] + eps);
              count++;
              p = nextLabel(label, at, p + 1, hw, k);
            }
            sums[i] = sum;
            counts[i] = count;
          }
        });
    int count = 0;
    for (int c : counts) {
      count += c;
    }
    loss.floats()[loss.offset()] = count == 0 ? 0 : (float) (VectorReduction.sum(sums) / count);
    loss.floats()[loss.offset() + 1] = count;
  }

  /** First pixel from p on whose label is one of the k classes, or n. Few pixels have one. */
  private static int nextLabel(int[] label, int offset, int p, int n, int k) {
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

  @Override
  public void partialCrossEntropyBackward(
      int n,
      int k,
      int hw,
      Buffer q,
      Buffer labels,
      double eps,
      Buffer loss,
      Buffer gLoss,
      Buffer gq) {
    float[] qf = q.floats();
    float[] gf = gq.floats();
    int[] label = labels.ints();
    double count = loss.floats()[loss.offset() + 1];
    double factor = -first(gLoss) / count;
    VectorTiles.run(
        n,
        VectorTiles.items((long) k * hw),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int at = labels.offset() + i * hw;
            int planes = i * k * hw;
            int target = gq.offset() + planes;
            Arrays.fill(gf, target, target + k * hw, 0);
            for (int p = nextLabel(label, at, 0, hw, k); p < hw; ) {
              int o = label[at + p] * hw + p;
              gf[target + o] = (float) (factor / (qf[q.offset() + planes + o] + eps));
              p = nextLabel(label, at, p + 1, hw, k);
            }
          }
        });
  }

  private static float first(Buffer b) {
    return b.floats()[b.offset()];
  }

  @Override
  public void mse(Buffer a, Buffer b, Buffer loss) {
    float[] af = a.floats();
    float[] bf = b.floats();
    int n = a.length();
    double[] partial = new double[VectorTiles.count(n, SUM_TASK)];
    VectorTiles.run(
        n,
        SUM_TASK,
        (from, to) -> {
          double s = 0;
          for (int i = from; i < to; i += VectorTiles.SUM) {
            s +=
                squaredDistance(
                    af, a.offset() + i, bf, b.offset() + i, Math.min(VectorTiles.SUM, to - i));
          }
          partial[from / SUM_TASK] = s;
        });
    loss.floats()[loss.offset()] = (float) (VectorReduction.sum(partial) / n);
  }

  private static float squaredDistance(float[] a, int ao, float[] b, int bo, int n) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      FloatVector d0 = FloatVector.fromArray(S, a, ao + i).sub(FloatVector.fromArray(S, b, bo + i));
      FloatVector d1 =
          FloatVector.fromArray(S, a, ao + i + LANES)
              .sub(FloatVector.fromArray(S, b, bo + i + LANES));
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    float s = VectorMath.sum(s0, s1);
    for (; i < n; i++) {
      float d = a[ao + i] - b[bo + i];
      s = Math.fma(d, d, s);
    }
    return s;
  }

  @Override
  public void mseBackward(Buffer a, Buffer b, Buffer gLoss, Buffer ga) {
    float[] af = a.floats();
    float[] bf = b.floats();
    float[] gf = ga.floats();
    float factor = (float) (2.0 * first(gLoss) / a.length());
    VectorTiles.run(
        a.length(),
        VectorTiles.ELEMENTS,
        (from, to) ->
            scaledDifference(
                af,
                a.offset() + from,
                bf,
                b.offset() + from,
                factor,
                gf,
                ga.offset() + from,
                to - from));
  }

  private static void scaledDifference(
      float[] a, int ao, float[] b, int bo, float factor, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector.fromArray(S, a, ao + i)
          .sub(FloatVector.fromArray(S, b, bo + i))
          .mul(factor)
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = (a[ao + i] - b[bo + i]) * factor;
    }
  }

  @Override
  public void negativeCosine(int n, int k, int hw, Buffer p, Buffer q, double eps, Buffer loss) {
    float[] pf = p.floats();
    float[] qf = q.floats();
    int tiles = VectorTiles.count(hw, PIXELS);
    double[] partial = new double[n * tiles];
    VectorReduction.planes(
        n,
        k,
        hw,
        PIXELS,
        (o, from, to) -> {
          int at = o * k * hw + from;
          partial[o * tiles + from / PIXELS] =
              cosines(pf, p.offset() + at, qf, q.offset() + at, k, hw, to - from, (float) eps);
        });
    loss.floats()[loss.offset()] = (float) (-VectorReduction.sum(partial) / ((double) n * hw));
  }

  private static float cosines(
      float[] p, int po, float[] q, int qo, int k, int stride, int n, float eps) {
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

  @Override
  public void negativeCosineBackward(
      int n, int k, int hw, Buffer p, Buffer q, double eps, Buffer gLoss, Buffer gq) {
    float[] pf = p.floats();
    float[] qf = q.floats();
    float[] gf = gq.floats();
    float factor = (float) (-first(gLoss) / ((double) n * hw));
    VectorReduction.planes(
        n,
        k,
        hw,
        (o, from, to) -> {
          int at = o * k * hw + from;
          cosineGradients(
              pf,
              p.offset() + at,
              qf,
              q.offset() + at,
              gf,
              gq.offset() + at,
              k,
              hw,
              to - from,
              (float) eps,
              factor);
        });
  }

  /** {@code g = factor * (p / (|p| |q|) - cos * q / |q|^2)}, the last term only if |q| > eps. */
  private static void cosineGradients(
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

  @Override
  public void confirmLabels(
      int n,
      int k,
      int hw,
      Buffer q,
      Buffer scribbles,
      Buffer threshold,
      double eps,
      Buffer uncertainty,
      Buffer labels) {
    float[] qf = q.floats();
    int[] scribble = scribbles.ints();
    float[] u = uncertainty.floats();
    int[] label = labels.ints();
    float limit = first(threshold);
    VectorReduction.planes(
        n,
        k,
        hw,
        (o, from, to) -> {
          int at = o * hw + from;
          confirm(
              qf,
              q.offset() + o * k * hw + from,
              scribble,
              scribbles.offset() + at,
              u,
              uncertainty.offset() + at,
              label,
              labels.offset() + at,
              k,
              hw,
              to - from,
              (float) eps,
              limit);
        });
  }

  private static void confirm(
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

  @Override
  public void infoNce(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer v,
      Buffer anchorClass,
      Buffer queue,
      Buffer filled,
      double temperature,
      Buffer logits,
      Buffer loss) {
    new VectorInfoNce(classes, slots, anchorClass, filled, temperature)
        .forward(anchors, dim, v, queue, logits, loss);
  }

  @Override
  public void infoNceBackward(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer anchorClass,
      Buffer queue,
      Buffer filled,
      double temperature,
      Buffer logits,
      Buffer loss,
      Buffer gLoss,
      Buffer gv) {
    new VectorInfoNce(classes, slots, anchorClass, filled, temperature)
        .backward(anchors, dim, queue, logits, loss, first(gLoss), gv);
  }

  @Override
  public void prototypes(
      int images,
      int pixels,
      int dim,
      int classes,
      Buffer vectors,
      Buffer labels,
      Buffer slot,
      Buffer queue) {
    float[] v = vectors.floats();
    float[] q = queue.floats();
    int[] label = labels.ints();
    double[] sum = new double[dim];
    for (int g = 0; g < images * classes; g++) {
      int row = slot.ints()[slot.offset() + g];
      if (row < 0) {
        continue;
      }
      int first = g / classes * pixels;
      Arrays.fill(sum, 0);
      for (int p = first; p < first + pixels; p++) {
        if (label[labels.offset() + p] == g % classes + 1) {
          int from = vectors.offset() + p * dim;
          for (int d = 0; d < dim; d++) {
            sum[d] += v[from + d];
          }
        }
      }
      double square = 0;
      for (double s : sum) {
        square += s * s;
      }
      double norm = Math.sqrt(square);
      int to = queue.offset() + row * dim;
      for (int d = 0; d < dim; d++) {
        q[to + d] = norm == 0 ? 0 : (float) (sum[d] / norm);
      }
    }
  }
}
