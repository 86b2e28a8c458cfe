/** Sums, softmax and argmax. */
package tangram.tensor.vector.reduction;
