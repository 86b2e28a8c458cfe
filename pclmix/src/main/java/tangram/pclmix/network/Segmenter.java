package tangram.pclmix.network;

import static tangram.tensor.op.SoftmaxOp.softmax;

import tangram.pclmix.data.Resize;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Segments whole volumes slice by slice: each slice is resized to the network's image size, and the
 * result back to the slice's own (docs/method.md, Data).
 */
public final class Segmenter {
  private static final int BATCH = 8;

  private final Device device;
  private final SegmentationNetwork network;
  private final int size;

  /**
   * Creates a segmenter.
   *
   * @param size side to which slices are resized, a multiple of 32
   */
  public Segmenter(Device device, SegmentationNetwork network, int size) {
    this.device = device;
    this.network = network;
    this.size = size;
  }

  /**
   * A segmented volume.
   *
   * @param classes [depth, height, width]: the class of highest probability, resized by nearest
   *     neighbour
   * @param probabilities [classes][depth, height, width]: resized bilinearly, so that they sum to
   *     one at every voxel; null where not asked for
   */
  public record Segmentation(byte[] classes, float[][] probabilities) {}

  /**
   * Segments a volume.
   *
   * @return classes [depth, height, width], as in {@link Segmentation}
   */
  public byte[] segment(Volume volume) {
    return segment(volume, false).classes();
  }

  /** Segments a volume, with or without probabilities, in one pass through the network. */
  public Segmentation segment(Volume volume, boolean withProbabilities) {
    int voxels = volume.depth() * volume.height() * volume.width();
    byte[] classes = new byte[voxels];
    float[][] probabilities = withProbabilities ? new float[Slice.CLASSES][voxels] : null;
    forEachBatch(
        volume,
        (first, count, logits) -> {
          putClasses(volume, first, count, logits, classes);
          if (withProbabilities) {
            putProbabilities(volume, first, count, logits, probabilities);
          }
        });
    return new Segmentation(classes, probabilities);
  }

  private void putClasses(Volume volume, int first, int count, Tensor logits, byte[] result) {
    int h = volume.height();
    int w = volume.width();
    int[] classes = logits.argmax(1).to(DType.I32).toInts();
    byte[] small = new byte[classes.length];
    for (int i = 0; i < small.length; i++) {
      small[i] = (byte) classes[i];
    }
    for (int i = 0; i < count; i++) {
      Resize.nearest(small, i * size * size, size, size, result, (first + i) * h * w, h, w);
    }
  }

  private void putProbabilities(
      Volume volume, int first, int count, Tensor logits, float[][] result) {
    int h = volume.height();
    int w = volume.width();
    int classes = logits.dim(1);
    float[] p = softmax(logits, 1).toFloats();
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < classes; c++) {
        int from = (i * classes + c) * size * size;
        Resize.bilinear(p, from, size, size, result[c], (first + i) * h * w, h, w);
      }
    }
  }

  private interface BatchSink {
    /** The logits [count, classes, size, size] of slices from the first on. */
    void logits(int first, int count, Tensor logits);
  }

  private void forEachBatch(Volume volume, BatchSink sink) {
    boolean training = network.isTraining();
    network.train(false);
    try (Autograd.Guard guard = Autograd.noGrad()) {
      for (int first = 0; first < volume.depth(); first += BATCH) {
        int count = Math.min(BATCH, volume.depth() - first);
        try (Scope scope = Scope.open()) {
          sink.logits(first, count, network.forward(images(volume, first, count)));
        }
      }
    } finally {
      network.train(training);
    }
  }

  private Tensor images(Volume volume, int first, int count) {
    int h = volume.height();
    int w = volume.width();
    float[] images = new float[count * size * size];
    for (int i = 0; i < count; i++) {
      Resize.bilinear(
          volume.image(), (first + i) * h * w, h, w, images, i * size * size, size, size);
    }
    return device.tensor(images, count, 1, size, size);
  }
}
