package tangram.tensor.vector.elementwise;

/** A cascade over some rows. */
interface Sweep {
  /**
   * Computes all passes.
   *
   * @param offsets where the first row of each operand begins
   * @param rowSteps from one row to the next; rows that lie side by side step by 1, or 0
   * @param runSteps from one run of a row to the next, or one element if rows lie side by side
   * @param room for sums if rows lie side by side
   * @param rows number of rows
   * @param runs runs of a row, each of neighbouring elements; 1 if rows lie side by side
   * @param n elements of a run
   */
  void run(
      double[] parameters,
      Object[] arrays,
      int[] offsets,
      int[] rowSteps,
      int[] runSteps,
      double[] room,
      int rows,
      int runs,
      int n);
}
