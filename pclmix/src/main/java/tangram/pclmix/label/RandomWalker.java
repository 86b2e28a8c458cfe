package tangram.pclmix.label;

/**
 * Labels every pixel with the class of the scribble that a random walk from it most probably meets
 * first, where edges of the image are hard to cross. Source: L. Grady, "Random Walks for Image
 * Segmentation", PAMI 2006.
 *
 * <p>Neighbours by sides with intensities x_i and x_j are joined by the weight {@code exp(-beta
 * (x_i - x_j)^2 / (8.5 sigma)) + 1e-10}, where sigma is the standard deviation of the slice. With
 * the Laplacian L of this graph split into unlabelled pixels U and scribbled ones M, the
 * probabilities P_k that the walk ends at class k solve {@code L_UU P_k = -L_UM 1_k}; the lowest
 * class that is scribbled gets 1 minus the others. 8.5 is what comes of scikit-image's division by
 * ten standard deviations after the public code's scaling of [-0.35, 1.35] to [-1, 1].
 */
public final class RandomWalker {
  /** The relative residual at which 0.01% of the labels of real slices differ from exact ones. */
  public static final double TOLERANCE = 1e-3;

  private static final double SIGMAS = 8.5;
  private static final double LEAST_WEIGHT = 1e-10;

  /** Conjugate gradients of real slices take up to 76 rounds, at 1e-6 some 430. */
  private static final int MOST_ROUNDS = 100_000;

  private final double beta;
  private final double tolerance;

