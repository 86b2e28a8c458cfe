package tangram.pclmix.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.data.Volume;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.SegmentationScores;
import tangram.pclmix.metrics.VoxelGrid;
import tangram.pclmix.network.Segmenter;

/** Segments whole volumes and scores them at their own size (docs/method.md, Data and Metrics). */
public final class Validator {
  private final Segmenter segmenter;

  /** Creates a validator. */
  public Validator(Segmenter segmenter) {
    this.segmenter = segmenter;
  }

  /** Hears of every finished volume. */
  @FunctionalInterface
  public interface Progress {
    /** So many of all volumes are done. */
    void volumes(int done, int all);
  }

  /** Receives segmentations. */
  @FunctionalInterface
  public interface Sink {
    /** A volume's classes [depth, height, width]. */
    void segmented(Volume volume, byte[] prediction);
  }

  /** Segments and scores volumes, each of which must have its truth, as the run's options say. */
  public Evaluation evaluate(List<Volume> volumes, Progress progress) {
    List<SegmentationScores> scores = new ArrayList<>();
    for (Volume v : volumes) {
      scores.add(score(v, segmenter.segment(v).classes()));
      progress.volumes(scores.size(), volumes.size());
    }
    return new Evaluation(segmenter.labels(), scores);
  }

  /**
   * Segments and scores volumes, each of which must have its truth, with the filter of components
   * and without it, and hands on what the filter kept.
   */
  public Validation validate(List<Volume> volumes, Progress progress, Sink sink) {
    boolean filtered = segmenter.options().components() != ComponentFilter.NONE;
    List<SegmentationScores> scores = new ArrayList<>();
    List<SegmentationScores> unfiltered = new ArrayList<>();
    for (Volume v : volumes) {
      Segmenter.Segmentation segmentation = segmenter.segment(v);
      sink.segmented(v, segmentation.classes());
      scores.add(score(v, segmentation.classes()));
      if (filtered) {
        unfiltered.add(score(v, segmentation.unfiltered()));
      }
      progress.volumes(scores.size(), volumes.size());
    }
    return new Validation(
        segmenter.options(),
        new Evaluation(segmenter.labels(), scores),
        filtered ? Optional.of(new Evaluation(segmenter.labels(), unfiltered)) : Optional.empty());
  }

  private SegmentationScores score(Volume v, byte[] prediction) {
    double[] s = v.spacing();
    int count = segmenter.labels().count();
    return s == null
        ? SegmentationScores.ofVoxels(
            v.name(), count, prediction, v.label(), v.depth(), v.height(), v.width())
        : SegmentationScores.of(
            v.name(),
            count,
            prediction,
            v.label(),
            new VoxelGrid(v.depth(), v.height(), v.width(), s[0], s[1], s[2]));
  }
}
