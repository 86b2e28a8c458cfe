/** PCLMix: weakly supervised cardiac MRI segmentation from scribbles. */
module tangram.pclmix {
  requires transitive tangram.nn;
  requires io.jhdf;
  requires commons.math3;
  requires org.apache.commons.csv;
  requires java.desktop;

  exports tangram.pclmix.data;
  exports tangram.pclmix.phantom;
  exports tangram.pclmix.picture;
}
