/** ONNX models of other programs, and networks as ONNX files. */
module tangram.onnx {
  requires transitive tangram.nn;
  requires com.google.protobuf;
  requires java.desktop;

  exports tangram.onnx;
}
