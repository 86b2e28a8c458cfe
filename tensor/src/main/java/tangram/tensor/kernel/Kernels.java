package tangram.tensor.kernel;

/** The kernel families of a device. */
public interface Kernels {
  LinearAlgebra linearAlgebra();

  Convolution convolution();

  Normalization normalization();

  Reduction reduction();

  Layout layout();

  Attention attention();

  Maps maps();

  Indexing indexing();
}
