/** Copies, permutations, pooling and resampling. */
package tangram.tensor.vector.layout;
