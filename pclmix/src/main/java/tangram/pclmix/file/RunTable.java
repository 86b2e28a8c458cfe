package tangram.pclmix.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import tangram.nn.FileFormatException;

/**
 * The form of a CSV file: its columns, and how rows are written and read. The first line names the
 * columns; lines end in a line feed; UTF-8.
 */
public final class RunTable {
  private static final CSVFormat TEXTS =
      CSVFormat.DEFAULT.builder().setRecordSeparator('\n').setIgnoreEmptyLines(true).get();

  /** A stray quotation mark then damages its own row, not all that follow. */
  private static final CSVFormat NUMBERS = TEXTS.builder().setQuote(null).get();

  private final CSVFormat format;
  private final boolean growing;
  private final List<String> columns;

  private RunTable(CSVFormat format, boolean growing, String... columns) {
    this.format = format;
    this.growing = growing;
    this.columns = List.of(columns);
  }

  /** A table whose cells may be any text. */
  public static RunTable ofTexts(String... columns) {
    return new RunTable(TEXTS, false, columns);
  }

  /**
   * A table whose cells may be any text and which grows while the program runs: what follows the
   * last end of a line is not read, since it is being written or the program was killed in between.
   */
  public static RunTable ofGrowingTexts(String... columns) {
    return new RunTable(TEXTS, true, columns);
  }

  /** A table of numbers that grows likewise. */
  public static RunTable ofNumbers(String... columns) {
    return new RunTable(NUMBERS, true, columns);
  }

  /** The names of the columns. */
  public List<String> columns() {
    return columns;
  }

  /** The line that names the columns. */
  public String header() {
    return print(columns);
  }

  /** A row as a line, with its end. */
  public String line(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns);
    }
    return print(List.of(cells));
  }

  private String print(List<?> cells) {
    StringBuilder line = new StringBuilder();
    try (CSVPrinter printer = new CSVPrinter(line, format)) {
      printer.printRecord(cells);
    } catch (IOException e) {
      throw new IllegalStateException("a StringBuilder does not fail", e);
    }
    return line.toString();
  }

  /**
   * Reads a file. Its columns may be in another order, and there may be others.
   *
   * @param most bytes that the file may have
   * @param advice what to do if it cannot be read, the end of a sentence without its full stop
   * @param row receives the cells of a row in the order of {@link #columns}; returns false, or
   *     throws {@link IllegalArgumentException}, if it does not understand them
   * @return the rows that were not understood or are no rows of this table, counted from the
   *     header, which is 1; -1 for all that follows a quotation without end
   * @throws FileFormatException if the file cannot be read or lacks a column
   */
  public List<Long> read(Path file, int most, String advice, Predicate<List<String>> row) {
    return read(file, most, advice, false, row);
  }

  /** As {@link #read}, also a file that has lost its first line: its rows are all that it has. */
  public List<Long> readWithOrWithoutHeader(
      Path file, int most, String advice, Predicate<List<String>> row) {
    return read(file, most, advice, true, row);
  }

  private List<Long> read(
      Path file, int most, String advice, boolean headless, Predicate<List<String>> row) {
    String text = TextFile.readLeniently(file, most, advice);
    if (growing) {
      text = text.substring(0, text.lastIndexOf('\n') + 1);
    }
    List<Long> damaged = new ArrayList<>();
    try (CSVParser parser = CSVParser.parse(text, format)) {
      Iterator<CSVRecord> records = parser.iterator();
      CSVRecord first = records.hasNext() ? records.next() : null;
      List<String> header = first == null ? List.of() : first.toList();
      boolean lost = headless && !header.contains(columns.get(0));
      header = lost ? columns : header;
      int[] places = places(file, header, advice);
      CSVRecord record = lost ? first : next(records);
      while (record != null) {
        if (!understands(row, record, header.size(), places)) {
          damaged.add(record.getRecordNumber());
        }
        record = next(records);
      }
    } catch (UncheckedIOException | IllegalStateException e) {
      // A quotation that never ends: nothing after it can be told apart.
      damaged.add(-1L);
    } catch (IOException e) {
      throw new IllegalStateException("a String does not fail", e);
    }
    return damaged;
  }

  private static CSVRecord next(Iterator<CSVRecord> records) {
    return records.hasNext() ? records.next() : null;
  }

  private int[] places(Path file, List<String> header, String advice) {
    List<String> names = header.stream().map(String::strip).toList();
    int[] places = new int[columns.size()];
    for (int c = 0; c < places.length; c++) {
      places[c] = names.indexOf(columns.get(c));
      if (places[c] < 0) {
        throw new FileFormatException(
            file
                + ": has no column '"
                + columns.get(c)
                + "' in its first line, where commas must separate the names; "
                + advice
                + ".");
      }
    }
    return places;
  }

  private static boolean understands(
      Predicate<List<String>> row, CSVRecord record, int width, int[] places) {
    if (record.size() != width) {
      return false;
    }
    List<String> cells = new ArrayList<>(places.length);
    for (int place : places) {
      cells.add(record.get(place));
    }
    try {
      return row.test(cells);
    } catch (IllegalArgumentException e) {
      // The caller is told how many such rows there are.
      return false;
    }
  }
}
