package tangram.pclmix.training;

import static tangram.nn.FileFormatException.quote;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import tangram.nn.FileFormatException;
import tangram.nn.Schedule;
import tangram.nn.data.DataException;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.data.Framing;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Spacings;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.SegmentationOptions;
import tangram.pclmix.objective.LossConfig;
import tangram.pclmix.objective.ObjectiveForm;
import tangram.pclmix.objective.ScribbleLoss;

/**
 * The settings of a run, read from text and checked as a whole when it is made. Immutable.
 *
 * <p>The text form is one {@code key = value} line a setting.
 */
public final class TrainingConfig {
  /** The value of a data folder when phantoms are to be generated. */
  public static final String PHANTOM = "phantom";

  /** The value of a file that is not used. */
  public static final String NONE = "none";

  /** The value of a path in settings that were made to be shared. */
  public static final String REMOVED = "removed";

  private final SettingValues values;
  private final Labels labels;

  private TrainingConfig(SettingValues values) {
    this.values = values;
    this.labels = labels(values);
    check();
  }

  /**
   * A preset with some settings replaced.
   *
   * @throws SettingException if a value is impossible
   */
  public static TrainingConfig of(Preset preset, Map<Setting, String> overrides) {
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      values.put(setting, overrides.getOrDefault(setting, setting.in(preset)).strip());
    }
    return new TrainingConfig(new SettingValues(values));
  }

  /** These settings with some replaced. */
  public TrainingConfig with(Map<Setting, String> overrides) {
    return new TrainingConfig(values.with(overrides));
  }

  /**
   * Reads the text form.
   *
   * @param source what the text is, for messages
   * @throws FileFormatException if a line is not a setting, a setting is missing, or a value is
   *     impossible
   */
  public static TrainingConfig parse(String text, String source) {
    try {
      return new TrainingConfig(SettingValues.parse(text));
    } catch (SettingException e) {
      throw new FileFormatException(
          source + ": not the settings of a run: " + e.getMessage() + " Restore the file.", e);
    }
  }

  /** The text form. */
  public String format() {
    return values.format();
  }

  /** These settings without the paths of the machine that trained, for files to be shared. */
  public TrainingConfig withoutPaths() {
    Map<Setting, String> removed = new EnumMap<>(Setting.class);
    if (!usesPhantoms()) {
      removed.put(Setting.DATA, REMOVED);
    }
    if (encoderWeights().isPresent()) {
      removed.put(Setting.ENCODER_WEIGHTS, REMOVED);
    }
    // Whoever is given the weights has other cases.
    removed.put(Setting.SPACING_FILE, NONE);
    return with(removed);
  }

  /** The value of a setting as text. */
  public String get(Setting setting) {
    return values.get(setting);
  }

  /** The value of an integer setting. */
  public int integer(Setting setting) {
    return values.integer(setting);
  }

  /** The value of a real setting. */
  public double real(Setting setting) {
    return values.real(setting);
  }

  /** The value of a setting that is true or false. */
  public boolean flag(Setting setting) {
    return values.flag(setting);
  }

  /** What is trained. */
  public Method method() {
    return Methods.of(get(Setting.METHOD).toLowerCase(Locale.ROOT))
        .orElseThrow(() -> values.impossible(Setting.METHOD, "one of " + Methods.names()));
  }

  /** What the classes are. */
  public Labels labels() {
    return labels;
  }

  private static Labels labels(SettingValues values) {
    try {
      return Labels.parse(values.get(Setting.CLASSES));
    } catch (IllegalArgumentException e) {
      throw new SettingException(
          "--classes names no table of classes: " + e.getMessage() + "; name a file of one.");
    }
  }

  /** Seed of all random numbers. */
  public long seed() {
    try {
      return Long.parseLong(get(Setting.SEED));
    } catch (NumberFormatException e) {
      throw values.impossible(Setting.SEED, "an integer");
    }
  }

  /** Training steps. */
  public int iterations() {
    return integer(Setting.ITERATIONS);
  }

  /** Slices in a step. */
  public int batch() {
    return integer(Setting.BATCH);
  }

  /** Parts of a batch that are differentiated by themselves; a power of two. */
  public int shards() {
    return integer(Setting.SHARDS);
  }

  /** Side of the images. */
  public int imageSize() {
    return integer(Setting.IMAGE_SIZE);
  }

  /** How large slices become. */
  public Framing framing() {
    return new Framing(imageSize(), values.realOrNone(Setting.RESAMPLE).orElse(0));
  }

  /**
   * Reads the table of spacings, if one was named.
   *
   * @throws FileFormatException if it is no such table
   */
  public Spacings spacings() {
    return spacings(true);
  }

  /**
   * As above, or no table: other data may have cases of the same names.
   *
   * @param own whether the table is of the data in question
   */
  public Spacings spacings(boolean own) {
    String file = get(Setting.SPACING_FILE);
    return own && !file.equals(NONE) ? Spacings.read(Path.of(file)) : Spacings.NONE;
  }

  /** Whether the data are generated. */
  public boolean usesPhantoms() {
    return get(Setting.DATA).equals(PHANTOM);
  }

  /** The file the encoder starts from, if one was named. */
  public Optional<Path> encoderWeights() {
    String file = get(Setting.ENCODER_WEIGHTS);
    return file.equals(NONE) ? Optional.empty() : Optional.of(Path.of(file));
  }

  /** The patients to score the best weights on at the end, if some were named. */
  public Optional<Patients> testPatients() {
    return get(Setting.TEST_PATIENTS).equals(NONE)
        ? Optional.empty()
        : Optional.of(patients(Setting.TEST_PATIENTS));
  }

  /** The patients to validate on, unless there are none. */
  public Optional<Patients> validationPatients() {
    return get(Setting.VAL_PATIENTS).equals(NONE)
        ? Optional.empty()
        : Optional.of(patients(Setting.VAL_PATIENTS));
  }

  /** The patients of one of the settings that name patients. */
  Patients patients(Setting setting) {
    try {
      return Patients.parse(get(setting));
    } catch (DataException e) {
      throw values.impossible(setting, "numbers and ranges such as 41-100 or 1,3,7-9");
    }
  }

  /** The network's size. */
  public NetworkConfig network() {
    return new NetworkConfig(
        integer(Setting.ENCODER_DEPTH),
        integer(Setting.ENCODER_WIDTH),
        values.integers(Setting.UNET_CHANNELS, 5),
        integer(Setting.SWIN_DIM),
        values.integers(Setting.SWIN_HEADS, 3),
        integer(Setting.SWIN_WINDOW),
        real(Setting.DROP_PATH),
        imageSize(),
        integer(Setting.EMBEDDING_DIM),
        labels.count());
  }

  /** The losses. */
  public LossConfig losses() {
    ObjectiveForm form = values.choice(Setting.OBJECTIVE, ObjectiveForm.class);
    return new LossConfig(
        terms(),
        flag(Setting.TRANSFORMER_SUPERVISION),
        real(Setting.LAMBDA_T),
        real(Setting.CONTRAST_WEIGHT),
        real(Setting.CONSISTENCY_WEIGHT),
        real(Setting.MIX_WEIGHT),
        real(Setting.TEMPERATURE),
        integer(Setting.QUEUE_SLOTS),
        integer(Setting.MAX_ANCHORS),
        integer(Setting.TOTAL_ANCHORS),
        integer(Setting.MIN_PIXELS),
        real(Setting.WARM_UP),
        form,
        mixes(form));
  }

  private int mixes(ObjectiveForm form) {
    switch (get(Setting.MIXES)) {
      case "1":
        return 1;
      case "2":
        return 2;
      case "auto":
        return form.mixes();
      default:
        throw values.impossible(Setting.MIXES, "1, 2 or auto");
    }
  }

  /** The weights that are validated and saved. */
  EvaluatedWeights.Kind evaluatedWeights() {
    return values.choice(Setting.EVALUATE_WEIGHTS, EvaluatedWeights.Kind.class);
  }

  /** Which of the networks of {@code trimix} segment. */
  public enum TriMixInference {
    /** The first. */
    FIRST,
    /** All, by the mean of their probabilities. */
    MEAN
  }

  /** Which of the networks of {@code trimix} segment. */
  public TriMixInference triMixInference() {
    return values.choice(Setting.TRIMIX_INFERENCE, TriMixInference.class);
  }

  /** What scribbles teach. */
  public ScribbleLoss scribbleLoss() {
    if (!Setting.CLASS_BALANCE.hasEffect(method().key())) {
      return ScribbleLoss.PLAIN;
    }
    return new ScribbleLoss(
        flag(Setting.CLASS_BALANCE),
        farBackground().isPresent() ? real(Setting.FAR_BACKGROUND_WEIGHT) : 0,
        real(Setting.ABSENT_WEIGHT));
  }

  /** The distance in mm beyond which pixels are background, if that is learnt. */
  OptionalDouble farBackground() {
    return values.realOrNone(Setting.FAR_BACKGROUND);
  }

  /** How the trained network segments. */
  public SegmentationOptions segmentation() {
    return new SegmentationOptions(
        values.choice(Setting.COMPONENTS, ComponentFilter.class),
        values.choice(Setting.RESIZE_PREDICTION, SegmentationOptions.Resizing.class),
        values.choice(Setting.TTA, SegmentationOptions.Views.class));
  }

  /** The learning rate over the steps. */
  public Schedule schedule() {
    return Schedule.polynomial(
        real(Setting.LEARNING_RATE),
        real(Setting.LEARNING_RATE_END),
        iterations(),
        real(Setting.LEARNING_RATE_POWER));
  }

  private Set<LossConfig.Term> terms() {
    Set<LossConfig.Term> terms = EnumSet.noneOf(LossConfig.Term.class);
    for (String part : get(Setting.LOSSES).split(",", -1)) {
      try {
        terms.add(LossConfig.Term.valueOf(part.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw values.impossible(Setting.LOSSES, "some of sup, ctr, het, mix with commas between");
      }
    }
    return terms;
  }

  private void check() {
    values.check();
    method();
    seed();
    checkPath(Setting.DATA);
    checkPath(Setting.ENCODER_WEIGHTS);
    checkPath(Setting.SPACING_FILE);
    checkWindows();
    checkPatients();
    if (imageSize() % 32 != 0) {
      throw values.impossible(Setting.IMAGE_SIZE, "a multiple of 32");
    }
    checkShards();
    if (batch() / shards() == 1 && imageSize() == 32) {
      // Batch norm at stride 32 would see a single value a channel.
      throw values.impossible(
          Setting.BATCH,
          shards() == 1
              ? "at least 2 at an image size of 32"
              : "at least twice --shards at an image size of 32");
    }
    int depth = integer(Setting.ENCODER_DEPTH);
    if (depth != 18 && depth != 34 && depth != 50) {
      throw values.impossible(Setting.ENCODER_DEPTH, "18, 34 or 50");
    }
    int[] heads = values.integers(Setting.SWIN_HEADS, 3);
    for (int i = 0; i < 3; i++) {
      if ((integer(Setting.SWIN_DIM) << i) % heads[i] != 0) {
        throw values.impossible(
            Setting.SWIN_HEADS,
            "divisors of the channels at strides 4, 8, 16 (swin-dim times 1, 2, 4)");
      }
    }
    losses();
    scribbleLoss();
    evaluatedWeights();
    triMixInference();
    network();
    schedule();
    checkClasses();
    flag(Setting.INTENSITY_AUGMENTATION);
    flag(Setting.SCALE_AUGMENTATION);
  }

  private void checkShards() {
    int shards = shards();
    if (Integer.bitCount(shards) != 1 || batch() % shards != 0) {
      throw values.impossible(
          Setting.SHARDS, "a power of two that divides --batch, which is " + batch());
    }
    if (shards > 1 && !method().isDivisible()) {
      throw new SettingException(
          "The steps of --method "
              + method().key()
              + " cannot be divided; leave out --shards, or choose among "
              + String.join(", ", Setting.SHARDS.methods())
              + ".");
    }
  }

  private void checkWindows() {
    if (!framing().isResampled()
        && (integer(Setting.CROP_JITTER) != 0 || real(Setting.FAR_WINDOWS) != 0)) {
      throw new SettingException(
          "--crop-jitter and --far-windows move the windows of resampled slices; set --resample,"
              + " such as 1.5, or leave them out.");
    }
  }

  private void checkClasses() {
    if (usesPhantoms() && !labels.equals(Labels.HEART)) {
      throw new SettingException(
          "Generated hearts have the classes of the heart, not "
              + labels.text()
              + "; name other data with --data or leave out --classes.");
    }
    List<String> needed = segmentation().components().needed();
    if (!labels.foreground().containsAll(needed)) {
      throw new SettingException(
          "--components "
              + get(Setting.COMPONENTS)
              + " needs the classes "
              + String.join(", ", needed)
              + ", but the classes are "
              + labels.text()
              + "; choose largest or none.");
    }
  }

  private void checkPath(Setting setting) {
    try {
      Path.of(get(setting));
    } catch (InvalidPathException e) {
      throw values.impossible(setting, "a path");
    }
  }

  private void checkPatients() {
    patients(Setting.TRAIN_PATIENTS);
    if (validationPatients().isPresent()) {
      requireApart(Setting.TRAIN_PATIENTS, Setting.VAL_PATIENTS);
    }
    if (testPatients().isPresent()) {
      if (usesPhantoms()) {
        throw new SettingException(
            "--test-patients chooses among the patients of a data folder; name one with --data.");
      }
      requireApart(Setting.TRAIN_PATIENTS, Setting.TEST_PATIENTS);
      if (validationPatients().isPresent()) {
        requireApart(Setting.VAL_PATIENTS, Setting.TEST_PATIENTS);
      }
    }
  }

  private void requireApart(Setting a, Setting b) {
    if (patients(a).intersects(patients(b))) {
      throw new SettingException(
          "--"
              + a.key()
              + " "
              + quote(get(a))
              + " and --"
              + b.key()
              + " "
              + quote(get(b))
              + " share patients; a patient may be in one of the two only.");
    }
  }
}