  /**
   * Creates a walker.
   *
   * @param beta how hard edges are to cross; 100 is usual
   * @param tolerance the norm of the residual, relative to the right side's, at which a solution is
   *     good enough, such as {@link #TOLERANCE}
   */
  public RandomWalker(double beta, double tolerance) {
    if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY) || !(tolerance > 0)) {
      throw new IllegalArgumentException("beta " + beta + ", tolerance " + tolerance);
    }
    this.beta = beta;
    this.tolerance = tolerance;
  }

  /**
   * Labels a slice.
   *
   * @param image [height, width], intensities in [0, 1]
   * @param scribble 0..K-1, or K for unlabelled
   * @param classes K
   * @return the most probable class of every pixel, the lowest of equal ones; all of the class that
   *     alone is scribbled; K everywhere if nothing is
   */
  public byte[] labels(float[] image, byte[] scribble, int classes, int height, int width) {
    byte[] labels = new byte[scribble.length];
    double[][] p = probabilities(image, scribble, classes, height, width);
    for (int i = 0; i < labels.length; i++) {
      double most = 0;
      labels[i] = (byte) classes;
      for (byte c = 0; c < p.length; c++) {
        if (p[c] != null && p[c][i] > most) {
          most = p[c][i];
          labels[i] = c;
        }
      }
    }
    return labels;
  }

  /**
   * The probabilities that a walk from each pixel meets a class first.
   *
   * @param image [height, width], intensities in [0, 1]
   * @param scribble 0..K-1, or K for unlabelled
   * @param classes K
   * @return [classes][height, width]; null for a class that is not scribbled
   * @throws IllegalArgumentException if an array is no such plane
   */
  public double[][] probabilities(
      float[] image, byte[] scribble, int classes, int height, int width) {
    if (image.length != height * width || scribble.length != image.length) {
      throw new IllegalArgumentException(
          image.length + " and " + scribble.length + " pixels are not " + height + "x" + width);
    }
    double[][] p = new double[classes][];
    int first = -1;
    Graph graph = null;
    for (int c = classes - 1; c >= 0; c--) {
      if (contains(scribble, c)) {
        first = c;
      }
    }
    for (int c = first + 1; first >= 0 && c < classes; c++) {
      if (contains(scribble, c)) {
        if (graph == null) {
          graph = new Graph(image, scribble, classes, height, width, beta);
        }
        p[c] = graph.solve(c, tolerance);
      }
    }
    if (first >= 0) {
      p[first] = new double[image.length];
      for (int i = 0; i < image.length; i++) {
        double others = 0;
        for (int c = first + 1; c < classes; c++) {
          others += p[c] == null ? 0 : p[c][i];
        }
        p[first][i] = 1 - others;
      }
    }
    return p;
  }

  private static boolean contains(byte[] scribble, int c) {
    for (byte s : scribble) {
      if (s == c) {
        return true;
      }
    }
    return false;
  }

  /** The pixels of a slice, joined by weights, and conjugate gradients on its unlabelled ones. */
  private static final class Graph {
    private final byte[] scribble;
    private final int unlabelled;
    private final int height;
    private final int width;

    /** Weights to the right neighbour and to the lower one; 0 at the border. */
    private final double[] right;

    private final double[] below;

    /** Sums of a pixel's weights, the diagonal of L. */
    private final double[] degree;

    Graph(float[] image, byte[] scribble, int unlabelled, int height, int width, double beta) {
      this.scribble = scribble;
      this.unlabelled = unlabelled;
      this.height = height;
      this.width = width;
      right = new double[image.length];
      below = new double[image.length];
      degree = new double[image.length];
      double sigma = deviation(image);
      // All weights of a constant image are equal.
      double factor = sigma > 0 ? beta / (SIGMAS * sigma) : 0;
      for (int i = 0; i < image.length; i++) {
        if (i % width < width - 1) {
          right[i] = weight(image[i], image[i + 1], factor);
          degree[i] += right[i];
          degree[i + 1] += right[i];
        }
        if (i + width < image.length) {
          below[i] = weight(image[i], image[i + width], factor);
          degree[i] += below[i];
          degree[i + width] += below[i];
        }
      }
    }

    private static double weight(double a, double b, double factor) {
      return StrictMath.exp(-factor * (a - b) * (a - b)) + LEAST_WEIGHT;
    }

    private static double deviation(float[] image) {
      double mean = 0;
      for (float x : image) {
        mean += x;
      }
      mean /= image.length;
      double squares = 0;
      for (float x : image) {
        squares += (x - mean) * (x - mean);
      }
      return Math.sqrt(squares / image.length);
    }

    /** P of one class: 1 and 0 where scribbled, the solution elsewhere. */
    double[] solve(int c, double tolerance) {
      int n = scribble.length;
      double[] x = new double[n];
      double[] seeds = new double[n];
      for (int i = 0; i < n; i++) {
        seeds[i] = scribble[i] == c ? 1 : 0;
      }
      // Conjugate gradients from 0; vectors are 0 at scribbled pixels.
      double[] r = new double[n];
      neighbours(seeds, r);
      double[] z = new double[n];
      double[] d = new double[n];
      double[] q = new double[n];
      double goal = tolerance * Math.sqrt(dot(r, r));
      double rz = precondition(r, z);
      System.arraycopy(z, 0, d, 0, n);
      int rounds = 0;
      while (Math.sqrt(dot(r, r)) > goal) {
        if (++rounds > MOST_ROUNDS) {
          throw new IllegalStateException(
              "conjugate gradients do not reach " + tolerance + "; ask for less");
        }
        neighbours(d, q);
        for (int i = 0; i < n; i++) {
          q[i] = degree[i] * d[i] - q[i];
        }
        double step = rz / dot(d, q);
        for (int i = 0; i < n; i++) {
          x[i] += step * d[i];
          r[i] -= step * q[i];
        }
        double next = precondition(r, z);
        double share = next / rz;
        rz = next;
        for (int i = 0; i < n; i++) {
          d[i] = z[i] + share * d[i];
        }
      }
      for (int i = 0; i < n; i++) {
        x[i] += seeds[i];
      }
      return x;
    }

    /** Weighted sums over the neighbours of unlabelled pixels; 0 at the others. */
    private void neighbours(double[] v, double[] sums) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int i = y * width + x;
          double sum = 0;
          if (scribble[i] == unlabelled) {
            sum += x > 0 ? right[i - 1] * v[i - 1] : 0;
            sum += x < width - 1 ? right[i] * v[i + 1] : 0;
            sum += y > 0 ? below[i - width] * v[i - width] : 0;
            sum += y < height - 1 ? below[i] * v[i + width] : 0;
          }
          sums[i] = sum;
        }
      }
    }

    /** z = r / diagonal; returns r z. */
    private double precondition(double[] r, double[] z) {
      double product = 0;
      for (int i = 0; i < r.length; i++) {
        // An image of one pixel has no weights.
        z[i] = r[i] == 0 ? 0 : r[i] / degree[i];
        product += r[i] * z[i];
      }
      return product;
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }
}
