package tangram.pclmix.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tangram.nn.FileFormatException;
import tangram.pclmix.file.RunTable;

/**
 * The rows of numbers of a CSV file that a run writes line by line. A last line without an end is
 * left out: it is being written, or the run was killed. So are lines that are no such numbers; they
 * are counted.
 */
final class Table {
  /** A million steps take less. */
  private static final int MAX_BYTES = 1 << 28;

  private final List<String> columns;
  private final double[][] values;
  private final int rows;
  private final int unreadable;

  private Table(List<String> columns, double[][] values, int rows, int unreadable) {
    this.columns = columns;
    this.values = values;
    this.rows = rows;
    this.unreadable = unreadable;
  }

  /**
   * Reads a table.
   *
   * @param columns those it must have; others are left out
   * @return empty if there is no such file
   * @throws FileFormatException if the file cannot be read or lacks a column
   */
  static Optional<Table> read(Path file, String... columns) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<double[]> rows = new ArrayList<>();
    List<Long> unreadable =
        RunTable.ofNumbers(columns)
            .read(
                file,
                MAX_BYTES,
                "restore the file",
                cells -> {
                  double[] row = cells.stream().mapToDouble(Double::parseDouble).toArray();
                  // The first is the step, by which rows are ordered.
                  return Double.isFinite(row[0]) && row[0] >= 0 && rows.add(row);
                });
    double[][] values = new double[columns.length][rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      for (int c = 0; c < columns.length; c++) {
        values[c][i] = rows.get(i)[c];
      }
    }
    return Optional.of(new Table(List.of(columns), values, rows.size(), unreadable.size()));
  }

  /** Number of rows that could be read. */
  int rows() {
    return rows;
  }

  /** Number of rows that could not. */
  int unreadable() {
    return unreadable;
  }

  /** The numbers of a column. */
  double[] column(String name) {
    return Arrays.copyOf(values[columns.indexOf(name)], rows);
  }

  /** The rows in order of the first column, of equal ones the last only. */
  Table sorted() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      order.add(i);
    }
    order.sort((a, b) -> Double.compare(values[0][a], values[0][b]));
    double[][] sorted = new double[columns.size()][rows];
    int count = 0;
    for (int i = 0; i < rows; i++) {
      boolean same = count > 0 && values[0][order.get(i)] == sorted[0][count - 1];
      int to = same ? count - 1 : count++;
      for (int c = 0; c < columns.size(); c++) {
        sorted[c][to] = values[c][order.get(i)];
      }
    }
    return new Table(columns, sorted, count, unreadable);
  }
}
