package tangram.pclmix.preparation;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.VisibleFiles;

/**
 * Finds scans, truths and scribbles in the folders of downloads, subfolders included: {@code
 * patient001_frame01.nii.gz} (or {@code .nii}), {@code patient001_frame01_gt.nii.gz} and {@code
 * patient001_frame01_scribble.nii.gz}.
 *
 * @param cases in order of patient and frame, at least one
 * @param series number of files over time ({@code patient001_4d.nii.gz}), which are left alone
 * @param results number of results of predictions, which are left alone
 * @param strays truths and scribbles without a scan
 */
public record SourceFiles(List<SourceCase> cases, int series, int results, List<Path> strays) {
  private static final Pattern NIFTI = Pattern.compile("(?is)(.+?)\\.nii(?:\\.gz)?");
  private static final Pattern SERIES = Pattern.compile("(?is).*_4d(?:_scribble)?");
  private static final Pattern RESULT = Pattern.compile("(?is).*_(pred|prob)");
  private static final Pattern KIND = Pattern.compile("(?is)(.*?)(?:_(gt|scribble))?");

  /** What was found, by kind and case. */
  private static final class Found {
    final Map<CaseName, Path> images = new TreeMap<>();
    final Map<CaseName, Path> truths = new TreeMap<>();
    final Map<CaseName, Path> scribbles = new TreeMap<>();
    final List<Path> others = new ArrayList<>();
    final List<Path> series = new ArrayList<>();
    final List<Path> results = new ArrayList<>();
  }

  /**
   * Searches.
   *
   * @param acdc the folder of scans and truths; scribbles in it are taken too
   * @param scribbles the folder of scribbles, of which other files are left alone; null for none
   * @param notices hear of files that are left out
   * @throws DataException if a folder is missing, cannot be listed or holds a NIfTI file of another
   *     name, if a case is there twice, or if there is no case with truth or scribble
   */
  public static SourceFiles find(Path acdc, Path scribbles, Notices notices) {
    Found found = new Found();
    for (Path file : niftiFiles(acdc, notices)) {
      sort(file, found, true);
    }
    if (scribbles != null && !isWithin(scribbles, acdc)) {
      int before = found.scribbles.size();
      for (Path file : niftiFiles(scribbles, notices)) {
        sort(file, found, false);
      }
      found.others.forEach(file -> notices.leftAlone("being no scribbles by their names", file));
      if (found.scribbles.size() == before) {
        throw new DataException(
            scribbles
                + ": holds no patientNNN_frameFF_scribble.nii.gz; name the folder of the scribbles"
                + " with --scribbles or leave the option out.");
      }
    }
    List<SourceCase> cases = new ArrayList<>();
    found.images.forEach(
        (name, image) ->
            cases.add(
                new SourceCase(name, image, found.truths.get(name), found.scribbles.get(name))));
    if (cases.isEmpty()) {
      throw new DataException(
          acdc
              + ": holds no scan patientNNN_frameFF.nii.gz; name the folder of the download with"
              + " --acdc.");
    }
    if (cases.stream().allMatch(SourceCase::useless)) {
      throw new DataException(
          acdc
              + ": no scan has a truth (X_gt.nii.gz) or a scribble (X_scribble.nii.gz); add them or"
              + " name their folder with --scribbles.");
    }
    TreeSet<Path> strays = new TreeSet<>();
    found.truths.forEach((name, file) -> addStray(strays, found, name, file));
    found.scribbles.forEach((name, file) -> addStray(strays, found, name, file));
    return new SourceFiles(
        List.copyOf(cases), found.series.size(), found.results.size(), List.copyOf(strays));
  }

  private static void addStray(TreeSet<Path> strays, Found found, CaseName name, Path file) {
    if (!found.images.containsKey(name)) {
      strays.add(file);
    }
  }

  private static void sort(Path file, Found found, boolean all) {
    Matcher nifti = NIFTI.matcher(file.getFileName().toString());
    if (!nifti.matches()) {
      return;
    }
    String text = nifti.group(1);
    Matcher kind = KIND.matcher(text);
    boolean scribble = kind.matches() && "scribble".equalsIgnoreCase(kind.group(2));
    if (!all && !scribble) {
      found.others.add(file);
      return;
    }
    if (SERIES.matcher(text).matches()) {
      found.series.add(file);
      return;
    }
    if (RESULT.matcher(text).matches()) {
      found.results.add(file);
      return;
    }
    CaseName parsed =
        CaseName.parse(kind.group(1))
            .filter(name -> !name.isSlice())
            .orElseThrow(
                () ->
                    new DataException(
                        file
                            + ": the name tells no patient and frame, as patient001_frame01.nii.gz"
                            + " does; rename the file or move it away."));
    Path other =
        (scribble ? found.scribbles : kind.group(2) == null ? found.images : found.truths)
            .put(SourceCase.canonical(parsed.patient(), parsed.frame(), -1), file);
    if (other != null) {
      throw new DataException(
          file + ": is there twice, also as " + other + "; move one of the two away.");
    }
  }

  private static boolean isWithin(Path folder, Path other) {
    try {
      return folder.toRealPath().startsWith(other.toRealPath());
    } catch (IOException e) {
      // What is wrong with it is said when it is listed.
      return false;
    }
  }

  /** All NIfTI files below a folder, hidden ones left out, in order of their names. */
  private static List<Path> niftiFiles(Path folder, Notices notices) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder + ": there is no such folder; name the one that holds the NIfTI files.");
    }
    TreeSet<Path> files = new TreeSet<>();
    try {
      // Links are followed: data sets are large and often lie on other disks.
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFileFailed(Path at, IOException e) throws IOException {
              if (at.equals(folder)) {
                throw e;
              }
              // The other folders may be sound.
              if (e instanceof FileSystemLoopException) {
                notices.leftOut("linking to a folder above", at);
              } else {
                notices.failed(DataException.unreadable(at, e));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
              return !at.equals(folder) && isHidden(at)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!isHidden(file) && NIFTI.matcher(file.getFileName().toString()).matches()) {
                files.add(file);
              } else if (!isHidden(file) && !VisibleFiles.isDocument(file)) {
                notices.leftOut("being neither NIfTI files nor documents", file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new DataException(
          folder + ": cannot be searched (" + e + "); check that its folders are readable.", e);
    }
    return List.copyOf(files);
  }

  private static boolean isHidden(Path file) {
    return file.getFileName().toString().startsWith(".");
  }
}
