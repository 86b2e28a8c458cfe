package tangram.pclmix.training;

import java.util.ArrayList;
import java.util.List;
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

  /** Segments and scores volumes; each must have its truth. */
  public Evaluation evaluate(List<Volume> volumes, Progress progress) {
    return evaluate(volumes, progress, (volume, prediction) -> {});
  }

  /** Segments and scores volumes, each of which must have its truth, and hands the results on. */
  public Evaluation evaluate(List<Volume> volumes, Progress progress, Sink sink) {
    List<SegmentationScores> scores = new ArrayList<>();
    for (Volume v : volumes) {
      byte[] prediction = segmenter.segment(v);
      sink.segmented(v, prediction);
      double[] s = v.spacing();
      scores.add(
          s == null
              ? SegmentationScores.ofVoxels(
                  v.name(), prediction, v.label(), v.depth(), v.height(), v.width())
              : SegmentationScores.of(
                  v.name(),
                  prediction,
                  v.label(),
                  new VoxelGrid(v.depth(), v.height(), v.width(), s[0], s[1], s[2])));
      progress.volumes(scores.size(), volumes.size());
    }
    return new Evaluation(scores);
  }
}
