package tangram.pclmix.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tangram.nn.FileFormatException;
import tangram.pclmix.metrics.ClassScore;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.ScoreFile;
import tangram.pclmix.metrics.SegmentationScores;

/**
 * The scores of one run's volumes, as a study sums them up.
 *
 * @param volumes Dice (0..1) and HD95 of RV, Myo and LV of every volume, with their averages
 * @param millimetres whether HD95 is in millimetres; in voxels otherwise
 */
public record RunScores(List<Scores> volumes, boolean millimetres) {
  private static final int CLASSES = SegmentationScores.CLASS_NAMES.size();

  /**
   * RV, Myo, LV and their average.
   *
   * @param dice Dice, 0..1
   * @param hd95 HD95
   */
  public record Scores(double[] dice, double[] hd95) {}

  /**
   * Reads the scores that a run left.
   *
   * @throws FileFormatException if there are none or they are damaged
   */
  public static RunScores read(Path file) {
    Evaluation evaluation =
        ScoreFile.read(file)
            .orElseThrow(
                () ->
                    new FileFormatException(
                        file + ": is missing; resume that run, which scores its weights anew."));
    boolean millimetres = evaluation.hasMillimetres();
    List<Scores> volumes = new ArrayList<>();
    for (SegmentationScores volume : evaluation.volumes()) {
      double[] dice = new double[CLASSES + 1];
      double[] hd95 = new double[CLASSES + 1];
      for (int i = 0; i < CLASSES; i++) {
        ClassScore score = volume.classes().get(i);
        dice[i] = score.dice();
        hd95[i] = millimetres ? score.hd95Mm() : score.hd95Voxels();
        dice[CLASSES] += dice[i] / CLASSES;
        hd95[CLASSES] += hd95[i] / CLASSES;
      }
      volumes.add(new Scores(dice, hd95));
    }
    return new RunScores(volumes, millimetres);
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
