package tangram.pclmix.objective;

import java.util.Arrays;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * The pixels that take part in a {@link ClassContrast}: of every foreground class some with that
 * label, and some that are predicted as it too, from which the memory comes. The tensors are of one
 * size whatever there is: few pixels stand there again and again and count once.
 */
public final class ClassSample {
  /** The most pixels of a class. */
  static final int MOST = 512;

  /** The most of them in the memory. */
  static final int MEMORY = 32;

  /** A class with fewer takes no part. */
  private static final int LEAST = 2;

  private static final int PURPOSE = 0x3E7D_0401;

  private final int classes;
  private final long seed;

  /**
   * What is drawn for one decoder, [K - 1, ...] for the foreground classes.
   *
   * @param features pixels of all classes, one class after the other, integers [(K - 1) * 512]
   * @param featureWeights 1 for those that count, else 0, [K - 1, 512]
   * @param candidates pixels for the memory, as features
   * @param candidateWeights 1 for those that count, else 0
   * @param memoryOrder ranks in the memory, integers [K - 1, 32]
   * @param memoryWeights 1 for those that count, else 0
   * @param present 1 for classes that take part, else 0, [K - 1]
   */
  public record Drawn(
      Tensor features,
      Tensor featureWeights,
      Tensor candidates,
      Tensor candidateWeights,
      Tensor memoryOrder,
      Tensor memoryWeights,
      Tensor present) {}

  private final Drawn[] drawn;

  /** Creates the tensors for a number of decoders. */
  public ClassSample(Device device, int classes, int decoders, long seed) {
    this.classes = classes;
    this.seed = seed;
    this.drawn = new Drawn[decoders];
    int n = classes - 1;
    try (Scope persistent = Scope.detached()) {
      for (int d = 0; d < decoders; d++) {
        drawn[d] =
            new Drawn(
                device.emptyInts(n * MOST),
                device.zeros(n, MOST),
                device.emptyInts(n * MOST),
                device.zeros(n, MOST),
                device.emptyInts(n, MEMORY),
                device.zeros(n, MEMORY),
                device.zeros(n));
      }
    }
  }

  /** What was drawn last for a decoder. */
  public Drawn of(int decoder) {
    return drawn[decoder];
  }

  /**
   * Draws for one decoder.
   *
   * @param labels of all pixels
   * @param predicted by the decoder
   */
  public void draw(int decoder, int[] labels, int[] predicted, long step) {
    int n = classes - 1;
    int[][] features = new int[n][];
    int[][] candidates = new int[n][];
    float[] present = new float[n];
    int[] memoryOrder = new int[n * MEMORY];
    float[] memoryWeights = new float[n * MEMORY];
    for (int c = 1; c <= n; c++) {
      int k = c - 1;
      // Every decoder pulls the same pixels.
      features[k] = some(labels, labels, c, new CounterRandom(seed, PURPOSE, step, k));
      candidates[k] =
          some(labels, predicted, c, new CounterRandom(seed, PURPOSE, step, (decoder + 1) * n + k));
      present[k] = features[k].length >= LEAST && candidates[k].length >= LEAST ? 1 : 0;
      int kept = Math.max(1, Math.min(MEMORY, candidates[k].length));
      for (int i = 0; i < MEMORY; i++) {
        memoryOrder[k * MEMORY + i] = i % kept;
        memoryWeights[k * MEMORY + i] = i < kept ? 1 : 0;
      }
    }
    Drawn to = drawn[decoder];
    load(features, to.features, to.featureWeights);
    load(candidates, to.candidates, to.candidateWeights);
    to.memoryOrder.copyFrom(memoryOrder, 0);
    to.memoryWeights.copyFrom(memoryWeights, 0);
    to.present.copyFrom(present, 0);
  }

  /** Up to 512 pixels of a class in both, at random (partial Fisher-Yates). */
  private static int[] some(int[] labels, int[] predicted, int c, CounterRandom random) {
    int count = 0;
    int[] all = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == c && predicted[i] == c) {
        all[count++] = i;
      }
    }
    int taken = Math.min(MOST, count);
    for (int i = 0; i < taken; i++) {
      int j = i + random.nextInt(count - i);
      int pixel = all[j];
      all[j] = all[i];
      all[i] = pixel;
    }
    return Arrays.copyOf(all, taken);
  }

  /** Pixels of an absent class are those of others, so that batch norm sees nothing strange. */
  private static void load(int[][] pixels, Tensor index, Tensor weights) {
    int[] any = Arrays.stream(pixels).flatMapToInt(Arrays::stream).toArray();
    int[] at = new int[pixels.length * MOST];
    float[] weight = new float[at.length];
    for (int c = 0; c < pixels.length; c++) {
      int[] own = pixels[c].length > 0 ? pixels[c] : any;
      for (int i = 0; i < MOST; i++) {
        at[c * MOST + i] = own.length == 0 ? i : own[i % own.length];
        // The weights of an absent class are divided by their sum too.
        weight[c * MOST + i] = i < Math.max(1, pixels[c].length) ? 1 : 0;
      }
    }
    index.copyFrom(at, 0);
    weights.copyFrom(weight, 0);
  }
}
