/** ONNX models of other programs, and networks as ONNX files. */
package tangram.onnx;
