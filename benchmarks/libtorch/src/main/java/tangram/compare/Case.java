package tangram.compare;

/** One computation, which both sides can do on the same numbers as often as wanted. */
interface Case extends AutoCloseable {
  /** Computes it with Tangram. */
  void ours();

  /** Computes it with libtorch. */
  void theirs();

  /**
   * Computes it with both and compares the results. Called once, before anything is measured.
   *
   * @throws DisagreementException if they differ by more than rounding explains
   */
  void check();

  @Override
  void close();
}
