package tangram.pclmix.prediction;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tangram.pclmix.data.DataException;
import tangram.pclmix.data.VisibleFiles;

/**
 * Finds the files to segment among files and folders that a user names.
 *
 * <p>A file is taken whatever its name, if it ends in {@code .nii}, {@code .nii.gz} or {@code .h5}.
 * Of a folder, not of folders within it, all such files are taken but for those whose name has
 * {@code _gt}, {@code _pred} or {@code _prob} in it, which are masks and earlier results.
 */
public final class ScanFiles {
  private static final Pattern SCAN = Pattern.compile("(?i).*\\.(nii|nii\\.gz|h5)");
  private static final Pattern HDF5 = Pattern.compile("(?i).*\\.h5");
  private static final Pattern RESULT = Pattern.compile("(?i).*_(gt|pred|prob).*");

  private ScanFiles() {}

  /**
   * The files, in the order named; those of a folder by name. A file named twice is there once.
   *
   * @throws DataException if a name is of nothing, a file has another ending, or a folder holds no
   *     file to take
   */
  public static List<Path> find(List<Path> named) {
    Map<Path, Path> found = new LinkedHashMap<>();
    for (Path path : named) {
      for (Path file : Files.isDirectory(path) ? inFolder(path) : List.of(checked(path))) {
        found.putIfAbsent(file.toAbsolutePath().normalize(), file);
      }
    }
    return List.copyOf(found.values());
  }

  /** Whether a file is HDF5 rather than NIfTI, by its name. */
  static boolean isHdf5(Path file) {
    return matches(HDF5, file);
  }

  private static Path checked(Path file) {
    if (!Files.exists(file)) {
      throw new DataException(file + ": there is no such file or folder; check the path.");
    }
    if (!matches(SCAN, file)) {
      throw new DataException(
          file
              + ": the name ends in none of .nii, .nii.gz and .h5; convert the scan to NIfTI-1 or"
              + " name another file.");
    }
    return file;
  }

  private static List<Path> inFolder(Path folder) {
    List<Path> scans = new ArrayList<>();
    int results = 0;
    for (Path file : VisibleFiles.in(folder)) {
      if (matches(SCAN, file) && !Files.isDirectory(file)) {
        if (matches(RESULT, file)) {
          results++;
        } else {
          scans.add(file);
        }
      }
    }
    if (scans.isEmpty()) {
      throw new DataException(
          folder
              + ": holds no scan (.nii, .nii.gz or .h5)"
              + (results == 0
                  ? "; name the folder that holds them."
                  : ", only masks or results (_gt, _pred or _prob in the name); name the folder of"
                      + " the scans."));
    }
    return scans;
  }

  private static boolean matches(Pattern pattern, Path file) {
    Path name = file.getFileName();
    return name != null && pattern.matcher(name.toString()).matches();
  }
}
