package tangram.pclmix.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether slices hold what can be learnt from: scribbles of every class, and pixels without one.
 */
public final class Supervision {
  private static final String[] CLASSES = {"background", "RV", "Myo", "LV"};

  /** Slices that are named; the others are counted. */
  private static final int NAMED = 3;

  private Supervision() {}

  /** Pixels of each class 0..3, and unlabelled ones, in a part of a scribble. */
  public static long[] counts(byte[] scribble, int from, int to) {
    long[] counts = new long[Slice.UNLABELLED + 1];
    for (int i = from; i < to; i++) {
      counts[scribble[i]]++;
    }
    return counts;
  }

  /** Whether every pixel has a class: a scribble whose unlabelled pixels have another number. */
  public static boolean isDense(byte[] scribble) {
    return counts(scribble, 0, scribble.length)[Slice.UNLABELLED] == 0;
  }

  /** Whether no pixel has a class. */
  public static boolean isEmpty(byte[] scribble) {
    return counts(scribble, 0, scribble.length)[Slice.UNLABELLED] == scribble.length;
  }

  /**
   * What is wrong with the slices of a data set, a sentence each.
   *
   * @param where the data set, for messages
   * @throws DataException if nothing is scribbled in any of them
   */
  public static List<String> doubts(String where, List<Slice> slices) {
    long[] totals = new long[Slice.UNLABELLED + 1];
    List<String> dense = new ArrayList<>();
    List<String> empty = new ArrayList<>();
    List<String> constant = new ArrayList<>();
    for (Slice slice : slices) {
      long[] counts = counts(slice.scribble(), 0, slice.scribble().length);
      for (int c = 0; c < totals.length; c++) {
        totals[c] += counts[c];
      }
      if (counts[Slice.UNLABELLED] == 0) {
        dense.add(slice.name());
      } else if (counts[Slice.UNLABELLED] == slice.scribble().length) {
        empty.add(slice.name());
      }
      if (isConstant(slice.image())) {
        constant.add(slice.name());
      }
    }
    int all = slices.size();
    if (empty.size() == all && slices.stream().anyMatch(s -> !s.scribbled().isEmpty())) {
      throw new DataException(
          where
              + ": no scribble is left in any of the "
              + all
              + " slices to train on once they are resized; choose a larger --image-size or a"
              + " smaller --resample.");
    }
    if (empty.size() == all) {
      throw new DataException(
          where
              + ": nothing is scribbled in any of the "
              + all
              + " slices to train on, every pixel is 4 (unlabelled); add scribbles.");
    }
    List<String> doubts = new ArrayList<>();
    if (!dense.isEmpty()) {
      doubts.add(
          where
              + ": every pixel has a class and none is 4 (unlabelled) in "
              + text(dense, all)
              + "; if unlabelled pixels are 0 there, map these to 4.");
    }
    if (!empty.isEmpty()) {
      doubts.add(where + ": nothing is scribbled in " + text(empty, all) + ".");
    }
    for (int c = 0; c < Slice.CLASSES; c++) {
      if (totals[c] == 0) {
        doubts.add(
            where
                + ": no pixel of class "
                + c
                + " ("
                + CLASSES[c]
                + ") is scribbled in any of the "
                + all
                + " slices to train on, so it cannot be learnt; add scribbles of it.");
      }
    }
    if (!constant.isEmpty()) {
      doubts.add(
          where + ": all pixels of the image have one value in " + text(constant, all) + ".");
    }
    return doubts;
  }

  private static boolean isConstant(float[] image) {
    for (float value : image) {
      if (value != image[0]) {
        return false;
      }
    }
    return true;
  }

  private static String text(List<String> names, int all) {
    return names.size()
        + " of "
        + all
        + " slices ("
        + String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
        + (names.size() > NAMED ? ", ..." : "")
        + ")";
  }
}
