/**
 * What a device must be able to compute, in small interfaces by family.
 *
 * <p>Kernels know nothing of gradients: a forward and a backward kernel are separate methods, tied
 * together by the operations in {@code tangram.tensor.op}. All arrays are dense and row-major.
 * Outputs are overwritten unless a method says that it accumulates, and never overlap inputs unless
 * a method says that they may. Numbers that change from step to step (learning rate, threshold,
 * loss weights) come in buffers, so that a recorded step can be replayed.
 */
package tangram.tensor.kernel;
