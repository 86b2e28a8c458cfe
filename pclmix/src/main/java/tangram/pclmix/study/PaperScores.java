package tangram.pclmix.study;

import java.util.List;

/**
 * What others report of a row: RV, Myo, LV and their average; NaN where they print no number.
 *
 * @param dice Dice in percent
 * @param hd95 HD95
 */
public record PaperScores(List<Double> dice, List<Double> hd95) {
  /** Scores in the order of the paper's tables: Dice and HD95 of RV, Myo, LV and the average. */
  static PaperScores of(double... scores) {
    return new PaperScores(
        List.of(scores[0], scores[2], scores[4], scores[6]),
        List.of(scores[1], scores[3], scores[5], scores[7]));
  }
}
