package tangram.pclmix.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tangram.nn.FileFormatException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.metrics.ClassScore;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.ScoreFile;
import tangram.pclmix.metrics.SegmentationScores;

/**
 * The scores of one run's volumes, as a study sums them up.
 *
 * @param volumes Dice (0..1) and HD95 of every foreground class of every volume, with their
 *     averages
 * @param millimetres whether HD95 is in millimetres; in voxels otherwise
 */
public record RunScores(List<Scores> volumes, boolean millimetres) {
  /**
   * The foreground classes in order, and their average.
   *
   * @param dice Dice, 0..1
   * @param hd95 HD95
   */
  public record Scores(double[] dice, double[] hd95) {}

  /**
   * Reads the scores that a run left.
   *
   * @param labels what the classes are
   * @throws FileFormatException if there are none or they are damaged
   */
  public static RunScores read(Path file, Labels labels) {
    Evaluation evaluation =
        ScoreFile.read(file, labels)
            .orElseThrow(
                () ->
                    new FileFormatException(
                        file + ": is missing; resume that run, which scores its weights anew."));
    boolean millimetres = evaluation.hasMillimetres();
    int classes = labels.count() - 1;
    List<Scores> volumes = new ArrayList<>();
    for (SegmentationScores volume : evaluation.volumes()) {
      double[] dice = new double[classes + 1];
      double[] hd95 = new double[classes + 1];
      for (int i = 0; i < classes; i++) {
        ClassScore score = volume.classes().get(i);
        dice[i] = score.dice();
        hd95[i] = millimetres ? score.hd95Mm() : score.hd95Voxels();
        dice[classes] += dice[i] / classes;
        hd95[classes] += hd95[i] / classes;
      }
      volumes.add(new Scores(dice, hd95));
    }
    return new RunScores(volumes, millimetres);
  }

  /** The means over volumes, as the scores of one. */
  public Scores mean() {
    int columns = volumes.get(0).dice().length;
    double[] dice = new double[columns];
    double[] hd95 = new double[columns];
    for (Scores volume : volumes) {
      for (int i = 0; i < columns; i++) {
        dice[i] += volume.dice()[i] / volumes.size();
        hd95[i] += volume.hd95()[i] / volumes.size();
      }
    }
    return new Scores(dice, hd95);
  }
}
