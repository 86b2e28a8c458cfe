package tangram.pclmix.data;

import tangram.tensor.CounterRandom;

/**
 * Random rotations and flips of square slices before CutMix (paper 4.1).
 *
 * <p>With probability 0.5 a random multiple-of-90-degree rotation and a flip along a random axis;
 * else with probability 0.5 a rotation about the centre by an angle uniform in [-20, 20] degrees;
 * else the slice as it is. What happens depends on (seed, step, sample) alone.
 *
 * <p>Beyond the paper, if asked for: with probability 0.2 everything is enlarged by a factor from
 * 0.7 to 1.4 besides, which is as likely below 1 as above, uniform in either.
 */
public final class Augmentation {
  private static final double MAX_DEGREES = 20;
  private static final float SCALED = 0.2f;
  private static final double LEAST_SCALE = 0.7;
  private static final double MOST_SCALE = 1.4;

  private final long seed;
  private final boolean scales;

  /**
   * Creates the augmentation of a run.
   *
   * @param scales whether slices are enlarged and shrunk too
   */
  public Augmentation(long seed, boolean scales) {
    this.seed = seed;
    this.scales = scales;
  }

  /**
   * How all planes of a slice move.
   *
   * @param step the training step
   * @param sample the position in the batch
   */
  public Motion motion(long step, int sample) {
    Motion motion = turn(new CounterRandom(seed, Purpose.AUGMENTATION, step, sample));
    if (scales) {
      CounterRandom random = new CounterRandom(seed, Purpose.SCALE, step, sample);
      if (random.nextFloat() < SCALED) {
        return motion.enlarged(factor(random, LEAST_SCALE, MOST_SCALE));
      }
    }
    return motion;
  }

  private static Motion turn(CounterRandom random) {
    boolean quarters = random.nextFloat() < 0.5f;
    if (!quarters && random.nextFloat() < 0.5f) {
      double angle = Math.toRadians(MAX_DEGREES * (2 * random.nextDouble() - 1));
      return Motion.rotation(StrictMath.cos(angle), StrictMath.sin(angle));
    }
    if (!quarters) {
      return Motion.none();
    }
    int turns = random.nextInt(4);
    return Motion.quarters(turns, random.nextInt(2));
  }

  /** A factor that is as likely below 1 as above, uniform in either. */
  static double factor(CounterRandom random, double least, double most) {
    boolean below = random.nextFloat() < 0.5f;
    double part = random.nextDouble();
    return below ? least + (1 - least) * part : 1 + (most - 1) * part;
  }
}
