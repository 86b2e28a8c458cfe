package tangram.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tangram.nn.console.Progress;
import tangram.nn.training.Pace;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.training.TrainingListener;
import tangram.tensor.Device;

/** Shows the progress of a training run. */
final class TrainingProgress implements TrainingListener {
  /** Steps before a device that measures itself does: the last of them compiles recorded work. */
  private static final int RECORDING = 4;

  private final Progress progress;
  private final int iterations;
  private final Pace pace;
  private final TrainingProfile profile;
  private final Device measured;
  private int step;
  private double loss = Double.NaN;
  private double dice = Double.NaN;
  private volatile boolean stopping;

  /**
   * Prepares.
   *
   * @param profile takes part, or null
   * @param measured the device, if it measures itself and is asked to; else null
   */
  TrainingProgress(
      Progress progress,
      int iterations,
      int validateEvery,
      TrainingProfile profile,
      Device measured) {
    this.profile = profile;
    this.measured = measured;
    this.progress = progress;
    this.iterations = iterations;
    this.pace = new Pace(iterations, validateEvery);
  }

  /** Sets the number of steps done before. */
  void startAt(int step) {
    this.step = step;
    discard();
  }

  /** Says that the run is about to stop. */
  void stopping() {
    stopping = true;
    progress.println("Stopping after this step (press Ctrl-C again to stop at once).");
  }

  @Override
  public void step(int step, StepLosses losses, double learningRate, double seconds) {
    if (profile != null) {
      profile.step(seconds);
    }
    this.step = step;
    loss = losses.total();
    pace.step(seconds);
    if (measured != null && pace.timed() == RECORDING) {
      measured.startProfile();
    } else if (measuring()) {
      measured.profileStep(true);
    }
    if (!stopping) {
      progress.update(step, iterations, text());
    }
  }

  private boolean measuring() {
    return measured != null && pace.timed() >= RECORDING;
  }

  /** What a device that measures itself says of a step; empty where there is nothing to say. */
  String deviceProfile() {
    return measuring() ? measured.profile() : "";
  }

  /** Recorded work is being compiled, which happens once. */
  void compiling(String what, int done, int all) {
    if (!stopping) {
      progress.update(done, all, "compiling '" + what + "' for the device");
    }
  }

  private String text() {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "loss %.3f", loss));
    if (!Double.isNaN(dice)) {
      text.append(String.format(Locale.ROOT, "  Dice %.3f", dice));
    }
    return text + "  " + pace.text(step);
  }

  @Override
  public void validating(int done, int all) {
    if (!stopping) {
      progress.update(step, iterations, "validating " + done + "/" + all + " volumes");
    }
  }

  @Override
  public void validated(int step, Evaluation evaluation, boolean best, double seconds) {
    discard();
    pace.validated(seconds);
    dice = evaluation.average().dice().mean();
    boolean mm = evaluation.hasMillimetres();
    Evaluation.Column average = evaluation.average();
    String classes =
        IntStream.range(1, evaluation.labels().count())
            .mapToObj(evaluation::column)
            .map(c -> String.format(Locale.ROOT, "%s %.3f", c.name(), c.dice().mean()))
            .collect(Collectors.joining(", "));
    progress.println(
        String.format(
            Locale.ROOT,
            "step %"
                + Integer.toString(iterations).length()
                + "d  Dice %.3f"
                + " (%s)  HD95 %.1f %s%s",
            step,
            dice,
            classes,
            (mm ? average.hd95Mm() : average.hd95Voxels()).mean(),
            mm ? "mm" : "voxels",
            best ? "  best" : ""));
  }

  @Override
  public void saved(Path checkpoint) {
    // Part of every run; saying so would only bury what matters.
    discard();
  }

  private void discard() {
    if (profile != null) {
      profile.discard();
    }
    if (measuring()) {
      measured.profileStep(false);
    }
  }
}
