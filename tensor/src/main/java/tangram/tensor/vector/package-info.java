/**
 * The device {@code vector}. Its kernels are in the packages below this one, by role; other modules
 * see the device only.
 */
package tangram.tensor.vector;
