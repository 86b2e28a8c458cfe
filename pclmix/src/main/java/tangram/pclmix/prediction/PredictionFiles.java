package tangram.pclmix.prediction;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Spelling;

/**
 * The files that predictions become.
 *
 * @param folder where they lie
 * @param withProbabilities whether there are files of probabilities
 * @param withOverlay whether there are pictures
 */
public record PredictionFiles(Path folder, boolean withProbabilities, boolean withOverlay) {

  /** The classes of a scan of this name. */
  public Path classes(String name) {
    return folder.resolve(name + "_pred.nii.gz");
  }

  /** The probabilities. */
  public Path probabilities(String name) {
    return folder.resolve(name + "_prob.nii.gz");
  }

  /** The picture. */
  public Path overlay(String name) {
    return folder.resolve(name + "_overlay.png");
  }

  /**
   * Checks that no file would be written twice, nor in the place of an input.
   *
   * @param scans the files to segment
   * @param others further files that are read
   * @throws DataException if one would
   */
  public void requireSafe(List<Path> scans, Collection<Path> others) {
    // Reading the others fails, each by itself.
    List<Path> spelled = scans.stream().filter(Spelling::isKnown).toList();
    Map<String, Path> named = new HashMap<>();
    for (Path scan : spelled) {
      String name = CaseName.withoutExtension(scan);
      Path other = named.put(name, scan);
      if (other != null) {
        throw new DataException(
            scan
                + ": its prediction would have the same name as that of "
                + other
                + "; predict one of the two into another folder.");
      }
    }
    Set<Path> inputs = new HashSet<>();
    scans.forEach(scan -> inputs.add(real(scan)));
    others.stream().filter(Files::exists).forEach(other -> inputs.add(real(other)));
    for (Path scan : spelled) {
      for (Path output : all(CaseName.withoutExtension(scan))) {
        if (Files.exists(output) && inputs.contains(real(output))) {
          throw new DataException(
              output + ": is an input and would be overwritten; choose another folder with --out.");
        }
      }
    }
  }

  /** Writes all files of a prediction, replacing earlier ones. */
  public void write(Prediction prediction) {
    String name = prediction.scan().name();
    prediction.writeClasses(classes(name));
    if (withProbabilities) {
      prediction.writeProbabilities(probabilities(name));
    }
    if (withOverlay) {
      Overlay.of(prediction).write(overlay(name));
    }
  }

  private List<Path> all(String name) {
    List<Path> files = new ArrayList<>(List.of(classes(name)));
    if (withProbabilities) {
      files.add(probabilities(name));
    }
    if (withOverlay) {
      files.add(overlay(name));
    }
    return files;
  }

  /** A path that two names of one file have in common. */
  private static Path real(Path file) {
    if (!Files.exists(file)) {
      // A link to nothing, of which is told when it is read.
      return file.toAbsolutePath().normalize();
    }
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be read (" + e + "); check that it is a readable file.", e);
    }
  }
}
