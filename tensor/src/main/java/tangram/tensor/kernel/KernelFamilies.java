package tangram.tensor.kernel;

/** The kernel families of a device that has one of each. */
public record KernelFamilies(
    LinearAlgebra linearAlgebra,
    Convolution convolution,
    Normalization normalization,
    Reduction reduction,
    Layout layout,
    Attention attention,
    Maps maps,
    Indexing indexing)
    implements Kernels {}
