package tangram.compare;

import java.util.function.Supplier;

/** What a network computes of an input without gradients, until its numbers are Java's. */
final class OutputCase implements Case {
  private final String what;
  private final double tolerance;
  private final Supplier<float[]> ours;
  private final Supplier<float[]> theirs;
  private final Runnable close;

  /**
   * Prepares the case.
   *
   * @param what the outputs, for the message
   * @param tolerance see {@link Agreement}
   * @param close lets go of what the sides hold
   */
  OutputCase(
      String what,
      double tolerance,
      Supplier<float[]> ours,
      Supplier<float[]> theirs,
      Runnable close) {
    this.what = what;
    this.tolerance = tolerance;
    this.ours = ours;
    this.theirs = theirs;
    this.close = close;
  }

  @Override
  public void ours() {
    ours.get();
  }

  @Override
  public void theirs() {
    theirs.get();
  }

  @Override
  public void check() {
    Agreement.check(what, ours.get(), theirs.get(), tolerance);
  }

  @Override
  public void close() {
    close.run();
  }
}
