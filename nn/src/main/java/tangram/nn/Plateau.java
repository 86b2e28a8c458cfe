package tangram.nn;

/**
 * Lowers the learning rate when a score no longer gets better, PyTorch's {@code ReduceLROnPlateau}
 * with relative thresholds.
 */
public final class Plateau {
  /** Which scores are better. */
  public enum Mode {
    /** Less is better, as of a loss. */
    MIN,
    /** More is better, as of an accuracy. */
    MAX
  }

  /**
   * What it carries from score to score, for checkpoints.
   *
   * @param rate the learning rate
   * @param best the best score so far
   * @param bad scores since that were not better
   * @param cooldown scores to come that do not count
   */
  public record State(double rate, double best, int bad, int cooldown) {}

  private final Mode mode;
  private final double factor;
  private final int patience;
  private double threshold = 1e-4;
  private int cooldown;
  private double least;
  private double eps = 1e-8;
  private State state;

  /**
   * Creates the schedule.
   *
   * @param rate the first learning rate
   * @param factor by which rates are multiplied, above 0 and below 1
   * @param patience how many scores without progress are accepted
   */
  public Plateau(Mode mode, double rate, double factor, int patience) {
    if (!(factor > 0 && factor < 1) || patience < 0) {
      throw new IllegalArgumentException(
          "a factor above 0 and below 1 and a patience of 0 or more, not %s and %d"
              .formatted(factor, patience));
    }
    this.mode = mode;
    this.factor = factor;
    this.patience = patience;
    double worst = mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    this.state = new State(rate, worst, 0, 0);
  }

  /** Sets by which part of the best score another must differ to be better; 1e-4 unless set. */
  public Plateau threshold(double value) {
    threshold = value;
    return this;
  }

  /** Sets how many scores after each reduction do not count; 0 unless set. */
  public Plateau cooldown(int scores) {
    cooldown = scores;
    return this;
  }

  /** Sets the rate below which it is not lowered; 0 unless set. */
  public Plateau minRate(double rate) {
    least = rate;
    return this;
  }

  /** Sets the change of the rate below which it stays; 1e-8 unless set. */
  public Plateau eps(double value) {
    eps = value;
    return this;
  }

  /** The learning rate now. */
  public double rate() {
    return state.rate();
  }

  /** Takes a score into account; returns the learning rate from now on. A NaN is not better. */
  public double next(double score) {
    boolean better =
        mode == Mode.MIN
            ? score < state.best() * (1 - threshold)
            : score > state.best() * (1 + threshold);
    double best = better ? score : state.best();
    int bad = better ? 0 : state.bad() + 1;
    int waiting = state.cooldown();
    double rate = state.rate();
    if (waiting > 0) {
      waiting--;
      bad = 0;
    }
    if (bad > patience) {
      double lower = Math.max(rate * factor, least);
      rate = rate - lower > eps ? lower : rate;
      waiting = cooldown;
      bad = 0;
    }
    state = new State(rate, best, bad, waiting);
    return rate;
  }

  /** What a checkpoint keeps. */
  public State state() {
    return state;
  }

  /** Goes on from there. */
  public void restore(State saved) {
    state = saved;
  }
}
