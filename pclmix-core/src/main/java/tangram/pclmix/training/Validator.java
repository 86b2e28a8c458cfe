package tangram.pclmix.training;

import static tangram.tensor.op.Argmax.argmax;

import java.util.ArrayList;
import java.util.List;
import tangram.pclmix.data.Resize;
import tangram.pclmix.data.Volume;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.metrics.SegmentationScores;
import tangram.pclmix.metrics.VoxelGrid;
import tangram.pclmix.network.PclMixNetwork;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;

/**
 * Segments whole volumes with the encoder and the main decoder, slice by slice at the network's
 * image size, and scores them at the volumes' own size (METHOD, Data and Metrics).
 */
public final class Validator {
  private static final int BATCH = 8;

  private final Device device;
  private final PclMixNetwork network;
  private final int size;

  /**
   * Creates a validator.
   *
   * @param size side to which slices are resized
   */
  public Validator(Device device, PclMixNetwork network, int size) {
    this.device = device;
    this.network = network;
    this.size = size;
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
      byte[] prediction = segment(v);
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

  /**
   * Segments a volume.
   *
   * @return classes [depth, height, width]
   */
  public byte[] segment(Volume volume) {
    boolean training = network.isTraining();
    network.train(false);
    byte[] result = new byte[volume.depth() * volume.height() * volume.width()];
    try (Autograd.Guard guard = Autograd.noGrad()) {
      for (int first = 0; first < volume.depth(); first += BATCH) {
        segment(volume, first, Math.min(BATCH, volume.depth() - first), result);
      }
    } finally {
      network.train(training);
    }
    return result;
  }

  private void segment(Volume volume, int first, int count, byte[] result) {
    int h = volume.height();
    int w = volume.width();
    float[] images = new float[count * size * size];
    for (int i = 0; i < count; i++) {
      Resize.bilinear(
          volume.image(), (first + i) * h * w, h, w, images, i * size * size, size, size);
    }
    int[] classes;
    try (Scope scope = Scope.open()) {
      classes = argmax(network.predict(device.tensor(images, count, 1, size, size)), 1).toInts();
    }
    byte[] small = new byte[classes.length];
    for (int i = 0; i < small.length; i++) {
      small[i] = (byte) classes[i];
    }
    for (int i = 0; i < count; i++) {
      Resize.nearest(small, i * size * size, size, size, result, (first + i) * h * w, h, w);
    }
  }
}
