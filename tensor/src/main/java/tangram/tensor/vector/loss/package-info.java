/** Losses, pseudo labels and prototypes. */
package tangram.tensor.vector.loss;
