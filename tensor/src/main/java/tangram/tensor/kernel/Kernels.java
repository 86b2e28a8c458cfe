package tangram.tensor.kernel;

/** The kernel families of a device. */
public interface Kernels {
  LinearAlgebra linearAlgebra();

  Convolution convolution();

  Layout layout();

  Resampling resampling();

  Attention attention();

  Maps maps();

  Indexing indexing();
}
