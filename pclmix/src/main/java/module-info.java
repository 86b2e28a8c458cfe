/** PCLMix: weakly supervised cardiac MRI segmentation from scribbles. */
module tangram.pclmix {
  requires transitive java.desktop;
  requires transitive tangram.nn;
  requires transitive tangram.onnx;
  requires com.google.protobuf;
  requires commons.math3;
  requires io.jhdf;
  requires org.apache.commons.csv;

  exports tangram.pclmix.active;
  exports tangram.pclmix.chart;
  exports tangram.pclmix.component;
  exports tangram.pclmix.data;
  exports tangram.pclmix.label;
  exports tangram.pclmix.method;
  exports tangram.pclmix.metrics;
  exports tangram.pclmix.network;
  exports tangram.pclmix.objective;
  exports tangram.pclmix.phantom;
  exports tangram.pclmix.picture;
  exports tangram.pclmix.prediction;
  exports tangram.pclmix.study;
  exports tangram.pclmix.preparation;
  exports tangram.pclmix.tensorboard;
  exports tangram.pclmix.report;
  exports tangram.pclmix.session;
  exports tangram.pclmix.training;
}
