/** What ONNX files hold: graphs, tensors, functions. */
package tangram.onnx.graph;
