package tangram.pclmix.phantom;

import tangram.tensor.CounterRandom;

/** Draws of parameters from a stream of random numbers. */
final class Draw {
  private Draw() {}

  /** A uniform number in [low, high). */
  static double uniform(CounterRandom random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** A uniform angle in [-pi, pi). */
  static double angle(CounterRandom random) {
    return uniform(random, -Math.PI, Math.PI);
  }
}
