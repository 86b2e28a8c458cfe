package tangram.tensor;

/** Element type of a tensor. */
public enum DType {
  /**
   * Real numbers, in the device's own precision: float on {@code vector}, double on {@code
   * reference}.
   */
  REAL,
  /** 32-bit integers: labels, indices, permutations. They carry no gradient. */
  INT
}
