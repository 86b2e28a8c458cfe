/** How graphs are computed: the table of operators, their kernels, and the run of a graph. */
package tangram.onnx.op;
