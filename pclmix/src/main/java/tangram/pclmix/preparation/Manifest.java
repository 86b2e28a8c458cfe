package tangram.pclmix.preparation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.file.RunTable;

/**
 * {@code manifest.csv}: a row for every file of a data folder, with where it came from and the
 * checksums. Rows of a case are appended when it is done, so that whatever stops the program costs
 * one case; a row that was cut short is left out when the file is read.
 */
final class Manifest {
  /** The file's name in a data folder. */
  static final String FILE = "manifest.csv";

  /** A hundred times what ACDC takes. */
  private static final int MAX_BYTES = 1 << 28;

  private static final RunTable FORM =
      RunTable.ofGrowingTexts(ManifestRow.COLUMNS.toArray(String[]::new));

  private static final String ADVICE = "restore it, or prepare into another folder";

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
    List<Long> damaged;
    try {
      damaged =
          FORM.read(
              file,
              MAX_BYTES,
              ADVICE,
              row -> {
                ManifestRow parsed = ManifestRow.parse(row);
                return cases
                    .computeIfAbsent(parsed.caseName(), name -> new ArrayList<>())
                    .add(parsed);
              });
    } catch (FileFormatException e) {
      throw damaged(file, e.getMessage().substring((file + ": ").length()), e);
    }
    if (!damaged.isEmpty()) {
      String which = damaged.get(0) < 0 ? "its end" : "row " + damaged.get(0);
      throw damaged(file, which + " cannot be understood; " + ADVICE + ".", null);
    }
    return cases;
  }

  private static DataException damaged(Path file, String what, Throwable cause) {
    return new DataException(file + ": is no manifest that 'prepare' wrote: " + what, cause);
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
    AtomicFile.write(file, (FORM.header() + text(rows())).getBytes(StandardCharsets.UTF_8));
    saved = true;
  }

  private static String text(List<ManifestRow> rows) {
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append(FORM.line(row.values().toArray())));
    return text.toString();
  }
}
