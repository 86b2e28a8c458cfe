package tangram.compare;

/**
 * How long to measure.
 *
 * @param mixSeconds before anything is measured, our side computes every row for so long, so that
 *     the JIT compiler has seen the mixture that a training step is, not one shape alone
 * @param warmUpSeconds what each side computes of a row before it is measured, at least
 * @param rounds how often the sides take turns at a row; the fastest turn of each counts
 * @param roundSeconds time of a side's turn, at least one call
 */
record Pace(double mixSeconds, double warmUpSeconds, int rounds, double roundSeconds) {
  static final Pace FULL = new Pace(0.3, 0.4, 9, 0.06);
  static final Pace QUICK = new Pace(0.1, 0.1, 3, 0.02);

  /** For whole networks: the kernels of each are compiled first. */
  static final Pace MODELS = new Pace(0, 10, 7, 0.3);

  /** To see that it works. */
  static final Pace QUICK_MODELS = new Pace(0, 0.5, 2, 0);

  /** For training steps, which take seconds each. */
  static final Pace STEPS = new Pace(0, 10, 7, 0);

  /** Its warm-up is as long: the kernels of a step take that long to be compiled. */
  static final Pace QUICK_STEPS = new Pace(0, 10, 2, 0);
}
