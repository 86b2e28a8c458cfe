/** Batch, layer and unit-length normalisation. */
package tangram.tensor.vector.norm;
