package tangram.pclmix.objective;

import java.util.Arrays;

/**
 * Pixels chosen to be contrasted with the memory. Unused places have class -1.
 *
 * @param index which pixel of the batch, image * pixels + pixel
 * @param label its class among the queue's, 0 for the first foreground class; -1 for an unused
 *     place
 * @param count number of anchors
 */
public record Anchors(int[] index, int[] label, int count) {
  /** Room for a number of anchors, none used. */
  static Anchors none(int capacity) {
    int[] label = new int[capacity];
    Arrays.fill(label, -1);
    return new Anchors(new int[capacity], label, 0);
  }
}
