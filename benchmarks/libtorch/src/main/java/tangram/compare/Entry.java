package tangram.compare;

import java.util.function.Supplier;

/**
 * A row to measure.
 *
 * @param name what is computed
 * @param mode in which way; the mean is also told for each mode
 * @param count how often it occurs in a forward pass of the network, 0 where it does not
 * @param open prepares it; not before its turn, since all at once would need too much memory
 */
record Entry(String name, String mode, int count, Supplier<Case> open) {
  /** The forward pass alone. */
  static final String FORWARD = "forward";

  /** Forward pass and all gradients. */
  static final String TRAINING = "forward+backward";
}
