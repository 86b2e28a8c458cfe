/** Layers, networks, initialisation, optimisers, schedules and checkpoints. */
module tangram.nn {
  requires java.desktop;
  requires jdk.unsupported;
  requires transitive tangram.tensor;

  exports tangram.nn;
  exports tangram.nn.console;
  exports tangram.nn.data;
  exports tangram.nn.model;
  exports tangram.nn.text;
  exports tangram.nn.training;
}
