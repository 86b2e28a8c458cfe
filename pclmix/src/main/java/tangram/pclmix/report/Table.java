package tangram.pclmix.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tangram.nn.FileFormatException;

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
    String text = text(file);
    int end = text.lastIndexOf('\n') + 1;
    String[] lines = text.substring(0, end).split("\n");
    List<String> header = List.of(lines[0].strip().split(","));
    int[] place = new int[columns.length];
    for (int c = 0; c < columns.length; c++) {
      place[c] = header.indexOf(columns[c]);
      if (place[c] < 0) {
        throw new FileFormatException(
            file
                + ": is not what a run writes, it has no column '"
                + columns[c]
                + "'; restore the file.");
      }
    }
    double[][] values = new double[columns.length][lines.length];
    int rows = 0;
    int unreadable = 0;
    double[] row = new double[columns.length];
    for (int i = 1; i < lines.length; i++) {
      if (parse(lines[i].strip(), header.size(), place, row)) {
        for (int c = 0; c < columns.length; c++) {
          values[c][rows] = row[c];
        }
        rows++;
      } else {
        unreadable++;
      }
    }
    return Optional.of(new Table(List.of(columns), values, rows, unreadable));
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new FileFormatException(
            file + ": is too long for what a run writes; restore the file.");
      }
      // Not strictly decoded: what is no text is no number either.
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); make it readable.", e);
    }
  }

  private static boolean parse(String line, int width, int[] place, double[] row) {
    String[] cells = line.split(",", -1);
    if (cells.length != width) {
      return false;
    }
    try {
      for (int c = 0; c < place.length; c++) {
        row[c] = Double.parseDouble(cells[place[c]]);
      }
      // The first is the step, by which rows are ordered.
      return Double.isFinite(row[0]) && row[0] >= 0;
    } catch (NumberFormatException e) {
      // The caller counts it and the page says so.
      return false;
    }
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
