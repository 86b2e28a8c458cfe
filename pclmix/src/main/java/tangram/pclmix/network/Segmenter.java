package tangram.pclmix.network;

import static tangram.tensor.op.SoftmaxOp.logSoftmax;
import static tangram.tensor.op.SoftmaxOp.softmax;

import java.util.function.UnaryOperator;
import tangram.nn.Layer;
import tangram.pclmix.data.Framing;
import tangram.pclmix.data.Framing.Frame;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Resize;
import tangram.pclmix.data.Volume;
import tangram.pclmix.network.SegmentationOptions.Resizing;
import tangram.pclmix.network.SegmentationOptions.Views;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Segments whole volumes slice by slice: each slice is resized for the network, with zeros around
 * it where its sides are no multiples of 32, and the result back to the slice's own
 * (docs/method.md, Data and Beyond the paper).
 */
public final class Segmenter {
  private static final int BATCH = 8;
  private static final int ORIENTATIONS = 8;

  private final Device device;
  private final Layer network;
  private final Labels labels;
  private final Framing framing;
  private final SegmentationOptions options;

  /**
   * Creates a segmenter.
   *
   * @param network from images [N, 1, H, W], sides multiples of 32, to logits [N, classes, H, W]
   * @param labels the classes that the network tells apart
   * @param framing how large slices become for the network
   */
  public Segmenter(
      Device device, Layer network, Labels labels, Framing framing, SegmentationOptions options) {
    this.device = device;
    this.network = network;
    this.labels = labels;
    this.framing = framing;
    this.options = options;
  }

  /**
   * A segmented volume.
   *
   * @param classes [depth, height, width]: the class of highest probability, the lowest of equal
   *     ones, of the components that are kept
   * @param unfiltered the same of all components; the same array where all are kept
   * @param probabilities [classes][depth, height, width]: resized bilinearly, so that they sum to
   *     one at every voxel; null where not asked for
   */
  public record Segmentation(byte[] classes, byte[] unfiltered, float[][] probabilities) {}

  /** The classes that it tells apart. */
  public Labels labels() {
    return labels;
  }

  /** How it segments. */
  public SegmentationOptions options() {
    return options;
  }

  /**
   * Segments a volume.
   *
   * @return as in {@link Segmentation}, without probabilities
   */
  public Segmentation segment(Volume volume) {
    return segment(volume, false);
  }

  /** Segments a volume, with or without probabilities, in one pass through the network. */
  public Segmentation segment(Volume volume, boolean withProbabilities) {
    Frame frame = framing.frame(volume.name(), volume.height(), volume.width(), volume.spacing());
    int voxels = volume.depth() * volume.height() * volume.width();
    byte[] classes = new byte[voxels];
    float[][] probabilities = withProbabilities ? new float[labels.count()][voxels] : null;
    boolean training = network.isTraining();
    network.train(false);
    try (Autograd.Guard guard = Autograd.noGrad()) {
      for (int first = 0; first < volume.depth(); first += BATCH) {
        segmentBatch(volume, frame, first, classes, probabilities);
      }
    } finally {
      network.train(training);
    }
    byte[] kept =
        options
            .components()
            .apply(classes, labels, volume.depth(), volume.height(), volume.width());
    return new Segmentation(kept, classes, probabilities);
  }

  /**
   * What the network makes of slices at the size at which it sees them: no views, no filter of
   * components.
   *
   * @param height rows of a slice after resizing
   * @param width columns of a slice after resizing
   * @param classes [depth][height][width]: the class of highest probability, the lowest of equal
   *     ones
   * @param entropy of the probabilities, 0 to 1 in parts of ln K, [depth][height][width]
   */
  public record Look(int height, int width, byte[] classes, float[] entropy) {}

  /** Looks at the slices of a volume. */
  public Look look(Volume volume) {
    boolean training = network.isTraining();
    network.train(false);
    try {
      return look(volume, network::forward);
    } finally {
      network.train(training);
    }
  }

  /**
   * Looks at the slices of a volume with another network, which is in evaluation mode.
   *
   * @param logits makes logits [N, K, H, W] of images [N, 1, H, W]
   */
  public Look look(Volume volume, UnaryOperator<Tensor> logits) {
    Frame frame = framing.frame(volume.name(), volume.height(), volume.width(), volume.spacing());
    int pixels = frame.height() * frame.width();
    byte[] classes = new byte[volume.depth() * pixels];
    float[] entropy = new float[classes.length];
    try (Autograd.Guard guard = Autograd.noGrad()) {
      for (int first = 0; first < volume.depth(); first += BATCH) {
        int count = Math.min(BATCH, volume.depth() - first);
        try (Scope scope = Scope.open()) {
          Tensor x = withoutPadding(logits.apply(images(volume, frame, first, count)), frame);
          int[] best = x.argmax(1).to(DType.I32).toInts();
          for (int i = 0; i < best.length; i++) {
            classes[first * pixels + i] = (byte) best[i];
          }
          Tensor log = logSoftmax(x, 1);
          float[] h = log.exp().mul(log).sum(1).mul(-1 / Math.log(labels.count())).toFloats();
          System.arraycopy(h, 0, entropy, first * pixels, h.length);
        }
      }
    }
    return new Look(frame.height(), frame.width(), classes, entropy);
  }

