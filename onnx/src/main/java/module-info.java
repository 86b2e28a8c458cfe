/** Networks as ONNX files, for other programs. */
module tangram.onnx {
  requires transitive tangram.nn;
  requires com.google.protobuf;

  exports tangram.onnx;
}
