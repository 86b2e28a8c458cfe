package tangram.pclmix.objective;

/**
 * The entropy below which a pseudo label is believed: {@code H = (0.75 + 0.25 exp(-5 (1 - i/I)^2))
 * ln 2} at iteration i of I (docs/method.md, step 6). It rises from 0.521 to 0.693 as training goes
 * on.
 */
public final class UncertaintyThreshold {
  private UncertaintyThreshold() {}

  /** The threshold at one of a number of iterations. */
  public static double at(long iteration, long iterations) {
    return (0.75 + 0.25 * Ramp.sigmoid(iteration, iterations)) * Math.log(2);
  }
}
