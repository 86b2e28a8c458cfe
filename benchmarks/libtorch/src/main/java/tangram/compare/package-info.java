/**
 * Measures Tangram against libtorch: the same computation on the same numbers, alternately in one
 * process, with as many threads each. {@link tangram.compare.Compare} is the program; the
 * comparisons are {@code gemm}, {@code conv}, {@code layers} and {@code step}. What is compared is
 * what the paper's network computes, found by {@linkplain tangram.compare.DryDevice running it
 * without arithmetic}.
 *
 * <p>"Ours" are the operations of the {@code vector} device with their automatic differentiation,
 * "theirs" libtorch's through DJL's thin Java interface with its automatic differentiation. Both
 * give back the memory of intermediate results as early as a program can that keeps only what is
 * needed. libtorch keeps its defaults; it decides itself where it uses oneDNN and MKL.
 */
package tangram.compare;
