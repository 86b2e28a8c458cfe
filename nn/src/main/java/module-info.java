/** Layers, initialisation, optimisers, schedules and checkpoints. */
module tangram.nn {
  requires transitive tangram.tensor;

  exports tangram.nn;
}
