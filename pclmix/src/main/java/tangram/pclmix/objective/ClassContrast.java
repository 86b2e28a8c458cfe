package tangram.pclmix.objective;

import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Linear;
import tangram.nn.Module;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * Contrast by class with learned selectors (Alonso et al., ICCV 2021, as SC-Net, Zhou et al.,
 * MICCAI 2023, has it): features of a class are pulled to those of its pixels that a selector ranks
 * highest. Nothing pushes classes apart.
 */
public final class ClassContrast extends Module {
  /** Length of projected features. */
  static final int DIM = 32;

  private static final double NORM_EPS = 1e-8;
  private static final double SELECTOR_SLOPE = 0.2;

  private final int classes;
  private final Conv2d projection1;
  private final BatchNorm2d projectionNorm;
  private final Linear projection2;
  private final Head prediction;
  private final Head[] selectors;
  private final Head[] memorySelectors;

  /**
   * Creates the heads.
   *
   * @param in channels of the feature maps
   * @param classes number of classes, of which the first, background, takes no part
   */
  public ClassContrast(Init given, int in, int classes) {
    this.classes = classes;
    Init init = given.weights(Initializer.truncatedNormal(0.02)).biases(Initializer.zeros());
    Init he = init.weights(Initializer.kaimingNormal());
    projection1 = child("projection.conv1", new Conv2d(he, in, DIM, 1));
    projectionNorm = child("projection.bn", new BatchNorm2d(init, DIM));
    projection2 = child("projection.conv2", new Linear(init, DIM, DIM));
    prediction = child("prediction", new Head(init, DIM, 0));
    selectors = new Head[classes];
    memorySelectors = new Head[classes];
    for (int c = 1; c < classes; c++) {
      selectors[c] = child("selectors." + c, new Head(init, 1, SELECTOR_SLOPE));
      memorySelectors[c] = child("memory_selectors." + c, new Head(init, 1, SELECTOR_SLOPE));
    }
  }

  /** Linear, batch norm, leaky ReLU, linear. */
  private static final class Head extends Module {
    private final Linear linear1;
    private final BatchNorm2d bn;
    private final double slope;
    private final Linear linear2;

    Head(Init init, int out, double slope) {
      this.slope = slope;
      linear1 = child("linear1", new Linear(init, DIM, DIM));
      bn = child("bn", new BatchNorm2d(init, DIM));
      linear2 = child("linear2", new Linear(init, DIM, out));
    }

    Tensor forward(Tensor x) {
      int n = x.dim(0);
      Tensor hidden = linear1.forward(x).reshape(n, DIM, 1, 1);
      Tensor normal = slope == 0 ? bn.forwardRelu(hidden) : bn.forward(hidden).leakyRelu(slope);
      return linear2.forward(normal.reshape(n, DIM));
    }

    /** How much each of some vectors counts, 0 to 1, [n]. */
    Tensor select(Tensor x) {
      return forward(x).reshape(x.dim(0)).sigmoid();
    }
  }

  /**
   * The loss of one decoder: the mean over pairs of {@code a_v a_m (1 - cos(v, m))}, summed over
   * the foreground classes that are there and divided by the number of classes.
   *
   * @param map the decoder's last features [N, in, H, W]
   * @param sample the pixels to take
   */
  public Tensor loss(Tensor map, ClassSample.Drawn sample) {
    Tensor hidden = projectionNorm.forwardRelu(projection1, map);
    Tensor pixels = hidden.permute(0, 2, 3, 1).reshape(-1, DIM);
    Tensor v = prediction.forward(projected(pixels, sample.features()));
    Tensor candidates;
    try (Autograd.Guard guard = Autograd.noGrad()) {
      candidates = projected(pixels, sample.candidates());
    }
    Tensor total = null;
    for (int c = 1; c < classes; c++) {
      Tensor own = part(v, c);
      Tensor a = selectors[c].select(own.detach()).mul(sample.featureWeights().select(0, c - 1));
      Tensor memory = memory(part(candidates, c), c, sample);
      Tensor b = memorySelectors[c].select(memory).mul(sample.memoryWeights().select(0, c - 1));
      Tensor pull = pull(own, a, memory, b).mul(sample.present().select(0, c - 1));
      total = total == null ? pull : total.add(pull);
    }
    return total.div((double) classes);
  }

  private Tensor projected(Tensor pixels, Tensor index) {
    return projection2.forward(pixels.indexSelect(0, index));
  }

  /** The rows of a foreground class. */
  private Tensor part(Tensor rows, int c) {
    int each = rows.dim(0) / (classes - 1);
    return rows.narrow(0, (c - 1) * each, each).contiguous();
  }

  /** The candidates that the selector ranks highest, again and again where they are few. */
  private Tensor memory(Tensor candidates, int c, ClassSample.Drawn sample) {
    try (Autograd.Guard guard = Autograd.noGrad()) {
      Tensor weights = sample.candidateWeights().select(0, c - 1);
      // A selector gives more than 0, so that those that do not count come last.
      Tensor rank = selectors[c].select(candidates).mul(weights).argsort(0, true).to(DType.I32);
      Tensor places = rank.indexSelect(0, sample.memoryOrder().select(0, c - 1).contiguous());
      return candidates.indexSelect(0, places);
    }
  }

  /**
   * The mean over pairs of {@code a_v a_m (1 - cos(v, m))}, with weights divided by their means. It
   * is 1 minus the product of the two weighted means of unit vectors.
   *
   * @param v vectors [n, d]
   * @param a their weights [n]
   * @param m vectors [k, d]
   * @param b their weights [k]
   */
  static Tensor pull(Tensor v, Tensor a, Tensor m, Tensor b) {
    return meanDirection(v, a).mul(meanDirection(m, b)).sum().rsub(1);
  }

  private static Tensor meanDirection(Tensor v, Tensor weight) {
    Tensor norm = v.square().sum(new int[] {1}, true).add(NORM_EPS * NORM_EPS).sqrt();
    Tensor unit = v.div(norm);
    Tensor w = weight.unsqueeze(1);
    return unit.mul(w).sum(new int[] {0}, false).div(weight.sum());
  }
}
