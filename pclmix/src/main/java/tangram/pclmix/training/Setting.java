package tangram.pclmix.training;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
      "full (U-Net on dense truth), pce (U-Net on scribbles alone), pclmix, or another of the"
          + " paper's Table 1 and beyond: rw, ustm, s2l, mloss, em, rloss, dmpls, scnet, trimix,"
          + " scribblevs"),
  SEED("seed", "0", "0", "0", "seed of all random numbers"),
  ITERATIONS(
      "iterations", "700", "4000", "60000", "training steps", Bounds.integers("1", "1000000")),
  BATCH("batch", "12", "12", "12", "slices in a step", Bounds.integers("1", "1024")),
  SHARDS(
      "shards",
      "1",
      null,
      null,
      "equal parts of a step's slices, each with batch norm, mixtures and contrast of its own, that"
          + " workers of a cluster can share: 1, 2, 4, 8, ...",
      Bounds.integers("1", "1024"),
      "full",
      "pce",
      "pclmix",
      "rw",
      "mloss",
      "em",
      "rloss"),
  IMAGE_SIZE(
      "image-size",
      "64",
      "128",
      "256",
      "side to which slices are resized, a multiple of 32",
      Bounds.integers("32", "2048")),

  LOSSES(
      "losses",
      "sup,ctr,het,mix",
      null,
      null,
      "losses in use, of sup, ctr, het, mix",
      null,
      "pclmix"),
  OBJECTIVE(
      "objective",
      "paper",
      null,
      null,
      "losses as the paper has them (paper) or as its authors' published code computes them"
          + " (reference), which trained with --weight-decay 0.0001 --learning-rate-end 0",
      null,
      "pclmix"),
  MIXES(
      "mixes",
      "auto",
      null,
      null,
      "mixtures a step: 2, 1 by a coin, or as many as the objective has (auto), 2 for paper and 1"
          + " for reference",
      null,
      "pclmix"),
  TRANSFORMER_SUPERVISION(
      "transformer-supervision",
      "true",
      null,
      null,
      "whether the Swin decoder takes part in the supervised loss",
      null,
      "pclmix"),
  LAMBDA_T(
      "lambda-t",
      "0.4",
      null,
      null,
      "weight of the Swin decoder in ensembles of the two",
      Bounds.reals("0", "1"),
      "pclmix"),
  CONTRAST_WEIGHT(
      "contrast-weight",
      "0.15",
      null,
      null,
      "weight of the pixel contrast",
      Bounds.reals("0", "1000"),
      "pclmix"),
  CONSISTENCY_WEIGHT(
      "consistency-weight",
      "1",
      null,
      null,
      "weight of the dual consistency, or of the agreement with a teacher",
      Bounds.reals("0", "1000"),
      "pclmix",
      "ustm"),
  MIX_WEIGHT(
      "mix-weight",
      "1",
      null,
      null,
      "weight of the mixed within the dual consistency",
      Bounds.reals("0", "1000"),
      "pclmix"),
  TEMPERATURE(
      "temperature",
      "0.07",
      null,
      null,
      "temperature of the contrast",
      Bounds.reals("0.0001", "1000"),
      "pclmix"),
  QUEUE_SLOTS(
      "queue-slots",
      "500",
      null,
      null,
      "memory of the contrast, vectors a class",
      Bounds.integers("1", "100000"),
      "pclmix"),
  MAX_ANCHORS(
      "max-anchors",
      "100",
      null,
      null,
      "anchors of one image and class, at most",
      Bounds.integers("1", "100000"),
      "pclmix"),
  TOTAL_ANCHORS(
      "total-anchors",
      "1024",
      null,
      null,
      "anchors of a step, at most",
      Bounds.integers("1", "100000"),
      "pclmix"),
  MIN_PIXELS(
      "min-pixels",
      "1",
      null,
      null,
      "confirmed pixels an image and class needs for anchors",
      Bounds.integers("1", "4194304"),
      "pclmix"),
  WARM_UP(
      "warm-up",
      "0.016666667",
      null,
      null,
      "part of the training before the contrast starts",
      Bounds.reals("0", "1"),
      "pclmix"),

  RW_BETA(
      "rw-beta",
      "100",
      null,
      null,
      "how hard edges are for random walks to cross",
      Bounds.reals("0", "10000"),
      "rw"),
  CLASS_BALANCE(
      "class-balance",
      "false",
      null,
      null,
      "whether every class weighs the same in the loss on scribbles, however much of it is"
          + " scribbled",
      null,
      OfScribbles.METHODS),
  FAR_BACKGROUND(
      "far-background",
      "none",
      null,
      null,
      "mm from all scribbled structures beyond which pixels are taken for background, or 'none';"
          + " it needs scribbles on every structure that a slice has",
      Bounds.reals("0", "1000"),
      OfScribbles.METHODS),
  FAR_BACKGROUND_WEIGHT(
      "far-background-weight",
      "0.3",
      null,
      null,
      "weight of the loss on those pixels",
      Bounds.reals("0", "1000"),
      OfScribbles.METHODS),
  ABSENT_WEIGHT(
      "absent-weight",
      "0",
      null,
      null,
      "weight of a loss on structures that a slice has no scribble of; it needs scribbles on every"
          + " structure that a slice has",
      Bounds.reals("0", "1000"),
      OfScribbles.METHODS),

  ENTROPY_WEIGHT(
      "entropy-weight",
      "0.1",
      null,
      null,
      "weight of the entropy",
      Bounds.reals("0", "1000"),
      "em"),
  MUMFORD_SHAH_WEIGHT(
      "mumford-shah-weight",
      "0.786",
      null,
      null,
      "weight of the Mumford-Shah loss by pixel",
      Bounds.reals("0", "1000"),
      "mloss"),
  CRF_WEIGHT(
      "crf-weight",
      "0.1",
      null,
      null,
      "weight of the conditional random field",
      Bounds.reals("0", "1000"),
      "rloss"),
  CRF_RADIUS(
      "crf-radius",
      "1",
      "3",
      "5",
      "pixels around each that it compares",
      Bounds.integers("1", "64"),
      "rloss"),
  CRF_SIGMA_XY(
      "crf-sigma-xy",
      "1.5",
      "3",
      "6",
      "standard deviation of their distance, pixels",
      Bounds.reals("0.01", "1000"),
      "rloss"),
  CRF_SIGMA_INTENSITY(
      "crf-sigma-intensity",
      "0.1",
      null,
      null,
      "standard deviation of their intensities, which are 0 to 1",
      Bounds.reals("0.001", "1000"),
      "rloss"),
  S2L_START(
      "s2l-start",
      "0.1",
      null,
      null,
      "part of the training before running means give labels",
      Bounds.reals("0", "1"),
      "s2l"),
  S2L_PERIOD(
      "s2l-period",
      "20",
      "60",
      "100",
      "steps between predictions of all training slices for the running means",
      Bounds.integers("1", "1000000000"),
      "s2l"),
  S2L_CONFIDENCE(
      "s2l-confidence",
      "0.8",
      null,
      null,
      "running mean above which a class is a label",
      Bounds.reals("0", "1"),
      "s2l"),
  S2L_AVERAGE(
      "s2l-average",
      "0.2",
      null,
      null,
      "what the latest prediction counts in the running mean",
      Bounds.reals("0.001", "1"),
      "s2l"),
  S2L_WEIGHT(
      "s2l-weight",
      "0.5",
      null,
      null,
      "weight of the loss of these labels",
      Bounds.reals("0", "1000"),
      "s2l"),
  PSEUDO_WEIGHT(
      "pseudo-weight",
      "0.5",
      null,
      null,
      "weight of the loss of pseudo labels",
      Bounds.reals("0", "1000"),
      "dmpls",
      "scnet",
      "scribblevs"),
  CHANNEL_DROPOUT(
      "channel-dropout",
      "0.5",
      null,
      null,
      "part of the channels that the second decoder does without",
      Bounds.reals("0", "0.99"),
      "dmpls",
      "scnet"),
  SUPERPIXELS(
      "superpixels",
      "200",
      null,
      null,
      "about how many superpixels a slice is divided into",
      Bounds.integers("1", "100000"),
      "scnet"),
  SUPERPIXEL_COMPACTNESS(
      "superpixel-compactness",
      "15",
      null,
      null,
      "difference in lightness, of 100, that counts as much as their spacing",
      Bounds.reals("0.001", "1000000"),
      "scnet"),
  SUPERPIXEL_WEIGHT(
      "superpixel-weight",
      "0.005",
      null,
      null,
      "weight of the loss of their labels",
      Bounds.reals("0", "1000"),
      "scnet"),
  CLASS_CONTRAST_WEIGHT(
      "class-contrast-weight",
      "0.01",
      null,
      null,
      "weight of the contrast by class",
      Bounds.reals("0", "1000"),
      "scnet"),
  EMA_DECAY(
      "ema-decay",
      "0.99",
      null,
      null,
      "what a step leaves of averaged weights, those of teachers and those that are evaluated",
      Bounds.reals("0", "1")),
  CONFIDENCE(
      "confidence",
      "0.5",
      null,
      null,
      "probability above which a prediction is a pseudo label",
      Bounds.reals("0", "1"),
      "scribblevs"),
  TEACHER_NOISE(
      "teacher-noise",
      "0.1",
      null,
      null,
      "standard deviation of the noise that the teacher sees, cut at twice that",
      Bounds.reals("0", "1000"),
      "ustm"),
  USTM_SAMPLES(
      "ustm-samples",
      "8",
      null,
      null,
      "predictions by which the teacher's uncertainty is told",
      Bounds.integers("1", "1000"),
      "ustm"),
  MIXED_WEIGHT(
      "mixed-weight",
      "1",
      null,
      null,
      "weight of the supervised loss of mixed images",
      Bounds.reals("0", "1000"),
      "trimix"),
  MIXED_PSEUDO_WEIGHT(
      "mixed-pseudo-weight",
      "1",
      null,
      null,
      "weight of their loss of pseudo labels",
      Bounds.reals("0", "1000"),
      "trimix"),
  TRIMIX_INFERENCE(
      "trimix-inference",
      "first",
      null,
      null,
      "what segments: the first network (first), or the mean of the probabilities of all three (mean)",
      null,
      "trimix"),

  LEARNING_RATE(
      "learning-rate",
      "0.03",
      null,
      null,
      "learning rate of the first step",
      Bounds.reals("0", "1e38")),
  LEARNING_RATE_END(
      "learning-rate-end",
      "0.001",
      null,
      null,
      "learning rate after the last step",
      Bounds.reals("0", "1e38")),
  LEARNING_RATE_POWER(
      "learning-rate-power",
      "0.9",
      null,
      null,
      "power of the polynomial decay",
      Bounds.reals("0", "1000")),
  MOMENTUM("momentum", "0.9", null, null, "momentum of SGD", Bounds.reals("0", "1")),
  WEIGHT_DECAY(
      "weight-decay", "0.0005", null, null, "weight decay of SGD", Bounds.reals("0", "1000")),

  ENCODER_DEPTH(
      "encoder-depth", "18", "18", "50", "ResNet depth: 18, 34 or 50", Bounds.integers("18", "50")),
  ENCODER_WEIGHTS(
      "encoder-weights",
      "none",
      null,
      null,
      "file of weights the encoder starts from, torchvision's names, or 'none'"),
  ENCODER_WIDTH(
      "encoder-width",
      "16",
      "32",
      "64",
      "channels of the first ResNet stage",
      Bounds.integers("1", "4096")),
  UNET_CHANNELS(
      "unet-channels",
      "64,32,16,16,8",
      "128,64,32,16,16",
      "256,128,64,32,16",
      "channels of the U-Net decoder's five blocks",
      Bounds.integers("1", "4096")),
  SWIN_DIM(
      "swin-dim",
      "24",
      "48",
      "96",
      "channels of the Swin decoder at stride 4",
      Bounds.integers("1", "4096"),
      "pclmix"),
  SWIN_HEADS(
      "swin-heads",
      "3,6,12",
      null,
      null,
      "its heads at strides 4, 8, 16",
      Bounds.integers("1", "4096"),
      "pclmix"),
  SWIN_WINDOW(
      "swin-window", "4", "4", "8", "its window side", Bounds.integers("1", "64"), "pclmix"),
  DROP_PATH(
      "drop-path",
      "0.1",
      null,
      null,
      "its largest drop-path probability",
      Bounds.reals("0", "0.99"),
      "pclmix"),
  EMBEDDING_DIM(
      "embedding-dim",
      "256",
      null,
      null,
      "channels of the embedding for contrast",
      Bounds.integers("1", "4096"),
      "pclmix"),

  VALIDATE_EVERY(
      "validate-every",
      "100",
      "250",
      "1000",
      "steps between validations",
      Bounds.integers("1", "1000000000")),
  EVALUATE_WEIGHTS(
      "evaluate-weights",
      "trained",
      null,
      null,
      "weights that are validated and saved: those that are trained (trained), or their"
          + " exponential moving average (ema)"),
  CHECKPOINT_EVERY(
      "checkpoint-every",
      "50",
      "50",
      "200",
      "steps between checkpoints",
      Bounds.integers("1", "1000000000")),
  INTENSITY_AUGMENTATION(
      "intensity-augmentation",
      "false",
      null,
      null,
      "whether training changes intensities at random: noise, blur, brightness, contrast,"
          + " resolution, gamma"),
  SCALE_AUGMENTATION(
      "scale-augmentation",
      "false",
      null,
      null,
      "whether training enlarges and shrinks slices at random, by 0.7 to 1.4"),
  RESAMPLE(
      "resample",
      "none",
      null,
      null,
      "side of a pixel in mm to which slices are resampled, to train on windows of them, or 'none'"
          + " to resize every slice to a square",
      Bounds.reals("0.1", "100")),
  CROP_JITTER(
      "crop-jitter",
      "0",
      null,
      null,
      "pixels by which such a window may be off the middle",
      Bounds.integers("0", "2048")),
  FAR_WINDOWS(
      "far-windows",
      "0",
      null,
      null,
      "part of the windows that lie anywhere in the slice",
      Bounds.reals("0", "1")),
  COMPONENTS(
      "components",
      "none",
      null,
      null,
      "islands that segmenting removes: none; all but the largest component of every class"
          + " (largest); all but an LV with its Myo and RV (anchored)"),
  RESIZE_PREDICTION(
      "resize-prediction",
      "nearest",
      null,
      null,
      "how predictions become as large as a scan: classes by nearest neighbour (nearest), or"
          + " probabilities bilinearly (bilinear)"),
  TTA(
      "tta",
      "none",
      null,
      null,
      "test-time augmentation: none, or the mean over eight turned and flipped views (flips), which"
          + " takes eight times as long"),
  PHANTOM_PATIENTS(
      "phantom-patients",
      "60",
      null,
      null,
      "training patients when data are phantoms",
      Bounds.integers("1", "10000")),
  DATA(
      "data", "phantom", null, null, "folder of slices and volumes, or 'phantom' to generate some"),
  CLASSES(
      "classes",
      "heart",
      null,
      null,
      "table of the classes, a CSV file with the columns id, name, colour, or 'heart': background,"
          + " RV, Myo, LV"),
  SPACING_FILE(
      "spacing-file",
      "none",
      null,
      null,
      "CSV file of voxel spacings for cases whose files do not tell theirs, with the columns case,"
          + " spacing_z, spacing_y, spacing_x in mm, or 'none'"),
  TRAIN_PATIENTS("train-patients", "41-100", null, null, "patients to train on"),
  VAL_PATIENTS(
      "val-patients",
      "21-40",
      null,
      null,
      "patients to validate on, or 'none': then the last weights are kept"),
  TEST_PATIENTS(
      "test-patients", "none", null, null, "patients to score the best weights on, or 'none'");

  /** How a trained network segments: these can be replaced whenever it does. */
  public static final Set<Setting> OF_SEGMENTATION =
      Collections.unmodifiableSet(EnumSet.of(COMPONENTS, RESIZE_PREDICTION, TTA, SPACING_FILE));

  /** Apart, since an enumeration's constants are made before its other static fields. */
  private static final class OfScribbles {
    /** The methods with a loss on scribbles. */
    static final String[] METHODS = {
      "pclmix",
      "pce",
      "em",
      "mloss",
      "rloss",
      "s2l",
      "ustm",
      "dmpls",
      "scnet",
      "trimix",
      "scribblevs"
    };
  }

  private final String key;
  private final String tiny;
  private final String small;
  private final String paper;
  private final String description;
  private final Bounds bounds;
  private final List<String> methods;

  /** A setting that is no number. */
  Setting(String key, String tiny, String small, String paper, String description) {
    this(key, tiny, small, paper, description, (Bounds) null);
  }

  /**
   * A null in a later preset means: as in the one before.
   *
   * @param methods those that it has an effect on; none for all
   */
  Setting(
      String key,
      String tiny,
      String small,
      String paper,
      String description,
      Bounds bounds,
      String... methods) {
    this.key = key;
    this.tiny = tiny;
    this.small = small == null ? tiny : small;
    this.paper = paper == null ? this.small : paper;
    this.description = description;
    this.bounds = bounds;
    this.methods = List.of(methods);
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
      case RESAMPLE:
      case FAR_BACKGROUND:
      case SPACING_FILE:
      case COMPONENTS:
      case TTA:
        return Optional.of("none");
      case RESIZE_PREDICTION:
        return Optional.of("nearest");
      case CLASSES:
        return Optional.of("heart");
      case OBJECTIVE:
        return Optional.of("paper");
      case MIXES:
        // As many as the paper's objective has.
        return Optional.of("auto");
      case SHARDS:
        return Optional.of("1");
      case CROP_JITTER:
      case FAR_WINDOWS:
      case ABSENT_WEIGHT:
        return Optional.of("0");
      case CLASS_BALANCE:
      case INTENSITY_AUGMENTATION:
      case SCALE_AUGMENTATION:
        return Optional.of("false");
      case EVALUATE_WEIGHTS:
      case EMA_DECAY:
      case FAR_BACKGROUND_WEIGHT:
        return Optional.of(tiny);
      default:
        // What came with a method has no effect on runs that could not be of that method.
        return methods.isEmpty() || methods.contains("pclmix")
            ? Optional.empty()
            : Optional.of(tiny);
    }
  }

  /** What it means and what it may be, one line. */
  public String description() {
    // The depths are three, which the text says.
    return bounds == null || this == ENCODER_DEPTH
        ? description
        : description + "; " + bounds.text();
  }

  /** The methods that it has an effect on; empty for all. */
  public List<String> methods() {
    return methods;
  }

  /** Whether it has an effect on a method. */
  public boolean hasEffect(String method) {
    return methods.isEmpty() || methods.contains(method);
  }

  /** What it may be, if it is a number, or what each may be of several. */
  Optional<Bounds> bounds() {
    return Optional.ofNullable(bounds);
  }

  /** Whether 'none' is among its values. */
  boolean mayBeNone() {
    return Arrays.stream(Preset.values()).anyMatch(p -> in(p).equals(TrainingConfig.NONE));
  }

  /** Its value in a preset. */
  public String in(Preset preset) {
    switch (preset) {
      case TINY:
        return tiny;
      case SMALL:
      case BEST:
        return preset.own(this).orElse(small);
      default:
        return paper;
    }
  }

  /** The setting of a name. */
  public static Optional<Setting> of(String key) {
    return Arrays.stream(values()).filter(s -> s.key.equals(key)).findFirst();
  }
}
