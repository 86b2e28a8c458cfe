package tangram.compare;

import java.util.EnumMap;
import java.util.Map;
import tangram.pclmix.data.CutMix;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.phantom.HeartPhantom;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/**
 * What both sides of a training step are given: settings, one batch of generated hearts, a memory
 * that is full from the start, so that the contrast counts at once, and the probabilities that take
 * the place of a missing decoder.
 *
 * @param decoders which network
 * @param config all settings, the contrast without warm-up
 * @param images [batch, size, size]
 * @param scribbles [batch, size, size]
 * @param masks the two CutMix masks, each [batch, size, size]
 * @param memory unit vectors [foreground classes, slots, dim]
 * @param fixed probabilities [batch, classes, size, size]
 */
record StepSetting(
    Decoders decoders,
    TrainingConfig config,
    float[] images,
    int[] scribbles,
    float[][] masks,
    float[] memory,
    float[] fixed) {
  private static final int MEMORY_NUMBER = 200;
  private static final int FIXED_NUMBER = 201;

  /** The inputs that belong to a configuration. */
  static StepSetting of(Decoders decoders, TrainingConfig given) {
    Map<Setting, String> atOnce = new EnumMap<>(Setting.class);
    atOnce.put(Setting.WARM_UP, "0");
    TrainingConfig config = given.with(atOnce);
    int n = config.batch();
    int size = config.imageSize();
    int pixels = size * size;
    float[] images = new float[n * pixels];
    int[] scribbles = new int[n * pixels];
    for (int i = 0; i < n; i++) {
      Slice slice = PhantomData.slices(size, config.seed(), 1 + i).get(HeartPhantom.POSITIONS / 2);
      System.arraycopy(slice.image(), 0, images, i * pixels, pixels);
      for (int p = 0; p < pixels; p++) {
        scribbles[i * pixels + p] = slice.scribble()[p];
      }
    }
    float[][] masks = new float[2][n * pixels];
    for (int i = 0; i < masks.length; i++) {
      CutMix.fillMask(masks[i], 0, n, size, size, config.seed(), 0, i);
    }
    int dim = config.network().embeddingDim();
    int vectors = (Labels.HEART.count() - 1) * config.losses().queueSlots();
    return new StepSetting(
        decoders,
        config,
        images,
        scribbles,
        masks,
        unitVectors(Numbers.gaussian(vectors * dim, MEMORY_NUMBER), dim),
        softmax(
            Numbers.gaussian(n * Labels.HEART.count() * pixels, FIXED_NUMBER),
            Labels.HEART.count(),
            pixels));
  }

  private static float[] unitVectors(float[] vectors, int dim) {
    for (int first = 0; first < vectors.length; first += dim) {
      double square = 0;
      for (int i = first; i < first + dim; i++) {
        square += (double) vectors[i] * vectors[i];
      }
      double scale = 1 / Math.sqrt(square);
      for (int i = first; i < first + dim; i++) {
        vectors[i] = (float) (scale * vectors[i]);
      }
    }
    return vectors;
  }

  private static float[] softmax(float[] logits, int classes, int pixels) {
    for (int image = 0; image < logits.length; image += classes * pixels) {
      for (int p = image; p < image + pixels; p++) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
          sum += Math.exp(logits[p + c * pixels]);
        }
        for (int c = 0; c < classes; c++) {
          logits[p + c * pixels] = (float) (Math.exp(logits[p + c * pixels]) / sum);
        }
      }
    }
    return logits;
  }
}
