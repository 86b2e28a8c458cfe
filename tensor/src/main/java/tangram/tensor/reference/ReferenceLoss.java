package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Loss;

/**
 * The losses of scribble supervision, pixel by pixel; the contrast is in {@link ReferenceInfoNce}.
 */
final class ReferenceLoss implements Loss {
  @Override
  public void partialCrossEntropy(
      int n, int k, int hw, Buffer qBuffer, Buffer labelBuffer, double eps, Buffer lossBuffer) {
    Reals q = Reals.of(qBuffer, n, k, hw);
    Ints labels = Ints.of(labelBuffer, n, hw);
    Reals loss = Reals.of(lossBuffer, 2);
    double sum = 0;
    int count = 0;
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < hw; p++) {
        int label = labels.get(i, p);
        if (isClass(label, k)) {
          sum -= Math.log(q.get(i, label, p) + eps);
          count++;
        }
      }
    }
    loss.set(0, count == 0 ? 0 : sum / count);
    loss.set(1, count);
  }

  /** {@code gq[label] = -gLoss / (count * (q[label] + eps))}, 0 elsewhere. */
  @Override
  public void partialCrossEntropyBackward(
      int n,
      int k,
      int hw,
      Buffer qBuffer,
      Buffer labelBuffer,
      double eps,
      Buffer lossBuffer,
      Buffer gLossBuffer,
      Buffer gqBuffer) {
    Reals q = Reals.of(qBuffer, n, k, hw);
    Ints labels = Ints.of(labelBuffer, n, hw);
    double count = Reals.of(lossBuffer, 2).get(1);
    double gLoss = Reals.of(gLossBuffer).get(0);
    Reals gq = Reals.of(gqBuffer, n, k, hw);
    gq.fill(0);
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < hw; p++) {
        int label = labels.get(i, p);
        if (isClass(label, k)) {
          gq.set(i, label, p, -gLoss / (count * (q.get(i, label, p) + eps)));
        }
      }
    }
  }

  @Override
  public void mse(Buffer aBuffer, Buffer bBuffer, Buffer loss) {
    Reals a = Reals.of(aBuffer);
    Reals b = Reals.of(bBuffer);
    double sum = 0;
    for (int i = 0; i < a.length(); i++) {
      sum += (a.get(i) - b.get(i)) * (a.get(i) - b.get(i));
    }
    Reals.of(loss).set(0, sum / a.length());
  }

  @Override
  public void mseBackward(Buffer aBuffer, Buffer bBuffer, Buffer gLossBuffer, Buffer gaBuffer) {
    Reals a = Reals.of(aBuffer);
    Reals b = Reals.of(bBuffer);
    double gLoss = Reals.of(gLossBuffer).get(0);
    Reals ga = Reals.of(gaBuffer);
    for (int i = 0; i < a.length(); i++) {
      ga.set(i, gLoss * 2 * (a.get(i) - b.get(i)) / a.length());
    }
  }

  @Override
  public void negativeCosine(
      int n, int k, int hw, Buffer pBuffer, Buffer qBuffer, double eps, Buffer loss) {
    Reals p = Reals.of(pBuffer, n, k, hw);
    Reals q = Reals.of(qBuffer, n, k, hw);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int x = 0; x < hw; x++) {
        double normP = Math.max(Math.sqrt(dot(p, p, k, i, x)), eps);
        double normQ = Math.max(Math.sqrt(dot(q, q, k, i, x)), eps);
        sum -= dot(p, q, k, i, x) / (normP * normQ);
      }
    }
    Reals.of(loss).set(0, sum / (n * hw));
  }

  /**
   * {@code gq = -gLoss / pixels * (p / (|p| |q|) - cos * q / |q|^2)}; where |q| is below eps the
   * norm is a constant and the second term is absent.
   */
  @Override
  public void negativeCosineBackward(
      int n,
      int k,
      int hw,
      Buffer pBuffer,
      Buffer qBuffer,
      double eps,
      Buffer gLossBuffer,
      Buffer gqBuffer) {
    Reals p = Reals.of(pBuffer, n, k, hw);
    Reals q = Reals.of(qBuffer, n, k, hw);
    double gLoss = Reals.of(gLossBuffer).get(0);
    Reals gq = Reals.of(gqBuffer, n, k, hw);
    for (int i = 0; i < n; i++) {
      for (int x = 0; x < hw; x++) {
        double normP = Math.max(Math.sqrt(dot(p, p, k, i, x)), eps);
        double trueNormQ = Math.sqrt(dot(q, q, k, i, x));
        double normQ = Math.max(trueNormQ, eps);
        double cosine = dot(p, q, k, i, x) / (normP * normQ);
        for (int c = 0; c < k; c++) {
          double derivative = p.get(i, c, x) / (normP * normQ);
          if (trueNormQ > eps) {
            derivative -= cosine * q.get(i, c, x) / (normQ * normQ);
          }
          gq.set(i, c, x, -gLoss / (n * hw) * derivative);
        }
      }
    }
  }

  private static double dot(Reals a, Reals b, int k, int image, int pixel) {
    double sum = 0;
    for (int c = 0; c < k; c++) {
      sum += a.get(image, c, pixel) * b.get(image, c, pixel);
    }
    return sum;
  }

  @Override
  public void confirmLabels(
      int n,
      int k,
      int hw,
      Buffer qBuffer,
      Buffer scribbleBuffer,
      Buffer thresholdBuffer,
      double eps,
      Buffer uncertaintyBuffer,
      Buffer labelBuffer) {
    Reals q = Reals.of(qBuffer, n, k, hw);
    Ints scribbles = Ints.of(scribbleBuffer, n, hw);
    double threshold = Reals.of(thresholdBuffer).get(0);
    Reals uncertainty = Reals.of(uncertaintyBuffer, n, hw);
    Ints labels = Ints.of(labelBuffer, n, hw);
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < hw; p++) {
        double entropy = 0;
        int best = 0;
        for (int c = 0; c < k; c++) {
          entropy -= q.get(i, c, p) * Math.log(q.get(i, c, p) + eps);
          if (q.get(i, c, p) > q.get(i, best, p)) {
            best = c;
          }
        }
        uncertainty.set(i, p, entropy);
        if (isClass(scribbles.get(i, p), k)) {
          labels.set(i, p, scribbles.get(i, p));
        } else if (entropy >= threshold) {
          labels.set(i, p, -1);
        } else {
          labels.set(i, p, best);
        }
      }
    }
  }

  private static boolean isClass(int label, int k) {
    return label >= 0 && label < k;
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
    ReferenceInfoNce.forward(
        anchors, dim, classes, slots, v, anchorClass, queue, filled, temperature, logits, loss);
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
    ReferenceInfoNce.backward(
        anchors,
        dim,
        classes,
        slots,
        anchorClass,
        queue,
        filled,
        temperature,
        logits,
        loss,
        gLoss,
        gv);
  }

  @Override
  public void prototypes(
      int images,
      int pixels,
      int dim,
      int classes,
      Buffer vectorBuffer,
      Buffer labelBuffer,
      Buffer slotBuffer,
      Buffer queueBuffer) {
    Reals vectors = Reals.of(vectorBuffer, images, pixels, dim);
    Ints labels = Ints.of(labelBuffer, images, pixels);
    Ints slot = Ints.of(slotBuffer, images, classes);
    Reals queue = Reals.of(queueBuffer, queueBuffer.length() / dim, dim);
    for (int i = 0; i < images; i++) {
      for (int c = 0; c < classes; c++) {
        int row = slot.get(i, c);
        if (row < 0) {
          continue;
        }
        double[] sum = new double[dim];
        for (int p = 0; p < pixels; p++) {
          for (int d = 0; d < dim && labels.get(i, p) == c + 1; d++) {
            sum[d] += vectors.get(i, p, d);
          }
        }
        double square = 0;
        for (double s : sum) {
          square += s * s;
        }
        for (int d = 0; d < dim; d++) {
          queue.set(row, d, square == 0 ? 0 : sum[d] / Math.sqrt(square));
        }
      }
    }
  }
}
