package tangram.pclmix.data;

/**
 * A further plane of small numbers that belongs to a slice and moves with it, such as labels that
 * were made from its scribble. The array is shared, not copied: who made it may change it between
 * steps.
 *
 * @param name by which the step asks for it
 * @param values [height, width]
 * @param fill what is put where a moved slice has no pixel; {@link Labels#unlabelled} for labels
 */
public record ByteMap(String name, byte[] values, byte fill) {
  /** A map of labels. */
  public static ByteMap ofLabels(String name, byte[] values, Labels labels) {
    return new ByteMap(name, values, labels.unlabelled());
  }
}
