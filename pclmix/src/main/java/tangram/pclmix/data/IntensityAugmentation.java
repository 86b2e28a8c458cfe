package tangram.pclmix.data;

import tangram.tensor.CounterRandom;

/**
 * Random changes of a slice's intensities, beyond the paper; each with its probability, in this
 * order, and as (seed, step, sample) alone decide. Kinds and ranges follow nnU-Net's (F. Isensee et
 * al., Nature Methods 2021), which applies them to images of mean 0 and deviation 1.
 *
 * <ul>
 *   <li>noise (0.1): normal, its deviation uniform in 0 to 0.1 of the slice's
 *   <li>blur (0.2): Gaussian, its deviation uniform in 0.5 to 1 pixel
 *   <li>brightness (0.15): times 0.75 to 1.25
 *   <li>contrast (0.15): differences from the mean times 0.75 to 1.25, within the range before
 *   <li>resolution (0.25): bilinearly to 0.5 to 1 of the size and back
 *   <li>gamma (0.3): the power 0.7 to 1.5 of the place within the range
 * </ul>
 *
 * <p>Factors and powers are as likely below 1 as above. Intensities may leave [0, 1].
 */
public final class IntensityAugmentation {
  private static final float NOISE = 0.1f;
  private static final float BLUR = 0.2f;
  private static final float BRIGHTNESS = 0.15f;
  private static final float CONTRAST = 0.15f;
  private static final float RESOLUTION = 0.25f;
  private static final float GAMMA = 0.3f;

  private final long seed;

  /** Creates the augmentation of a run. */
  public IntensityAugmentation(long seed) {
    this.seed = seed;
  }

  /**
   * Changes an image in its place.
   *
   * @param image [n, n] from the offset on
   * @param step the training step
   * @param sample the position in the batch
   */
  public void apply(float[] image, int offset, int n, long step, int sample) {
    CounterRandom noise = random(Purpose.NOISE, step, sample);
    if (noise.nextFloat() < NOISE) {
      noise(image, offset, n, 0.1 * noise.nextDouble(), noise);
    }
    CounterRandom blur = random(Purpose.BLUR, step, sample);
    if (blur.nextFloat() < BLUR) {
      blur(image, offset, n, 0.5 + 0.5 * blur.nextDouble());
    }
    CounterRandom brightness = random(Purpose.BRIGHTNESS, step, sample);
    if (brightness.nextFloat() < BRIGHTNESS) {
      brightness(image, offset, n, Augmentation.factor(brightness, 0.75, 1.25));
    }
    CounterRandom contrast = random(Purpose.CONTRAST, step, sample);
    if (contrast.nextFloat() < CONTRAST) {
      contrast(image, offset, n, Augmentation.factor(contrast, 0.75, 1.25));
    }
    CounterRandom resolution = random(Purpose.RESOLUTION, step, sample);
    if (resolution.nextFloat() < RESOLUTION) {
      resolution(image, offset, n, 0.5 + 0.5 * resolution.nextDouble());
    }
    CounterRandom gamma = random(Purpose.GAMMA, step, sample);
    if (gamma.nextFloat() < GAMMA) {
      gamma(image, offset, n, Augmentation.factor(gamma, 0.7, 1.5));
    }
  }

  private CounterRandom random(int purpose, long step, int sample) {
    return new CounterRandom(seed, purpose, step, sample);
  }

  /** Adds normal noise whose deviation is so much of the image's. */
  static void noise(float[] image, int offset, int n, double part, CounterRandom random) {
    double deviation = part * deviation(image, offset, n);
    for (int i = offset; i < offset + n * n; i++) {
      image[i] += (float) (deviation * random.nextGaussian());
    }
  }

  /** Blurs by a Gaussian of this deviation in pixels, as far as four of it; borders continue. */
  static void blur(float[] image, int offset, int n, double deviation) {
    int reach = (int) Math.ceil(4 * deviation);
    double[] weights = new double[2 * reach + 1];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      double at = (i - reach) / deviation;
      weights[i] = StrictMath.exp(-at * at / 2);
      sum += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    double[] line = new double[n];
    for (int k = 0; k < n; k++) {
      blurLine(image, offset + k * n, 1, line, weights, reach);
    }
    for (int k = 0; k < n; k++) {
      blurLine(image, offset + k, n, line, weights, reach);
    }
  }

  private static void blurLine(
      float[] image, int first, int stride, double[] line, double[] weights, int reach) {
    for (int i = 0; i < line.length; i++) {
      line[i] = image[first + i * stride];
    }
    for (int i = 0; i < line.length; i++) {
      double sum = 0;
      for (int j = -reach; j <= reach; j++) {
        sum += weights[j + reach] * line[Math.min(Math.max(i + j, 0), line.length - 1)];
      }
      image[first + i * stride] = (float) sum;
    }
  }

  /** Multiplies. */
  static void brightness(float[] image, int offset, int n, double factor) {
    for (int i = offset; i < offset + n * n; i++) {
      image[i] = (float) (factor * image[i]);
    }
  }

  /** Multiplies differences from the mean and cuts off at the least and the most of before. */
  static void contrast(float[] image, int offset, int n, double factor) {
    double mean = mean(image, offset, n);
    float[] range = range(image, offset, n);
    for (int i = offset; i < offset + n * n; i++) {
      double value = mean + factor * (image[i] - mean);
      image[i] = (float) Math.min(Math.max(value, range[0]), range[1]);
    }
  }

  /** Shrinks to a part of the size and back. */
  static void resolution(float[] image, int offset, int n, double part) {
    int m = (int) Math.max(1, Math.round(part * n));
    float[] small = new float[m * m];
    Resize.bilinear(image, offset, n, n, small, 0, m, m);
    Resize.bilinear(small, 0, m, m, image, offset, n, n);
  }

  /** Takes the power of every value's place within the range, from 0 to 1. */
  static void gamma(float[] image, int offset, int n, double power) {
    float[] range = range(image, offset, n);
    double width = (double) range[1] - range[0];
    if (width == 0) {
      return;
    }
    for (int i = offset; i < offset + n * n; i++) {
      double place = (image[i] - range[0]) / width;
      image[i] = (float) (range[0] + width * StrictMath.pow(place, power));
    }
  }

  private static double mean(float[] image, int offset, int n) {
    double sum = 0;
    for (int i = offset; i < offset + n * n; i++) {
      sum += image[i];
    }
    return sum / (n * n);
  }

  private static double deviation(float[] image, int offset, int n) {
    double mean = mean(image, offset, n);
    double squares = 0;
    for (int i = offset; i < offset + n * n; i++) {
      squares += (image[i] - mean) * (image[i] - mean);
    }
    return Math.sqrt(squares / (n * n));
  }

  private static float[] range(float[] image, int offset, int n) {
    float least = image[offset];
    float most = least;
    for (int i = offset; i < offset + n * n; i++) {
      least = Math.min(least, image[i]);
      most = Math.max(most, image[i]);
    }
    return new float[] {least, most};
  }
}
