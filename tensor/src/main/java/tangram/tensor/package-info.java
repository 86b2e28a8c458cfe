/** Tensors, devices and automatic differentiation. */
package tangram.tensor;
