package tangram.pclmix.training;

import java.util.Arrays;
import java.util.Optional;

/**
 * Everything about a training run that can be set, with its value in each preset. The command line
 * makes an option of every setting and a run's {@code config.properties} holds them all.
 */
public enum Setting {
  METHOD(
      "method",
      "pclmix",
      null,
      null,
      "pclmix, pce (U-Net on scribbles alone) or full (U-Net on dense truth)"),
  SEED("seed", "0", "0", "0", "seed of all random numbers"),
  ITERATIONS("iterations", "700", "4000", "60000", "training steps"),
  BATCH("batch", "12", "12", "12", "slices in a step"),
  IMAGE_SIZE(
      "image-size", "64", "128", "256", "side to which slices are resized, a multiple of 32"),

  LOSSES("losses", "sup,ctr,het,mix", null, null, "losses in use, of sup, ctr, het, mix"),
  TRANSFORMER_SUPERVISION(
      "transformer-supervision",
      "true",
      null,
      null,
      "whether the Swin decoder takes part in the supervised loss"),
  LAMBDA_T("lambda-t", "0.4", null, null, "weight of the Swin decoder in ensembles of the two"),
  CONTRAST_WEIGHT("contrast-weight", "0.15", null, null, "weight of the pixel contrast"),
  CONSISTENCY_WEIGHT("consistency-weight", "1", null, null, "weight of the dual consistency"),
  MIX_WEIGHT("mix-weight", "1", null, null, "weight of the mixed within the dual consistency"),
  TEMPERATURE("temperature", "0.07", null, null, "temperature of the contrast"),
  QUEUE_SLOTS("queue-slots", "500", null, null, "memory of the contrast, vectors a class"),
  MAX_ANCHORS("max-anchors", "100", null, null, "anchors of one image and class, at most"),
  TOTAL_ANCHORS("total-anchors", "1024", null, null, "anchors of a step, at most"),
  MIN_PIXELS(
      "min-pixels", "1", null, null, "confirmed pixels an image and class needs for anchors"),
  WARM_UP("warm-up", "0.016666667", null, null, "part of the training before the contrast starts"),

  LEARNING_RATE("learning-rate", "0.03", null, null, "learning rate of the first step"),
  LEARNING_RATE_END("learning-rate-end", "0.001", null, null, "learning rate after the last step"),
  LEARNING_RATE_POWER("learning-rate-power", "0.9", null, null, "power of the polynomial decay"),
  MOMENTUM("momentum", "0.9", null, null, "momentum of SGD"),
  WEIGHT_DECAY("weight-decay", "0.0005", null, null, "weight decay of SGD"),

  ENCODER_DEPTH("encoder-depth", "18", "18", "50", "ResNet depth: 18, 34 or 50"),
  ENCODER_WEIGHTS(
      "encoder-weights",
      "none",
      null,
      null,
      "file of weights the encoder starts from, torchvision's names, or 'none'"),
  ENCODER_WIDTH("encoder-width", "16", "32", "64", "channels of the first ResNet stage"),
  UNET_CHANNELS(
      "unet-channels",
      "64,32,16,16,8",
      "128,64,32,16,16",
      "256,128,64,32,16",
      "channels of the U-Net decoder's blocks"),
  SWIN_DIM("swin-dim", "24", "48", "96", "channels of the Swin decoder at stride 4"),
  SWIN_HEADS("swin-heads", "3,6,12", null, null, "its heads at strides 4, 8, 16"),
  SWIN_WINDOW("swin-window", "4", "4", "8", "its window side"),
  DROP_PATH("drop-path", "0.1", null, null, "its largest drop-path probability"),
  EMBEDDING_DIM("embedding-dim", "256", null, null, "channels of the embedding for contrast"),

  VALIDATE_EVERY("validate-every", "100", "250", "1000", "steps between validations"),
  CHECKPOINT_EVERY("checkpoint-every", "50", "50", "200", "steps between checkpoints"),
  PHANTOM_PATIENTS(
      "phantom-patients", "60", null, null, "training patients when data are phantoms"),
  DATA(
      "data", "phantom", null, null, "folder of slices and volumes, or 'phantom' to generate some"),
  TRAIN_PATIENTS("train-patients", "41-100", null, null, "patients to train on"),
  VAL_PATIENTS("val-patients", "21-40", null, null, "patients to validate on"),
  TEST_PATIENTS(
      "test-patients", "none", null, null, "patients to score the best weights on, or 'none'");

  private final String key;
  private final String tiny;
  private final String small;
  private final String paper;
  private final String description;

  /** A null in a later preset means: as in the one before. */
  Setting(String key, String tiny, String small, String paper, String description) {
    this.key = key;
    this.tiny = tiny;
    this.small = small == null ? tiny : small;
    this.paper = paper == null ? this.small : paper;
    this.description = description;
  }

  /** The name on the command line and in files. */
  public String key() {
    return key;
  }

  /**
   * What it was in runs whose files do not tell, because it could not be set then; empty if every
   * run's files tell.
   */
  public Optional<String> inOlderRuns() {
    switch (this) {
      case METHOD:
        return Optional.of("pclmix");
      case ENCODER_WEIGHTS:
      case TEST_PATIENTS:
        return Optional.of("none");
      default:
        return Optional.empty();
    }
  }

  /** What it means, one line. */
  public String description() {
    return description;
  }

  /** Its value in a preset. */
  public String in(Preset preset) {
    switch (preset) {
      case TINY:
        return tiny;
      case SMALL:
        return small;
      default:
        return paper;
    }
  }

  /** The setting of a name. */
  public static Optional<Setting> of(String key) {
    return Arrays.stream(values()).filter(s -> s.key.equals(key)).findFirst();
  }
}
