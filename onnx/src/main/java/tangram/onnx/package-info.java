/** Networks as ONNX files, for other programs. */
package tangram.onnx;
