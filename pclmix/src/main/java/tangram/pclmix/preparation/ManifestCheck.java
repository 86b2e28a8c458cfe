package tangram.pclmix.preparation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import tangram.nn.data.DataException;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.VisibleFiles;

/**
 * Compares a data folder with its manifest.
 *
 * @param files number of files that the manifest names
 * @param checked how many of them were looked at
 * @param faults a sentence for every file that is missing or differs
 * @param unknown files in the folders of slices and volumes that the manifest does not name
 */
public record ManifestCheck(int files, int checked, List<String> faults, List<Path> unknown) {
  /**
   * Recomputes the checksum of every file.
   *
   * @param progress hears how many of how many are done; false stops
   * @throws DataException if there is no manifest or it cannot be read
   */
  public static ManifestCheck of(Path folder, BiPredicate<Integer, Integer> progress) {
    if (!Files.isRegularFile(folder.resolve(Manifest.FILE))) {
      throw new DataException(
          folder
              + ": holds no "
              + Manifest.FILE
              + "; name a folder that 'prepare' wrote, or prepare it anew.");
    }
    List<ManifestRow> rows = Manifest.of(folder).rows();
    List<String> faults = new ArrayList<>();
    Set<Path> known = new HashSet<>();
    int checked = 0;
    for (ManifestRow row : rows) {
      Path file = folder.resolve(row.file());
      known.add(file);
      if (!progress.test(checked, rows.size())) {
        break;
      }
      if (!Files.isRegularFile(file)) {
        faults.add(file + ": is missing; prepare the folder again.");
      } else if (!Checksum.of(file).equals(row.sha256())) {
        faults.add(
            file + ": differs from what was written; remove it and prepare the folder again.");
      }
      checked++;
    }
    List<Path> unknown = new ArrayList<>();
    for (String name : new String[] {DataFolder.SLICES, DataFolder.VOLUMES}) {
      if (checked == rows.size() && Files.isDirectory(folder.resolve(name))) {
        VisibleFiles.in(folder.resolve(name)).stream()
            .filter(file -> !known.contains(file))
            .forEach(unknown::add);
      }
    }
    return new ManifestCheck(rows.size(), checked, List.copyOf(faults), List.copyOf(unknown));
  }
}
