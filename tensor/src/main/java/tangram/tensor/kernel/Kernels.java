package tangram.tensor.kernel;

/** The kernel families of a device. */
public interface Kernels {
  LinearAlgebra linearAlgebra();

  Convolution convolution();

  Layout layout();

  Attention attention();

  Maps maps();

  Indexing indexing();
}
