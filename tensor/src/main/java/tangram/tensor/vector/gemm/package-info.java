/** Matrix products, down to the register tiles. */
package tangram.tensor.vector.gemm;
