package tangram.pclmix.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tangram.pclmix.metrics.ClassScore.Presence;

/**
 * The scores of one volume: one {@link ClassScore} for each foreground class 1..K-1.
 *
 * <p>HD95 has no value where a class is missing from the prediction or from the truth. As the
 * paper's code does, such a case gets Dice 0 and HD95 50 (of whichever unit); it is marked by its
 * {@link Presence} so that reports can say how many there are. 50 is a convention, and a lenient
 * one: real outliers reach more than 100 mm. A class missing from both is a perfect answer: Dice 1,
 * HD95 0.
 *
 * @param name the volume's name
 * @param classes scores of the classes 1..K-1, in this order
 */
public record SegmentationScores(String name, List<ClassScore> classes) {
  /** HD95 of a class that is missing from the prediction or the truth, not from both. */
  public static final double MISSING_HD95 = 50;

  /** Checks that there is one score a class, in order. */
  public SegmentationScores {
    Objects.requireNonNull(name, "name");
    classes = List.copyOf(classes);
    if (classes.isEmpty()) {
      throw new IllegalArgumentException("expected scores of at least one class");
    }
    for (int c = 0; c < classes.size(); c++) {
      if (classes.get(c).label() != c + 1) {
        throw new IllegalArgumentException(
            "expected class " + (c + 1) + " at position " + c + ", got " + classes.get(c).label());
      }
    }
  }

  /**
   * Scores a volume whose voxel spacing is known.
   *
   * @param name the volume's name
   * @param count number of classes K, background included
   * @param prediction labels 0..K-1, [depth][height][width]
   * @param truth labels 0..K-1, [depth][height][width]
   * @param grid shape, and spacing in millimetres
   * @throws IllegalArgumentException if an array does not match the grid or holds another label
   */
  public static SegmentationScores of(
      String name, int count, byte[] prediction, byte[] truth, VoxelGrid grid) {
    return of(name, count, prediction, truth, grid, true);
  }

  /**
   * Scores a volume whose voxel spacing is unknown: HD95 in voxels only.
   *
   * @param name the volume's name
   * @param count number of classes K, background included
   * @param prediction labels 0..K-1, [depth][height][width]
   * @param truth labels 0..K-1, [depth][height][width]
   * @param depth number of slices
   * @param height rows of a slice
   * @param width columns of a slice
   * @throws IllegalArgumentException if an array does not match the shape or holds another label
   */
  public static SegmentationScores ofVoxels(
      String name, int count, byte[] prediction, byte[] truth, int depth, int height, int width) {
    return of(name, count, prediction, truth, VoxelGrid.ofVoxels(depth, height, width), false);
  }

  private static SegmentationScores of(
      String name,
      int count,
      byte[] prediction,
      byte[] truth,
      VoxelGrid grid,
      boolean millimetres) {
    requireLabels("prediction", prediction, count, grid);
    requireLabels("truth", truth, count, grid);
    List<ClassScore> scores = new ArrayList<>();
    for (int label = 1; label < count; label++) {
      scores.add(score(label, prediction, truth, grid, millimetres));
    }
    return new SegmentationScores(name, scores);
  }

  private static ClassScore score(
      int label, byte[] prediction, byte[] truth, VoxelGrid grid, boolean millimetres) {
    boolean[] p = mask(prediction, label);
    boolean[] t = mask(truth, label);
    Presence presence = presence(Dice.count(p) > 0, Dice.count(t) > 0);
    double voxels;
    double mm;
    switch (presence) {
      case BOTH -> {
        voxels = HausdorffDistance.hd95(p, t, grid.inVoxels());
        mm = millimetres ? HausdorffDistance.hd95(p, t, grid) : Double.NaN;
      }
      case NEITHER -> {
        voxels = 0;
        mm = millimetres ? 0 : Double.NaN;
      }
      default -> {
        voxels = MISSING_HD95;
        mm = millimetres ? MISSING_HD95 : Double.NaN;
      }
    }
    return new ClassScore(label, Dice.of(p, t), mm, voxels, presence);
  }

  private static Presence presence(boolean predicted, boolean present) {
    if (predicted) {
      return present ? Presence.BOTH : Presence.PREDICTION_ONLY;
    }
    return present ? Presence.TRUTH_ONLY : Presence.NEITHER;
  }

  private static boolean[] mask(byte[] labels, int label) {
    boolean[] mask = new boolean[labels.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = labels[i] == label;
    }
    return mask;
  }

  private static void requireLabels(String what, byte[] labels, int count, VoxelGrid grid) {
    grid.requireLength(labels.length);
    int bad = firstBadLabel(labels, count);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          "the " + what + " holds label " + labels[bad] + "; labels are 0.." + (count - 1));
    }
  }

  /** Index of the first voxel whose label is not background or a class, or -1. */
  static int firstBadLabel(byte[] labels, int count) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= count) {
        return i;
      }
    }
    return -1;
  }
}
