package tangram.pclmix.training;

import java.util.Locale;
import tangram.pclmix.label.RunningMeans;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.objective.LossConfig;
import tangram.pclmix.phantom.HeartPhantom;
import tangram.tensor.DeviceException;

/**
 * The memory that a run takes at the least, found before anything large is allocated. It counts
 * what surely is in memory at once, so a run that would work is never refused; settings beyond a
 * machine's memory by far are, at once and by a sentence, where the memory would run out otherwise
 * after minutes. Close to the limit the memory may still run out.
 */
public final class MemoryEstimate {
  /** Numbers a parameter takes: itself, its gradient and its momentum. */
  private static final int COPIES = 3;

  /** The most numbers of a tensor. */
  private static final double LARGEST = Integer.MAX_VALUE;

  private static final double NUMBER = Float.BYTES;

  private final TrainingConfig config;
  private final NetworkConfig network;
  private double bytes;
  private double largest;

  private MemoryEstimate(TrainingConfig config) {
    this.config = config;
    this.network = config.network();
    data();
    encoder();
    unet();
    if (Setting.SWIN_DIM.hasEffect(config.method().key())) {
      swin();
      contrast();
    }
  }

  /**
   * Checks that a run can fit.
   *
   * @param available bytes that Java may use
   * @throws DeviceException if it cannot
   */
  public static void requireRoom(TrainingConfig config, long available) {
    MemoryEstimate estimate = new MemoryEstimate(config);
    if (estimate.bytes > available || estimate.largest > LARGEST) {
      throw new DeviceException(
          String.format(
              Locale.ROOT,
              "These settings need more than %s of memory%s; choose a smaller --batch, --image-size"
                  + " or preset, or fewer channels.",
              gigabytes(Math.max(estimate.bytes, NUMBER * estimate.largest)),
              estimate.bytes > available
                  ? ", where Java may use " + gigabytes(available)
                  : ", in tensors of more than two billion numbers"));
    }
  }

  /** The least number of bytes. */
  static double bytes(TrainingConfig config) {
    return new MemoryEstimate(config).bytes;
  }

  private static String gigabytes(double bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (1 << 30));
  }

  /** Numbers of one tensor. */
  private void tensor(double numbers) {
    largest = Math.max(largest, numbers);
    bytes += NUMBER * numbers;
  }

  /** Parameters of one tensor. */
  private void parameters(double numbers) {
    tensor(numbers);
    bytes += (COPIES - 1) * NUMBER * numbers;
  }

  /** Pixels of a batch's maps at a stride. */
  private double pixels(int stride) {
    double side = (double) config.imageSize() / stride;
    return config.batch() * side * side;
  }

  private void data() {
    // Image, scribble and truth of a slice.
    double slice = (double) config.imageSize() * config.imageSize() * (NUMBER + 2);
    if (config.usesPhantoms()) {
      double slices = (double) HeartPhantom.POSITIONS * config.integer(Setting.PHANTOM_PATIENTS);
      bytes += slice * slices;
      if (Setting.S2L_PERIOD.hasEffect(config.method().key())) {
        bytes += RunningMeans.bytes(slices, network.classes(), pixels(1) / config.batch());
      }
    }
    // Images and scribbles of a batch, and two masks.
    bytes += 4 * NUMBER * pixels(1);
  }

  private void encoder() {
    double w = network.encoderWidth();
    boolean bottleneck = network.encoderDepth() == 50;
    int[] blocks = network.encoderDepth() == 18 ? new int[] {2, 2, 2, 2} : new int[] {3, 4, 6, 3};
    tensor(w * pixels(2));
    for (int i = 0; i < blocks.length; i++) {
      double c = w * (1 << i);
      double out = bottleneck ? 4 * c : c;
      for (int block = 0; block < blocks[i]; block++) {
        parameters(9 * c * c);
        parameters(bottleneck ? 2 * 4 * c * c : block == 0 ? 4.5 * c * c : 9 * c * c);
        // The backward pass needs what went into every convolution.
        tensor(c * pixels(4 << i));
        tensor(out * pixels(4 << i));
      }
    }
  }

  private void unet() {
    int stride = 16;
    for (double c : network.unetChannels()) {
      parameters(9 * c * c);
      tensor(c * pixels(stride));
      tensor(c * pixels(stride));
      stride /= 2;
    }
  }

  private void swin() {
    int window = network.swinWindow();
    double tokens = (double) window * window;
    for (int i = 0; i < 3; i++) {
      double c = (double) network.swinDim() * (1 << i);
      double side = config.imageSize() / (4 << i);
      // Two blocks: queries, keys and values, projection, and two layers of four times the width.
      parameters(2 * 12 * c * c);
      parameters(side * side * c);
      tensor(3 * c * pixels(4 << i));
      tensor(4 * c * pixels(4 << i));
      // Which row of a table the offset of two tokens has; the mask of the shifted windows.
      tensor(tokens * tokens);
      double windows = Math.ceil(side / window) * Math.ceil(side / window);
      if (side > window || side % window != 0) {
        tensor(windows * tokens * tokens);
      }
      parameters((2.0 * window - 1) * (2 * window - 1) * network.swinHeads()[i]);
    }
    // Expansion by four before the classes, sixteen times the tokens.
    tensor(16.0 * network.swinDim() * pixels(4));
  }

  private void contrast() {
    LossConfig losses = config.losses();
    double vectors = (config.labels().count() - 1.0) * losses.queueSlots();
    tensor(vectors * network.embeddingDim());
    tensor(network.embeddingDim() * pixels(8));
    tensor((double) losses.totalAnchors() * network.embeddingDim());
    // Products of anchors and vectors, and their gradients by the sum of negatives and by the loss.
    for (int i = 0; i < 3; i++) {
      tensor(losses.totalAnchors() * vectors);
    }
  }
}
