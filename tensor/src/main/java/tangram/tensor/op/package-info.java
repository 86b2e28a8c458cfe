/**
 * Differentiable operations, one file each: shape rule, forward, backward, formula and source. The
 * static methods carry PyTorch's names; import them statically.
 */
package tangram.tensor.op;
