package tangram.tensor.vector.loss;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Loss;
import tangram.tensor.vector.reduction.VectorReduction;
import tangram.tensor.vector.runtime.VectorMath;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * {@link Loss} on probabilities, over neighbouring pixels; the contrast is in {@link
 * VectorInfoNce}.
 */
public final class VectorLoss implements Loss {
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
            for (int p = VectorLabels.next(label, at, 0, hw, k); p < hw; ) {
              sum -= Math.log(qf[planes + label[at + p] * hw + p] + eps);
              count++;
              p = VectorLabels.next(label, at, p + 1, hw, k);
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
            for (int p = VectorLabels.next(label, at, 0, hw, k); p < hw; ) {
              int o = label[at + p] * hw + p;
              gf[target + o] = (float) (factor / (qf[q.offset() + planes + o] + eps));
              p = VectorLabels.next(label, at, p + 1, hw, k);
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
    VectorTiles.planes(
        n,
        k,
        hw,
        PIXELS,
        (o, from, to) -> {
          int at = o * k * hw + from;
          partial[o * tiles + from / PIXELS] =
              VectorCosine.sum(
                  pf, p.offset() + at, qf, q.offset() + at, k, hw, to - from, (float) eps);
        });
    loss.floats()[loss.offset()] = (float) (-VectorReduction.sum(partial) / ((double) n * hw));
  }

  @Override
  public void negativeCosineBackward(
      int n, int k, int hw, Buffer p, Buffer q, double eps, Buffer gLoss, Buffer gq) {
    float[] pf = p.floats();
    float[] qf = q.floats();
    float[] gf = gq.floats();
    float factor = (float) (-first(gLoss) / ((double) n * hw));
    VectorTiles.planes(
        n,
        k,
        hw,
        (o, from, to) -> {
          int at = o * k * hw + from;
          VectorCosine.gradients(
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
    VectorTiles.planes(
        n,
        k,
        hw,
        (o, from, to) -> {
          int at = o * hw + from;
          VectorLabels.confirm(
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
