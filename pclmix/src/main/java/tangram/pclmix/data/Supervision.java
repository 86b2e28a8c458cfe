package tangram.pclmix.data;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.data.DataException;

/**
 * Whether slices hold what can be learnt from: scribbles of every class, and pixels without one.
 */
public final class Supervision {
  /** Slices that are named; the others are counted. */
  private static final int NAMED = 3;

  private Supervision() {}

  /** Pixels of each class, and unlabelled ones last, in a part of a scribble. */
  public static long[] counts(byte[] scribble, int from, int to, Labels labels) {
    long[] counts = new long[labels.count() + 1];
    for (int i = from; i < to; i++) {
      counts[scribble[i]]++;
    }
    return counts;
  }

  /** Whether every pixel has a class: a scribble whose unlabelled pixels have another number. */
  public static boolean isDense(byte[] scribble, Labels labels) {
    return counts(scribble, 0, scribble.length, labels)[labels.unlabelled()] == 0;
  }

  /** Whether no pixel has a class. */
  public static boolean isEmpty(byte[] scribble, Labels labels) {
    return counts(scribble, 0, scribble.length, labels)[labels.unlabelled()] == scribble.length;
  }

  /**
   * What is wrong with the slices of a data set, a sentence each.
   *
   * @param where the data set, for messages
   * @param slices at least one, all of the same classes
   * @throws DataException if nothing is scribbled in any of them
   */
  public static List<String> doubts(String where, List<Slice> slices) {
    Labels labels = slices.get(0).labels();
    int unlabelled = labels.unlabelled();
    int inFiles = labels.unlabelledInFiles();
    long[] totals = new long[unlabelled + 1];
    List<String> dense = new ArrayList<>();
    List<String> empty = new ArrayList<>();
    List<String> constant = new ArrayList<>();
    for (Slice slice : slices) {
      long[] counts = counts(slice.scribble(), 0, slice.scribble().length, labels);
      for (int c = 0; c < totals.length; c++) {
        totals[c] += counts[c];
      }
      if (counts[unlabelled] == 0) {
        dense.add(slice.name());
      } else if (counts[unlabelled] == slice.scribble().length) {
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
              + " slices to train on, every pixel is "
              + inFiles
              + " (unlabelled); add scribbles.");
    }
    List<String> doubts = new ArrayList<>();
    if (!dense.isEmpty()) {
      doubts.add(
          where
              + ": every pixel has a class and none is "
              + inFiles
              + " (unlabelled) in "
              + text(dense, all)
              + "; if unlabelled pixels are 0 there, map these to "
              + inFiles
              + ".");
    }
    if (!empty.isEmpty()) {
      doubts.add(where + ": nothing is scribbled in " + text(empty, all) + ".");
    }
    for (int c = 0; c < labels.count(); c++) {
      if (totals[c] == 0) {
        doubts.add(
            where
                + ": no pixel of class "
                + c
                + " ("
                + labels.name(c)
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
