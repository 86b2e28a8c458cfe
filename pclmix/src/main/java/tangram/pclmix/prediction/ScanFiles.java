package tangram.pclmix.prediction;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.VisibleFiles;

/**
 * Finds the files to segment among files and folders that a user names.
 *
 * <p>A file is taken whatever its name, if it ends in {@code .nii}, {@code .nii.gz}, {@code .h5} or
 * {@code .hdf5}. Of a folder, not of folders within it, all such files are taken but for those
 * whose name has the word {@code _gt}, {@code _pred}, {@code _prob} or {@code _scribble} in it,
 * which are masks and earlier results.
 */
public final class ScanFiles {
  private static final Pattern NIFTI = Pattern.compile("(?is).*\\.(nii|nii\\.gz)");

  /** The words end there: a scan may be of a proband, or from before a dose. */
  private static final Pattern RESULT =
      Pattern.compile("(?is).*_(gt|pred|prediction|prob|scribble)(?![a-z0-9]).*");

  private ScanFiles() {}

  /**
   * The files, in the order named; those of a folder by name. A file named twice is there once.
   *
   * @param notices hear of files that are left out
   * @throws DataException if a name is of nothing, a file has another ending, or a folder holds no
   *     file to take
   */
  public static List<Path> find(List<Path> named, Notices notices) {
    Map<Path, Path> found = new LinkedHashMap<>();
    for (Path path : named) {
      for (Path file : Files.isDirectory(path) ? inFolder(path, notices) : List.of(checked(path))) {
        found.putIfAbsent(file.toAbsolutePath().normalize(), file);
      }
    }
    return List.copyOf(found.values());
  }

  private static Path checked(Path file) {
    // A link to nothing is reported in its turn, so that the others are read.
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataException(file + ": there is no such file or folder; check the path.");
    }
    if (!isScan(file)) {
      throw new DataException(
          file
              + ": the name ends in none of .nii, .nii.gz, .h5 and .hdf5; convert the scan to NIfTI-1 or"
              + " name another file.");
    }
    return file;
  }

  private static List<Path> inFolder(Path folder, Notices notices) {
    List<Path> scans = new ArrayList<>();
    int results = 0;
    for (Path file : VisibleFiles.in(folder)) {
      if (Files.isDirectory(file)) {
        notices.leftOut("being folders within a folder", file);
      } else if (!isScan(file)) {
        if (!VisibleFiles.isDocument(file)) {
          notices.leftOut("whose names end in none of .nii, .nii.gz, .h5 and .hdf5", file);
        }
      } else if (matches(RESULT, file)) {
        notices.leftAlone("masks or results by their names", file);
        results++;
      } else {
        scans.add(file);
      }
    }
    if (scans.isEmpty()) {
      throw new DataException(
          folder
              + ": holds no scan (.nii, .nii.gz, .h5 or .hdf5)"
              + (results == 0
                  ? "; name the folder that holds them."
                  : ", only masks or results (_gt, _pred, _prob or _scribble in the name); name the folder of"
                      + " the scans."));
    }
    return scans;
  }

  /**
   * Whether a file of a folder is taken, by its name: a scan, and neither a mask nor an earlier
   * result.
   */
  public static boolean isTaken(String name) {
    Path file = Path.of(name);
    return isScan(file) && !matches(RESULT, file);
  }

  /** Whether a file can be a scan, by its name. */
  public static boolean isScan(String name) {
    return isScan(Path.of(name));
  }

  private static boolean isScan(Path file) {
    return CaseName.isHdf5(file) || matches(NIFTI, file);
  }

  private static boolean matches(Pattern pattern, Path file) {
    Path name = file.getFileName();
    return name != null && pattern.matcher(name.toString()).matches();
  }
}
