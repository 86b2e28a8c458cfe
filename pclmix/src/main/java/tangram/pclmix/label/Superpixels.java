package tangram.pclmix.label;

import java.util.Arrays;

/**
 * Divides slices into superpixels, and grows scribbles over them.
 *
 * <p>SLIC (R. Achanta et al., PAMI 2012) on grey values of 8 bits as lightness L* of CIE, 0 to 100:
 * centres on a grid of spacing {@code s = floor(sqrt(pixels / wanted))} from s / 2 on, moved to the
 * least gradient of their 3x3 pixels; then ten rounds in which every pixel joins the centre of
 * least {@code (dL / compactness)^2 + (distance / s)^2} that is at most 2 s rows and columns away,
 * the first of equal ones, and every centre becomes the mean of its pixels. Superpixels need not be
 * connected.
 */
public final class Superpixels {
  private static final int ROUNDS = 10;

  private final int wanted;
  private final double compactness;

  /**
   * Chooses their number and form.
   *
   * @param wanted about how many a slice is divided into
   * @param compactness the difference in lightness that counts as much as a distance of s
   */
  public Superpixels(int wanted, double compactness) {
    if (wanted < 1 || !(compactness > 0)) {
      throw new IllegalArgumentException(wanted + " superpixels, compactness " + compactness);
    }
    this.wanted = wanted;
    this.compactness = compactness;
  }

  /**
   * Divides a slice.
   *
   * @param image [height, width], intensities in [0, 1]
   * @return the number of every pixel's superpixel, from 0, [height, width]
   * @throws IllegalArgumentException if the array is no such plane
   */
  public int[] divide(float[] image, int height, int width) {
    if (image.length != height * width || image.length == 0) {
      throw new IllegalArgumentException(image.length + " pixels are not " + height + "x" + width);
    }
    int spacing = (int) Math.max(1, Math.floor(Math.sqrt((double) image.length / wanted)));
    return new Division(lightness(image), height, width, spacing, compactness).run();
  }

  /**
   * Gives every superpixel in which pixels of exactly one class are scribbled that class.
   *
   * @param superpixels numbers from 0
   * @param scribble 0..K-1, or K for unlabelled; scribbled pixels keep their class
   * @param unlabelled K
   * @return classes, or K
   */
  public static byte[] grow(int[] superpixels, byte[] scribble, int unlabelled) {
    if (superpixels.length != scribble.length) {
      throw new IllegalArgumentException(
          superpixels.length + " pixels but " + scribble.length + " of scribbles");
    }
    int mixed = unlabelled + 1;
    byte[] classes = new byte[Arrays.stream(superpixels).max().orElse(-1) + 1];
    Arrays.fill(classes, (byte) unlabelled);
    for (int i = 0; i < scribble.length; i++) {
      byte c = scribble[i];
      byte before = classes[superpixels[i]];
      if (c != unlabelled && c != before) {
        classes[superpixels[i]] = before == unlabelled ? c : (byte) mixed;
      }
    }
    byte[] grown = scribble.clone();
    for (int i = 0; i < grown.length; i++) {
      if (grown[i] == unlabelled && classes[superpixels[i]] != mixed) {
        grown[i] = classes[superpixels[i]];
      }
    }
    return grown;
  }

  /** Lightness of grey values, by way of sRGB's curve and the luminance of white 1. */
  static double[] lightness(float[] image) {
    double[] lightness = new double[image.length];
    for (int i = 0; i < image.length; i++) {
      double v = Math.round(255 * Math.min(1, Math.max(0, image[i]))) / 255.0;
      double y = v <= 0.04045 ? v / 12.92 : StrictMath.pow((v + 0.055) / 1.055, 2.4);
      lightness[i] = y > 216.0 / 24389 ? 116 * StrictMath.cbrt(y) - 16 : y * 24389 / 27;
    }
    return lightness;
  }

  /** The division of one slice under way. */
  private static final class Division {
    private final double[] lightness;
    private final int height;
    private final int width;
    private final int spacing;
    private final double compactness;

    /** The centres' rows, columns and lightness. */
    private final double[] cy;

    private final double[] cx;
    private final double[] cl;
    private final int[] number;

    Division(double[] lightness, int height, int width, int spacing, double compactness) {
      this.lightness = lightness;
      this.height = height;
      this.width = width;
      this.spacing = spacing;
      this.compactness = compactness;
      this.number = new int[lightness.length];
      int rows = centres(height);
      int columns = centres(width);
      cy = new double[rows * columns];
      cx = new double[rows * columns];
      cl = new double[rows * columns];
      for (int k = 0; k < cy.length; k++) {
        int at = least(first(height) + k / columns * spacing, first(width) + k % columns * spacing);
        cy[k] = at / width;
        cx[k] = at % width;
        cl[k] = lightness[at];
      }
    }

    private int first(int side) {
      return Math.min(spacing / 2, side - 1);
    }

    private int centres(int side) {
      return (side - 1 - first(side)) / spacing + 1;
    }

    /** The pixel of least gradient around one; that one, or else the first, of equal ones. */
    private int least(int y, int x) {
      int best = y * width + x;
      double least = gradient(y, x);
      for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          double gradient = gradient(v, u);
          if (gradient < least) {
            least = gradient;
            best = v * width + u;
          }
        }
      }
      return best;
    }

    private double gradient(int y, int x) {
      double dx = at(y, x + 1) - at(y, x - 1);
      double dy = at(y + 1, x) - at(y - 1, x);
      return dx * dx + dy * dy;
    }

    /** The lightness of a pixel, beyond the border that of the border. */
    private double at(int y, int x) {
      int v = Math.min(Math.max(y, 0), height - 1);
      int u = Math.min(Math.max(x, 0), width - 1);
      return lightness[v * width + u];
    }

    int[] run() {
      for (int round = 0; round < ROUNDS; round++) {
        assign();
        average();
      }
      return number;
    }

    private void assign() {
      double[] distance = new double[number.length];
      Arrays.fill(distance, Double.POSITIVE_INFINITY);
      int reach = 2 * spacing;
      for (int k = 0; k < cy.length; k++) {
        int top = (int) Math.max(0, Math.ceil(cy[k] - reach));
        int bottom = (int) Math.min(height - 1, Math.floor(cy[k] + reach));
        int left = (int) Math.max(0, Math.ceil(cx[k] - reach));
        int right = (int) Math.min(width - 1, Math.floor(cx[k] + reach));
        for (int y = top; y <= bottom; y++) {
          for (int x = left; x <= right; x++) {
            int i = y * width + x;
            double dl = (lightness[i] - cl[k]) / compactness;
            double dy = (y - cy[k]) / spacing;
            double dx = (x - cx[k]) / spacing;
            double d = dl * dl + dy * dy + dx * dx;
            if (d < distance[i]) {
              distance[i] = d;
              number[i] = k;
            }
          }
        }
      }
    }

    /** A centre that has lost all its pixels stays where it is. */
    private void average() {
      int[] count = new int[cy.length];
      double[] sy = new double[cy.length];
      double[] sx = new double[cy.length];
      double[] sl = new double[cy.length];
      for (int i = 0; i < number.length; i++) {
        int k = number[i];
        count[k]++;
        sy[k] += i / width;
        sx[k] += i % width;
        sl[k] += lightness[i];
      }
      for (int k = 0; k < cy.length; k++) {
        if (count[k] > 0) {
          cy[k] = sy[k] / count[k];
          cx[k] = sx[k] / count[k];
          cl[k] = sl[k] / count[k];
        }
      }
    }
  }
}
