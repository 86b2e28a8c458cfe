package tangram.pclmix.metrics;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tangram.nn.FileFormatException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.metrics.ClassScore.Presence;

/** Reads scores as {@link Evaluation#writeCsv} writes them. */
public final class ScoreFile {
  private static final int MAX_BYTES = 1 << 24;

  private static final String ADVICE = "restore the file or remove it";

  private ScoreFile() {}

  /**
   * Reads scores. The file does not tell which classes are missing: those of Dice 0 and the HD95
   * that means none are taken to be in the truth and not in the prediction.
   *
   * @param labels what the classes are
   * @return empty if there is no such file
   * @throws FileFormatException if it cannot be read or is something else
   */
  public static Optional<Evaluation> read(Path file, Labels labels) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, List<ClassScore>> cases = new LinkedHashMap<>();
    List<Long> damaged =
        Evaluation.CSV.read(
            file,
            MAX_BYTES,
            ADVICE,
            row -> cases.computeIfAbsent(row.get(0), name -> new ArrayList<>()).add(score(row)));
    if (damaged.isEmpty()) {
      try {
        List<SegmentationScores> volumes = new ArrayList<>();
        cases.forEach((name, classes) -> volumes.add(new SegmentationScores(name, classes)));
        return Optional.of(new Evaluation(labels, volumes));
      } catch (IllegalArgumentException e) {
        // There is none, or a class is missing or there twice.
        damaged.add(-1L);
      }
    }
    throw new FileFormatException(
        file + ": does not hold scores as a run writes them; " + ADVICE + ".");
  }

  private static ClassScore score(List<String> row) {
    double dice = Double.parseDouble(row.get(2));
    double voxels = Double.parseDouble(row.get(4));
    String millimetres = row.get(3);
    double mm = millimetres.isEmpty() ? Double.NaN : Double.parseDouble(millimetres);
    if (!(dice >= 0 && dice <= 1) || !(voxels >= 0) || mm < 0) {
      throw new IllegalArgumentException("no score: " + row);
    }
    boolean missing = dice == 0 && voxels == SegmentationScores.MISSING_HD95;
    return new ClassScore(
        Integer.parseInt(row.get(1)),
        dice,
        mm,
        voxels,
        missing ? Presence.TRUTH_ONLY : Presence.BOTH);
  }
}
