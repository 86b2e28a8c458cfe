/**
 * What all kernels use: threads, working memory, elementary functions, rearrangements of vectors.
 */
package tangram.tensor.vector.runtime;
