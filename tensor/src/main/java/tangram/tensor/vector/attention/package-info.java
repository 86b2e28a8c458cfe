/** Attention within windows. */
package tangram.tensor.vector.attention;
