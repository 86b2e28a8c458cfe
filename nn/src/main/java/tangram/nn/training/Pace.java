package tangram.nn.training;

import java.util.Locale;
import tangram.nn.console.Progress;

/** How long steps and validations take, and when a run will be done. */
public final class Pace {
  /** The JVM compiles the kernels during the first steps, which say little about the others. */
  public static final int WARM_UP = 10;

  /** Weight of the newest step in the mean duration of a step. */
  private static final double NEWEST = 0.1;

  private final long steps;
  private final long validateEvery;
  private int timed;
  private double stepSeconds;
  private double validationSeconds;

  /** Prepares for a run of so many steps, with a validation every so many. */
  public Pace(long steps, long validateEvery) {
    this.steps = steps;
    this.validateEvery = validateEvery;
  }

  /** A step took a time. */
  public void step(double seconds) {
    timed++;
    double newest = timed <= WARM_UP ? 1 : NEWEST;
    stepSeconds += newest * (seconds - stepSeconds);
  }

  /** How many steps were timed. */
  public int timed() {
    return timed;
  }

  /** A validation took a time. */
  public void validated(double seconds) {
    validationSeconds = seconds;
  }

  /** Time of a step, and what is left after one, such as {@code 0.21 s/step 3:05 min left}. */
  public String text(long step) {
    return String.format(
        Locale.ROOT,
        stepSeconds < 10 ? "%.2f s/step  %s left" : "%.0f s/step  %s left",
        stepSeconds,
        Progress.duration(secondsLeft(step)));
  }

  private double secondsLeft(long step) {
    long validations = steps / validateEvery - step / validateEvery;
    if (steps % validateEvery != 0) {
      validations++;
    }
    return (steps - step) * stepSeconds + validations * validationSeconds;
  }
}
