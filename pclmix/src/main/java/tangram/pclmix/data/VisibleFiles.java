package tangram.pclmix.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tangram.nn.data.DataException;

/** The files of a folder, but for hidden ones: leftovers of archivers and interrupted writes. */
public final class VisibleFiles {
  /** What lies beside data and is none: texts, tables and pictures. */
  private static final Pattern DOCUMENT =
      Pattern.compile("(?is).*\\.(cfg|md|txt|pdf|csv|json|html?|png)|readme|license");

  private VisibleFiles() {}

  /** Whether a file lies beside data to be read by people, by its name. */
  public static boolean isDocument(Path file) {
    return DOCUMENT.matcher(file.getFileName().toString()).matches();
  }

  /**
   * Lists a folder, subfolders included but not entered, sorted by name.
   *
   * @throws DataException if it cannot be listed
   */
  public static List<Path> in(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(
          folder + ": cannot be listed (" + e + "); check that the folder is readable.", e);
    }
  }
}
