package tangram.pclmix.metrics;

/**
 * How well one class of one volume was found.
 *
 * @param label the class
 * @param dice Dice coefficient in [0, 1]
 * @param hd95Mm HD95 in millimetres, NaN when the voxel spacing is unknown
 * @param hd95Voxels HD95 in voxels
 * @param presence where the class occurs
 */
public record ClassScore(
    int label, double dice, double hd95Mm, double hd95Voxels, Presence presence) {

  /** Where a class occurs in a volume. */
  public enum Presence {
    /** In the prediction and in the truth: both scores are measured. */
    BOTH,
    /** In the truth only: Dice 0, HD95 {@link SegmentationScores#MISSING_HD95}. */
    TRUTH_ONLY,
    /** In the prediction only: Dice 0, HD95 {@link SegmentationScores#MISSING_HD95}. */
    PREDICTION_ONLY,
    /** In neither: a perfect answer, Dice 1, HD95 0. */
    NEITHER
  }
}
