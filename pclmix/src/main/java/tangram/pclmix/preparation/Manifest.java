package tangram.pclmix.preparation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.DataException;

/**
 * {@code manifest.csv}: a row for every file of a data folder, with where it came from and the
 * checksums. Rows of a case are appended when it is done, so that whatever stops the program costs
 * one case; a row that was cut short is left out when the file is read.
 */
final class Manifest {
  /** The file's name in a data folder. */
  static final String FILE = "manifest.csv";

  /** A hundred times what ACDC takes. */
  private static final long MAX_BYTES = 1L << 28;

  private static final CSVFormat CSV = CSVFormat.DEFAULT.builder().setRecordSeparator("\n").get();

  private final Path file;
  private final SortedMap<CaseName, List<ManifestRow>> cases;

  /** Whether the file is as the cases are, so that rows can be appended. */
  private boolean saved;

  private Manifest(Path file, SortedMap<CaseName, List<ManifestRow>> cases) {
    this.file = file;
    this.cases = cases;
  }

  /**
   * The manifest of a data folder; without rows if there is none yet.
   *
   * @throws DataException if the file cannot be read or is none that was written here
   */
  static Manifest of(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.exists(file)
        ? new Manifest(file, read(file))
        : new Manifest(file, new TreeMap<>());
  }

  private static SortedMap<CaseName, List<ManifestRow>> read(Path file) {
    SortedMap<CaseName, List<ManifestRow>> cases = new TreeMap<>();
    long line = 1;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw damaged(file, "it is too long", null);
      }
      String text = Files.readString(file);
      // What follows the last line's end was cut short.
      try (CSVParser parser = CSVParser.parse(text.substring(0, text.lastIndexOf('\n') + 1), CSV)) {
        for (CSVRecord row : parser) {
          if (line == 1) {
            if (!row.toList().equals(ManifestRow.COLUMNS)) {
              throw damaged(file, "its first line does not name the columns", null);
            }
          } else {
            ManifestRow parsed = ManifestRow.parse(row.toList());
            cases.computeIfAbsent(parsed.caseName(), name -> new ArrayList<>()).add(parsed);
          }
          line++;
        }
      }
    } catch (CharacterCodingException e) {
      throw damaged(file, "it is not UTF-8 text", e);
    } catch (IllegalArgumentException | UncheckedIOException | IllegalStateException e) {
      throw damaged(file, "row " + line + " cannot be understood", e);
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be read (" + e + "); check that it is a readable file.", e);
    }
    if (line == 1) {
      throw damaged(file, "its first line is missing", null);
    }
    return cases;
  }

  private static DataException damaged(Path file, String what, Throwable cause) {
    return new DataException(
        file
            + ": is no manifest that 'prepare' wrote, "
            + what
            + "; restore it, or prepare into another folder.",
        cause);
  }

  /** The rows of a case; none if it is not there. */
  List<ManifestRow> rows(CaseName name) {
    return cases.getOrDefault(name, List.of());
  }

  /** All rows, case by case. */
  List<ManifestRow> rows() {
    return cases.values().stream().flatMap(Collection::stream).toList();
  }

  /** The names of the cases, in order. */
  Collection<CaseName> names() {
    return cases.keySet();
  }

  /**
   * Replaces a case's rows, on disk too.
   *
   * @throws FileWriteException if the file cannot be written
   */
  void put(CaseName name, List<ManifestRow> rows) {
    boolean append = saved && !cases.containsKey(name);
    cases.put(name, rows);
    if (!append) {
      save();
      return;
    }
    saved = false;
    try {
      Files.writeString(file, text(rows), StandardOpenOption.APPEND);
      saved = true;
    } catch (IOException e) {
      throw new FileWriteException(
          file
              + ": cannot be written ("
              + e.getMessage()
              + "); free some space and start again, which continues.",
          e);
    }
  }

  /**
   * Writes the whole file, in order.
   *
   * @throws FileWriteException if it cannot be written
   */
  void save() {
    String head = String.join(",", ManifestRow.COLUMNS) + "\n";
    AtomicFile.write(file, (head + text(rows())).getBytes(StandardCharsets.UTF_8));
    saved = true;
  }

  private static String text(List<ManifestRow> rows) {
    StringBuilder text = new StringBuilder();
    try (CSVPrinter printer = new CSVPrinter(text, CSV)) {
      for (ManifestRow row : rows) {
        printer.printRecord(row.values());
      }
    } catch (IOException e) {
      throw new IllegalStateException("a StringBuilder does not fail", e);
    }
    return text.toString();
  }
}
