package tangram.tensor;

/** The derivative of an operation. */
@FunctionalInterface
public interface Backward {
  /**
   * Computes the gradients of the inputs.
   *
   * @param gradOutput gradient of the output; it must not be written to
   * @return one gradient per recorded input, in order; null where an input needs none. Returning
   *     {@code gradOutput} itself, for an input whose gradient it is, is allowed.
   */
  Tensor[] apply(Tensor gradOutput);
}
