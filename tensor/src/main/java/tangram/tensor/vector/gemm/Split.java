package tangram.tensor.vector.gemm;

import tangram.tensor.vector.runtime.Parallel;

/**
 * How a product is cut into tasks: its rows into some parts, its columns into others.
 *
 * <p>Of all cuts the one is taken that should end first. A task multiplies its part and copies its
 * operands, which it does anew where another task has the same rows or columns; and the threads
 * take as many rounds as there are tasks for each. Every element of the result is one chain of
 * multiply-adds in the order of the reduction, whichever task computes it, so here the cut may
 * depend on the number of threads.
 *
 * @param rows parts of the rows
 * @param columns parts of the columns
 */
public record Split(int rows, int columns) {
  /** Rounds of tasks that are considered: some, since threads are never equally fast. */
  private static final int ROUNDS = 6;

  /** Part of a task by which threads end apart, about. */
  private static final double APART = 0.2;

  /** Multiply-adds in the time that starting a task takes, about. */
  private static final double START = 1 << 16;

  /**
   * The cut of a product.
   *
   * @param rowPanels panels of rows
   * @param columnPanels panels of columns
   * @param k steps of the reduction
   * @param row multiply-adds in the time that a task takes to bring one number of A where the
   *     register tile reads it
   * @param column likewise for B
   */
  public static Split of(int rowPanels, int columnPanels, int k, double row, double column) {
    int threads = Parallel.threads();
    int bestRows = 1;
    int bestColumns = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int rounds = 1; threads > 1 && rounds <= ROUNDS; rounds++) {
      int tasks = rounds * threads;
      for (int columns = 1; columns <= Math.min(columnPanels, tasks); columns++) {
        int rows = Math.min(rowPanels, tasks / columns);
        int wide = Gemm.blocks(columnPanels, columns);
        double time = time(rows, columns, threads, rowPanels, wide, k, row, column);
        if (time < least) {
          least = time;
          bestRows = rows;
          bestColumns = columns;
        }
      }
    }
    return new Split(bestRows, bestColumns);
  }

  /**
   * The cut of the rows of a product whose columns are cut already. Parameters are those of {@link
   * #of}.
   *
   * @param columns parts of the columns
   * @param wide panels of columns in a part, at most
   */
  public static Split ofRows(
      int rowPanels, int columns, int wide, int k, double row, double column) {
    int threads = Parallel.threads();
    int bestRows = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int rows = 1; threads > 1 && rows <= Math.min(rowPanels, ROUNDS * threads); rows++) {
      double time = time(rows, columns, threads, rowPanels, wide, k, row, column);
      if (time < least) {
        least = time;
        bestRows = rows;
      }
    }
    return new Split(bestRows, columns);
  }

  /**
   * Multiply-adds in the time that all tasks of a cut take, with {@code wide} panels of columns.
   */
  private static double time(
      int rows,
      int columns,
      int threads,
      int rowPanels,
      int wide,
      int k,
      double row,
      double column) {
    double m = (double) Gemm.blocks(rowPanels, rows) * GemmKernel.MR;
    double n = (double) wide * GemmKernel.NR;
    double task = (m * n + row * m + column * n) * k + START;
    return (Gemm.blocks(rows * columns, threads) + APART) * task;
  }

  /** Number of tasks. */
  public int tasks() {
    return rows * columns;
  }
}
