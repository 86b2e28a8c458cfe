package tangram.pclmix.metrics;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import tangram.nn.FileFormatException;
import tangram.pclmix.metrics.ClassScore.Presence;

/** Reads scores as {@link Evaluation#writeCsv} writes them. */
public final class ScoreFile {
  private static final CSVFormat CSV =
      CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();

  private static final int MAX_BYTES = 1 << 24;

  private ScoreFile() {}

  /**
   * Reads scores. The file does not tell which classes are missing: those of Dice 0 and the HD95
   * that means none are taken to be in the truth and not in the prediction.
   *
   * @return empty if there is no such file
   * @throws FileFormatException if it cannot be read or is something else
   */
  public static Optional<Evaluation> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, List<ClassScore>> cases = new LinkedHashMap<>();
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw damaged(file, null);
      }
      try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8);
          CSVParser parser = CSV.parse(in)) {
        for (CSVRecord record : parser) {
          cases.computeIfAbsent(record.get("case"), name -> new ArrayList<>()).add(score(record));
        }
      }
      List<SegmentationScores> volumes = new ArrayList<>();
      cases.forEach((name, classes) -> volumes.add(new SegmentationScores(name, classes)));
      return Optional.of(new Evaluation(volumes));
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  private static ClassScore score(CSVRecord record) {
    double dice = Double.parseDouble(record.get("dice"));
    double voxels = Double.parseDouble(record.get("hd95_voxels"));
    String millimetres = record.get("hd95_mm");
    double mm = millimetres.isEmpty() ? Double.NaN : Double.parseDouble(millimetres);
    if (!(dice >= 0 && dice <= 1) || !(voxels >= 0) || mm < 0) {
      throw new IllegalArgumentException("no score: " + record);
    }
    boolean missing = dice == 0 && voxels == SegmentationScores.MISSING_HD95;
    return new ClassScore(
        Integer.parseInt(record.get("class")),
        dice,
        mm,
        voxels,
        missing ? Presence.TRUTH_ONLY : Presence.BOTH);
  }

  private static FileFormatException damaged(Path file, Exception cause) {
    return new FileFormatException(
        file + ": does not hold scores as a run writes them; restore the file or remove it.",
        cause);
  }
}
