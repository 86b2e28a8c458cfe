package tangram.pclmix.study;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import tangram.nn.FileFormatException;
import tangram.pclmix.metrics.SegmentationScores;

/**
 * The scores of one run's volumes, read back from the CSV file that the run left.
 *
 * @param volumes Dice (0..1) and HD95 of RV, Myo and LV of every volume, with their averages
 * @param millimetres whether HD95 is in millimetres; in voxels otherwise
 */
public record RunScores(List<Scores> volumes, boolean millimetres) {
  /**
   * RV, Myo, LV and their average.
   *
   * @param dice Dice, 0..1
   * @param hd95 HD95
   */
  public record Scores(double[] dice, double[] hd95) {}

  private static final int CLASSES = SegmentationScores.CLASS_NAMES.size();

  /**
   * Reads a file of the columns case, class, dice, hd95_mm, hd95_voxels.
   *
   * @throws FileFormatException if it is damaged
   */
  public static RunScores read(Path file) {
    Map<String, double[][]> cases = new LinkedHashMap<>();
    boolean millimetres = true;
    try (Reader reader = Files.newBufferedReader(file);
        CSVParser parser =
            CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get().parse(reader)) {
      for (CSVRecord row : parser) {
        double[][] scores = cases.computeIfAbsent(row.get("case"), name -> empty());
        int label = Integer.parseInt(row.get("class")) - 1;
        scores[0][label] = Double.parseDouble(row.get("dice"));
        scores[2][label] = Double.parseDouble(row.get("hd95_voxels"));
        millimetres &= !row.get("hd95_mm").isEmpty();
        scores[1][label] = millimetres ? Double.parseDouble(row.get("hd95_mm")) : Double.NaN;
      }
    } catch (IOException | RuntimeException e) {
      throw damaged(file, e);
    }
    List<Scores> volumes = new ArrayList<>();
    for (double[][] scores : cases.values()) {
      Scores volume = new Scores(withAverage(scores[0]), withAverage(scores[millimetres ? 1 : 2]));
      for (int i = 0; i <= CLASSES; i++) {
        if (!Double.isFinite(volume.dice()[i]) || !Double.isFinite(volume.hd95()[i])) {
          throw damaged(file, null);
        }
      }
      volumes.add(volume);
    }
    if (volumes.isEmpty()) {
      throw damaged(file, null);
    }
    return new RunScores(volumes, millimetres);
  }

  private static double[][] empty() {
    double[][] scores = new double[3][CLASSES];
    for (double[] row : scores) {
      Arrays.fill(row, Double.NaN);
    }
    return scores;
  }

  private static double[] withAverage(double[] classes) {
    double[] all = Arrays.copyOf(classes, CLASSES + 1);
    for (int i = 0; i < CLASSES; i++) {
      all[CLASSES] += classes[i] / CLASSES;
    }
    return all;
  }

  private static FileFormatException damaged(Path file, Exception cause) {
    return new FileFormatException(
        file
            + ": is no complete table of scores"
            + (cause == null ? "" : " (" + cause.getMessage() + ")")
            + "; delete it and start the study again, which scores that run anew.",
        cause);
  }

  /** The means over volumes, as the scores of one. */
  public Scores mean() {
    double[] dice = new double[CLASSES + 1];
    double[] hd95 = new double[CLASSES + 1];
    for (Scores volume : volumes) {
      for (int i = 0; i <= CLASSES; i++) {
        dice[i] += volume.dice()[i] / volumes.size();
        hd95[i] += volume.hd95()[i] / volumes.size();
      }
    }
    return new Scores(dice, hd95);
  }
}
