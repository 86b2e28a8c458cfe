package tangram.pclmix.objective;

import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.MapOp;

/**
 * Losses that need no labels: on class probabilities p [N, K, H, W] and images [N, 1, H, W], each
 * of shape [].
 */
public final class Regularisation {
  private static final double LOG_EPS = 1e-6;
  private static final double MASS_EPS = 1e-8;
  private static final double[] NONE = {};
  private static final int[] ALL = {};
  private static final int[] PLANE = {2, 3};

  private static final Formula ENTROPY = Formula.of(p -> p.mul(p.add(LOG_EPS).log()).neg());
  private static final Formula PRODUCT = Formula.of((a, b) -> a.mul(b));
  private static final Formula DISTANCE = Formula.of((a, b) -> a.sub(b).abs());

  /** Intensity, mean, probability. */
  private static final Formula LEVEL = Formula.of(3, x -> x[0].sub(x[1]).square().mul(x[2]));

  /** Two intensities; the exponent of their distance, the factor of their difference. */
  private static final Formula AFFINITY =
      Formula.of(2, 2, (x, k) -> k[0].sub(x[0].sub(x[1]).square().mul(k[1])).exp());

  /** What is there already, affinity, probability. */
  private static final Formula ADDED = Formula.of(3, x -> x[0].add(x[1].mul(x[2])));

  private Regularisation() {}

  /**
   * The mean entropy over all pixels as a part of its largest value, {@code -1 / (P ln K) sum p
   * log(p + 1e-6)} (Grandvalet and Bengio 2004).
   */
  public static Tensor entropy(Tensor p) {
    double pixels = (double) p.size() / p.dim(1);
    return FoldOp.sum("entropy", ENTROPY, NONE, ALL, false, p).div(pixels * Math.log(p.dim(1)));
  }

  /**
   * Mumford-Shah (Kim and Ye 2020), the sum over pixels and classes of {@code (x - m)^2 p} and of
   * the total variation of p. m is the mean intensity of a class in an image; it minimises the
   * first sum, so its own gradient is zero.
   */
  public static Tensor mumfordShah(Tensor p, Tensor x) {
    Tensor mean;
    try (Autograd.Guard guard = Autograd.noGrad()) {
      Tensor mass = p.sum(PLANE, true).add(MASS_EPS);
      mean = FoldOp.sum("weighted", PRODUCT, NONE, PLANE, true, x, p).div(mass);
    }
    int h = p.dim(2);
    int w = p.dim(3);
    return FoldOp.sum("level", LEVEL, NONE, ALL, false, x, mean, p)
        .add(variation(p.slice(2, 1, h), p.slice(2, 0, h - 1)))
        .add(variation(p.slice(3, 1, w), p.slice(3, 0, w - 1)));
  }

  private static Tensor variation(Tensor a, Tensor b) {
    return FoldOp.sum("variation", DISTANCE, NONE, ALL, false, a, b);
  }

  /**
   * Gated conditional random field (Obukhov et al. 2019): {@code 1 / P sum_i sum_j k_ij (1 - sum_c
   * p_ic p_jc)} over the pixels j within a square around i and the image, where {@code k_ij =
   * exp(-distance^2 / (2 sigmaXy^2) - (x_i - x_j)^2 / (2 sigmaIntensity^2))}.
   *
   * <p>The sum is quadratic in p and k symmetric, so its gradient is {@code -2 / P sum_j k_ij
   * p_jc}: one sweep without a graph gives both.
   *
   * @param radius half of the square's side without its centre, pixels
   * @param sigmaXy pixels
   * @param sigmaIntensity in the images' unit
   */
  public static Tensor gatedCrf(
      Tensor p, Tensor x, int radius, double sigmaXy, double sigmaIntensity) {
    double pixels = (double) p.size() / p.dim(1);
    Tensor neighbours;
    Tensor rest;
    try (Autograd.Guard guard = Autograd.noGrad()) {
      neighbours = p.device().zeros(p.type(), p.shape());
      Tensor affinities = p.device().zeros(p.type(), Shape.of());
      for (int dy = 0; dy <= radius; dy++) {
        for (int dx = dy == 0 ? 1 : -radius; dx <= radius; dx++) {
          if (dy < p.dim(2) && Math.abs(dx) < p.dim(3)) {
            double[] scale = {
              -(dy * dy + dx * dx) / (2 * sigmaXy * sigmaXy),
              1 / (2 * sigmaIntensity * sigmaIntensity)
            };
            Tensor k =
                MapOp.map("affinity", AFFINITY, scale, shifted(x, dy, dx), shifted(x, -dy, -dx));
            add(shifted(neighbours, dy, dx), k, shifted(p, -dy, -dx));
            add(shifted(neighbours, -dy, -dx), k, shifted(p, dy, dx));
            // Every pair counts from both of its ends.
            affinities = affinities.add(k.sum().mul(2));
            k.close();
          }
        }
      }
      // What makes the value right where twice the linear term gives the gradient.
      Tensor product = FoldOp.sum("product", PRODUCT, NONE, ALL, false, p, neighbours);
      rest = affinities.add(product);
    }
    Tensor linear = FoldOp.sum("product", PRODUCT, NONE, ALL, false, p, neighbours);
    return linear.mul(-2).add(rest).div(pixels);
  }

  private static void add(Tensor to, Tensor k, Tensor p) {
    MapOp.into(to, ADDED, NONE, to, k, p);
  }

  /** The pixels that have a pixel so far below and right, or above and left, of them. */
  private static Tensor shifted(Tensor x, int dy, int dx) {
    int h = x.dim(2);
    int w = x.dim(3);
    return x.slice(2, Math.max(0, -dy), h - Math.max(0, dy))
        .slice(3, Math.max(0, -dx), w - Math.max(0, dx));
  }
}
