package tangram.pclmix.training;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.pclmix.file.RunTable;

/**
 * A CSV file that grows by a row at a time, while others may read it. Rows begin with the number of
 * a step and come in its order. Nothing depends on it but pages and curves, so one that is lost or
 * damaged never stops a run.
 */
final class StepTable {
  /** Several whole rows, which are far shorter. */
  private static final int TAIL_BYTES = 4096;

  /** Some ten million steps take less. */
  private static final int MAX_BYTES = 1 << 30;

  private final Path file;
  private final RunTable form;

  StepTable(Path file, RunTable form) {
    this.file = file;
    this.form = form;
  }

  /** Makes the file, with its header alone. */
  void create() {
    write(List.of());
  }

  /** Adds a row. */
  void append(Object... cells) {
    try {
      Files.writeString(
          file,
          form.line(cells),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND,
          LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": cannot be written (" + e.getMessage() + "); free some space and use --resume.",
          e);
    }
  }

  /**
   * Removes the rows of later steps, and what is no whole row. A file that is missing or damaged is
   * made anew with what can be read of it.
   *
   * @return a sentence about what is lost, if anything is
   */
  List<String> truncateAfter(long step) {
    List<String> warnings = new ArrayList<>();
    SortedMap<Long, List<String>> rows = new TreeMap<>();
    if (!Files.exists(file)) {
      warnings.add(file + ": is missing; it begins anew.");
    } else {
      try {
        List<Long> damaged =
            form.readWithOrWithoutHeader(file, MAX_BYTES, "it begins anew", row -> keep(row, rows));
        if (!damaged.isEmpty()) {
          warnings.add(
              file
                  + ": "
                  + (damaged.size() == 1 ? "a row" : damaged.size() + " rows")
                  + " cannot be read and "
                  + (damaged.size() == 1 ? "is" : "are")
                  + " left out.");
        }
      } catch (FileFormatException e) {
        warnings.add(e.getMessage());
      }
    }
    write(rows.headMap(step + 1).values());
    return warnings;
  }

  /** Of several rows of a step the last counts. */
  private static boolean keep(List<String> row, SortedMap<Long, List<String>> rows) {
    row.forEach(Double::parseDouble);
    rows.put(Long.parseLong(row.get(0)), row);
    return true;
  }

  private void write(Iterable<List<String>> rows) {
    StringBuilder text = new StringBuilder(form.header());
    rows.forEach(row -> text.append(form.line(row.toArray())));
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A number of the last row that can be read, which another process may be writing.
   *
   * @param otherwise what it is without rows
   */
  double last(String column, double otherwise) {
    return last(file, form.columns().indexOf(column), form.columns().size(), otherwise);
  }

  /**
   * The number of the last row's step, of a table of any columns; 0 without rows. Its first line
   * has as many cells as all others, whether it names the columns or not.
   */
  static long lastStep(Path file) {
    return (long) last(file, 0, -1, 0);
  }

  /**
   * As the other.
   *
   * @param cells of a row; -1 for as many as the first line has
   */
  private static double last(Path file, int place, int cells, double otherwise) {
    if (!Files.isRegularFile(file)) {
      return otherwise;
    }
    String[] lines;
    int width = cells;
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      if (cells < 0) {
        String first = in.readLine();
        width = first == null ? 0 : first.strip().split(",", -1).length;
      }
      byte[] tail = new byte[(int) Math.min(in.length(), TAIL_BYTES)];
      in.seek(in.length() - tail.length);
      in.readFully(tail);
      String text = new String(tail, StandardCharsets.UTF_8);
      lines = text.substring(0, text.lastIndexOf('\n') + 1).split("\n");
    } catch (IOException e) {
      // For a display alone: whether the run can continue does not depend on this file.
      return otherwise;
    }
    for (int i = lines.length - 1; i >= 0; i--) {
      String[] row = lines[i].strip().split(",", -1);
      try {
        if (row.length == width) {
          return Double.parseDouble(row[place]);
        }
      } catch (NumberFormatException e) {
        // The header, or a damaged row, before which there may be sound ones.
        continue;
      }
    }
    return otherwise;
  }
}
