/** Operations element by element, and the optimiser. */
package tangram.tensor.vector.elementwise;
