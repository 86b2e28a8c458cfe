package tangram.tensor.kernel;

/** The kernel families of a device that has one of each. */
public record KernelFamilies(
    LinearAlgebra linearAlgebra,
    Convolution convolution,
    Layout layout,
    Resampling resampling,
    Attention attention,
    Maps maps,
    Indexing indexing)
    implements Kernels {}
