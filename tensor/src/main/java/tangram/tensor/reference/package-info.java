/**
 * The specification: every kernel as plain scalar loops in double precision.
 *
 * <p>Nothing here is fast and nothing is clever. Each method is the formula of its interface in
 * {@code tangram.tensor.kernel}, with every index written out and every access checked against the
 * bounds of its buffer. Other devices are right when they agree with this one.
 */
package tangram.tensor.reference;
