/** Layers, networks, initialisation, optimisers, schedules and checkpoints. */
module tangram.nn {
  requires transitive tangram.tensor;

  exports tangram.nn;
  exports tangram.nn.model;
}
