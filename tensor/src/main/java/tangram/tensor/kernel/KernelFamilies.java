package tangram.tensor.kernel;

/** The kernel families of a device that has one of each. */
public record KernelFamilies(
    LinearAlgebra linearAlgebra,
    Convolution convolution,
    Normalization normalization,
    Elementwise elementwise,
    Reduction reduction,
    Layout layout,
    Attention attention,
    Loss loss,
    Optimizer optimizer,
    Maps maps)
    implements Kernels {}
