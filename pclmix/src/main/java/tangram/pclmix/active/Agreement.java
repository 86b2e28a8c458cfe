package tangram.pclmix.active;

import java.util.ArrayList;
import java.util.List;
import tangram.pclmix.active.ActiveModel.ClassAgreement;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Resize;

/**
 * How far predictions agree with scribbles, class by class: the part of the scribbled voxels of a
 * class that are predicted as that class. This is no accuracy of outlines, since scribbles lie
 * where somebody drew.
 */
public final class Agreement {
  private final Labels labels;
  private final int[] all;
  private final int[] right;

  /** An agreement of nothing yet. */
  public Agreement(Labels labels) {
    this.labels = labels;
    this.all = new int[labels.count()];
    this.right = new int[labels.count()];
  }

  /**
   * Adds a slice.
   *
   * @param scribble classes, and K for what does not count, [height][width]
   * @param prediction of the same slice, perhaps at another size: resized by nearest neighbour
   */
  public void add(byte[] scribble, int height, int width, SlicePrediction prediction) {
    byte[] predicted = new byte[height * width];
    Resize.nearest(
        prediction.classes(),
        0,
        prediction.height(),
        prediction.width(),
        predicted,
        0,
        height,
        width);
    for (int i = 0; i < predicted.length; i++) {
      if (scribble[i] != labels.unlabelled()) {
        all[scribble[i]]++;
        right[scribble[i]] += predicted[i] == scribble[i] ? 1 : 0;
      }
    }
  }

  /** The classes that are scribbled. */
  public List<ClassAgreement> classes() {
    List<ClassAgreement> classes = new ArrayList<>();
    for (int c = 0; c < all.length; c++) {
      if (all[c] > 0) {
        classes.add(new ClassAgreement(c, (double) right[c] / all[c], all[c]));
      }
    }
    return List.copyOf(classes);
  }

  /** The mean of the scribbled classes' parts, from 0 to 1; NaN if nothing is scribbled. */
  public double mean() {
    return classes().stream().mapToDouble(ClassAgreement::part).average().orElse(Double.NaN);
  }
}
