package tangram.pclmix.data;

import java.util.Arrays;
import tangram.tensor.CounterRandom;

/**
 * The rectangles of CutMix: area 0.2 of the image, random aspect ratio, wholly inside the image.
 *
 * <p>The height is the fraction 0.2^U of the image's, U uniform in [0, 1), and the width 0.2 over
 * that, so the logarithm of the aspect ratio is uniform; every position is as likely. Source: S.
 * Yun et al., "CutMix", ICCV 2019; paper 3.3.
 */
public final class CutMix {
  /** The part of the image that a rectangle covers. */
  public static final double AREA = 0.2;

  private CutMix() {}

  /** A rectangle of pixels. */
  record Rectangle(int top, int left, int height, int width) {}

  /**
   * Writes {@code samples} masks [samples][height][width], one rectangle each: 1 inside, 0 outside.
   *
   * @param masks receives the masks
   * @param offset where the first mask starts
   * @param samples number of masks
   * @param height rows of a mask
   * @param width columns of a mask
   * @param seed the run's seed
   * @param step the training step
   * @param mask which of the step's masks this is (0 for M1, 1 for M2 of the paper)
   */
  public static void fillMask(
      float[] masks,
      int offset,
      int samples,
      int height,
      int width,
      long seed,
      long step,
      int mask) {
    fillMask(masks, offset, 0, samples, height, width, seed, step, mask);
  }

  /**
   * As the other, from a sample of a larger batch on.
   *
   * @param from number of the first sample in the batch
   */
  public static void fillMask(
      float[] masks,
      int offset,
      int from,
      int samples,
      int height,
      int width,
      long seed,
      long step,
      int mask) {
    if (mask < 0 || mask > 0xFF) {
      throw new IllegalArgumentException("mask " + mask + " is not in 0..255");
    }
    int pixels = Math.multiplyExact(height, width);
    Arrays.fill(masks, offset, offset + Math.multiplyExact(samples, pixels), 0);
    for (int sample = 0; sample < samples; sample++) {
      CounterRandom random = new CounterRandom(seed, Purpose.CUTMIX + mask, step, from + sample);
      Rectangle r = rectangle(random, height, width);
      int first = offset + sample * pixels + r.top * width + r.left;
      for (int y = 0; y < r.height; y++) {
        Arrays.fill(masks, first + y * width, first + y * width + r.width, 1);
      }
    }
  }

  static Rectangle rectangle(CounterRandom random, int height, int width) {
    double fraction = StrictMath.pow(AREA, random.nextDouble());
    int h = clamp(Math.round(fraction * height), height);
    // From the rounded height, so that rounding twice does not move the area further from 0.2.
    int w = clamp(Math.round(AREA * height * width / h), width);
    return new Rectangle(random.nextInt(height - h + 1), random.nextInt(width - w + 1), h, w);
  }

  private static int clamp(long size, int max) {
    return (int) Math.max(1, Math.min(max, size));
  }
}
