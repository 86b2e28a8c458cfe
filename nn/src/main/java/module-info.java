/** Layers, initialisation, optimisers, schedules, checkpoints and ONNX files. */
module tangram.nn {
  requires transitive tangram.tensor;
  requires com.google.protobuf;

  exports tangram.nn;
  exports tangram.nn.model;
  exports tangram.nn.onnx;
}
