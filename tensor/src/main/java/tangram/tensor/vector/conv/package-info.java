/** Convolutions and the choice among their algorithms. */
package tangram.tensor.vector.conv;
