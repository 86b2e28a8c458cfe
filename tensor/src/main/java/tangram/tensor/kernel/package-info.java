/**
 * What a device must be able to compute, in small interfaces by family.
 *
 * <p>Kernels know nothing of gradients; {@code tangram.tensor.op} ties those that belong together.
 * Arrays are dense and row-major unless a method takes views. Outputs are overwritten and never
 * overlap inputs unless a method says so. Numbers that change from step to step come in buffers.
 */
package tangram.tensor.kernel;