  private void segmentBatch(
      Volume volume, Frame frame, int first, byte[] classes, float[][] probabilities) {
    boolean bilinear = options.resizing() == Resizing.BILINEAR;
    int count = Math.min(BATCH, volume.depth() - first);
    try (Scope scope = Scope.open()) {
      Tensor images = images(volume, frame, first, count);
      float[] p = null;
      if (options.views() == Views.FLIPS) {
        p = meanOverOrientations(images, frame);
        if (!bilinear) {
          putNearest(volume, frame, first, count, mostProbable(p, frame, count), classes);
        }
      } else {
        Tensor logits = withoutPadding(network.forward(images), frame);
        if (!bilinear) {
          int[] best = logits.argmax(1).to(DType.I32).toInts();
          putNearest(volume, frame, first, count, best, classes);
        }
        if (bilinear || probabilities != null) {
          p = softmax(logits, 1).toFloats();
        }
      }
      if (bilinear || probabilities != null) {
        putResized(volume, frame, first, count, p, bilinear ? classes : null, probabilities);
      }
    }
  }

  /** Logits or probabilities [N, K, H, W] of the slice alone. */
  private static Tensor withoutPadding(Tensor x, Frame frame) {
    return frame.height() == x.dim(2) && frame.width() == x.dim(3)
        ? x
        : x.narrow(2, frame.top(), frame.height())
            .narrow(3, frame.left(), frame.width())
            .contiguous();
  }

  /** Probabilities [count, classes, height, width], averaged over the images' orientations. */
  private float[] meanOverOrientations(Tensor images, Frame frame) {
    float[] mean = new float[images.dim(0) * labels.count() * frame.height() * frame.width()];
    for (int orientation = 0; orientation < ORIENTATIONS; orientation++) {
      // What one pass computes is gone before the next.
      try (Scope scope = Scope.open()) {
        Tensor logits = network.forward(turned(images, orientation).contiguous());
        Tensor back = turnedBack(softmax(logits, 1), orientation);
        float[] p = withoutPadding(back, frame).contiguous().toFloats();
        for (int i = 0; i < mean.length; i++) {
          mean[i] += p[i] / ORIENTATIONS;
        }
      }
    }
    return mean;
  }

  /** One of the eight orientations of planes [N, C, H, W]: perhaps transposed, then flipped. */
  private static Tensor turned(Tensor x, int orientation) {
    Tensor y = (orientation & 1) == 0 ? x : x.transpose(2, 3);
    return flipped(y, orientation);
  }

  private static Tensor turnedBack(Tensor x, int orientation) {
    Tensor y = flipped(x, orientation);
    return (orientation & 1) == 0 ? y : y.transpose(2, 3);
  }

  private static Tensor flipped(Tensor x, int orientation) {
    Tensor y = (orientation & 2) == 0 ? x : x.flip(2);
    return (orientation & 4) == 0 ? y : y.flip(3);
  }

  /** The classes of highest probability, [count, height, width]. */
  private int[] mostProbable(float[] p, Frame frame, int count) {
    int pixels = frame.height() * frame.width();
    int[] classes = new int[count * pixels];
    for (int i = 0; i < classes.length; i++) {
      int from = i / pixels * labels.count() * pixels + i % pixels;
      for (int c = 1; c < labels.count(); c++) {
        if (p[from + c * pixels] > p[from + classes[i] * pixels]) {
          classes[i] = c;
        }
      }
    }
    return classes;
  }

  private static void putNearest(
      Volume volume, Frame frame, int first, int count, int[] classes, byte[] result) {
    int h = volume.height();
    int w = volume.width();
    byte[] small = new byte[classes.length];
    for (int i = 0; i < small.length; i++) {
      small[i] = (byte) classes[i];
    }
    for (int i = 0; i < count; i++) {
      int from = i * frame.height() * frame.width();
      Resize.nearest(small, from, frame.height(), frame.width(), result, (first + i) * h * w, h, w);
    }
  }

  /** Resizes probabilities bilinearly, for the classes and for themselves, either if not null. */
  private void putResized(
      Volume volume,
      Frame frame,
      int first,
      int count,
      float[] p,
      byte[] classes,
      float[][] probabilities) {
    int plane = volume.height() * volume.width();
    float[][] slice = probabilities == null ? new float[labels.count()][plane] : probabilities;
    for (int i = 0; i < count; i++) {
      int to = (first + i) * plane;
      int at = probabilities == null ? 0 : to;
      for (int c = 0; c < labels.count(); c++) {
        int from = (i * labels.count() + c) * frame.height() * frame.width();
        Resize.bilinear(
            p, from, frame.height(), frame.width(), slice[c], at, volume.height(), volume.width());
      }
      if (classes != null) {
        putMostProbable(slice, at, classes, to, plane);
      }
    }
  }

  private static void putMostProbable(float[][] p, int at, byte[] classes, int to, int plane) {
    for (int i = 0; i < plane; i++) {
      int best = 0;
      for (int c = 1; c < p.length; c++) {
        if (p[c][at + i] > p[best][at + i]) {
          best = c;
        }
      }
      classes[to + i] = (byte) best;
    }
  }

  /** Images [count, 1, padded height, padded width]. */
  private Tensor images(Volume volume, Frame frame, int first, int count) {
    int h = volume.height();
    int w = volume.width();
    int rows = frame.height();
    int columns = frame.width();
    int plane = frame.paddedHeight() * frame.paddedWidth();
    float[] resized = new float[rows * columns];
    float[] images = new float[count * plane];
    for (int i = 0; i < count; i++) {
      Resize.bilinear(volume.image(), (first + i) * h * w, h, w, resized, 0, rows, columns);
      for (int y = 0; y < rows; y++) {
        int to = i * plane + (frame.top() + y) * frame.paddedWidth() + frame.left();
        System.arraycopy(resized, y * columns, images, to, columns);
      }
    }
    return device.tensor(images, count, 1, frame.paddedHeight(), frame.paddedWidth());
  }
}
