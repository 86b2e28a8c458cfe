/** Resizing and pooling. */
package tangram.tensor.vector.resample;
