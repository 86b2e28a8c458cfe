package tangram.tensor.kernel;

/** The kernels of a device, by family. */
public record Kernels(
    LinearAlgebra linearAlgebra,
    Convolution convolution,
    Resampling resampling,
    Attention attention,
    Maps maps,
    Indexing indexing) {}
