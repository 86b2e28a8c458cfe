package tangram.pclmix.network;

import static tangram.tensor.op.Argmax.argmax;
import static tangram.tensor.op.Softmax.softmax;

import tangram.pclmix.data.Resize;
import tangram.pclmix.data.Volume;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Segments whole volumes slice by slice: each slice is resized to the network's image size, and the
 * result back to the slice's own (METHOD, Data).
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
   * Segments a volume: the class of highest probability, resized by nearest neighbour.
   *
   * @return classes [depth, height, width]
   */
  public byte[] segment(Volume volume) {
    int h = volume.height();
    int w = volume.width();
    byte[] result = new byte[volume.depth() * h * w];
    forEachBatch(
        volume,
        (first, count, logits) -> {
          int[] classes = argmax(logits, 1).toInts();
          byte[] small = new byte[classes.length];
          for (int i = 0; i < small.length; i++) {
            small[i] = (byte) classes[i];
          }
          for (int i = 0; i < count; i++) {
            Resize.nearest(small, i * size * size, size, size, result, (first + i) * h * w, h, w);
          }
        });
    return result;
  }

  /**
   * Probabilities of the classes, resized bilinearly; they sum to one at every voxel.
   *
   * @return [classes][depth, height, width]
   */
  public float[][] probabilities(Volume volume) {
    int h = volume.height();
    int w = volume.width();
    float[][][] result = new float[1][][];
    forEachBatch(
        volume,
        (first, count, logits) -> {
          int classes = logits.dim(1);
          if (result[0] == null) {
            result[0] = new float[classes][volume.depth() * h * w];
          }
          float[] p = softmax(logits, 1).toFloats();
          for (int i = 0; i < count; i++) {
            for (int c = 0; c < classes; c++) {
              Resize.bilinear(
                  p,
                  (i * classes + c) * size * size,
                  size,
                  size,
                  result[0][c],
                  (first + i) * h * w,
                  h,
                  w);
            }
          }
        });
    return result[0];
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
