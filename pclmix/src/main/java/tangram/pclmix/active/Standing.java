package tangram.pclmix.active;

import java.util.ArrayList;
import java.util.List;
import tangram.pclmix.active.ActiveModel.ClassAgreement;
import tangram.pclmix.active.ActiveModel.Mode;

/** What a trainer tells of itself. Guarded by the trainer's lock. */
final class Standing {
  /** Change of voxels below which two rounds count as settled. */
  private static final double SETTLED = 0.01;

  Mode mode;
  boolean running;
  String note;
  List<ClassAgreement> heldOut = List.of();

  private final ActiveWork work;
  private final ModelFiles files;
  private int model;
  private String start;
  private int slices;
  private long madeAt;
  private List<Integer> kept;
  private int step;
  private int steps;
  private final List<Double> losses = new ArrayList<>();
  private double secondsLeft;
  private List<ClassAgreement> agreement = List.of();
  private double decoders = Double.NaN;
  private double changed = Double.NaN;
  private double changedBefore = Double.NaN;

  Standing(ActiveWork work, ModelFiles files, ActiveOptions options) {
    this.work = work;
    this.files = files;
    tellModel(work.slices());
    if (model == 0 && start.equals("random")) {
      note = "Starts from random weights: the first useful answer takes minutes.";
    } else if (model > 0 && options.model().isPresent()) {
      note =
          "Goes on with model "
              + model
              + " of this session; to start from "
              + options.model().get().getFileName()
              + ", go back to model 0.";
    }
  }

  private void tellModel(int trainedOn) {
    List<Integer> all = new ArrayList<>(List.of(0));
    all.addAll(files.kept());
    model = work.model();
    start = work.start();
    slices = trainedOn;
    madeAt = model == 0 ? 0 : files.madeAt(model);
    kept = List.copyOf(all);
  }

  void requireKept(int number) {
    if (!kept.contains(number)) {
      throw new IllegalArgumentException(
          "Model " + number + " is not kept; choose one of " + kept + ".");
    }
  }

  /** A round begins. */
  void begin(int itsSteps) {
    running = true;
    step = 0;
    steps = itsSteps;
    losses.clear();
    secondsLeft = 0;
  }

  /** A step of a round is done. */
  void step(double loss, double secondsSoFar) {
    step++;
    losses.add(loss);
    secondsLeft = secondsSoFar / step * (steps - step);
  }

  /** A round has left something. */
  void tell(ActiveWork.Outcome outcome) {
    agreed(outcome.test());
    note = outcome.note();
    if (outcome.steps() > 0 && !outcome.undone()) {
      tellModel(outcome.slices());
      changedBefore = changed;
      changed = outcome.changed();
      decoders = outcome.decoders();
    }
  }

  /** A round is over. */
  void end() {
    running = false;
    secondsLeft = 0;
    mode = mode == Mode.ONCE ? null : mode;
  }

  /** New strokes have been compared with what was predicted before; none change nothing. */
  void agreed(List<ClassAgreement> ofFresh) {
    agreement = ofFresh.isEmpty() ? agreement : ofFresh;
  }

  /** The model is an earlier one. */
  void back() {
    note = null;
    tellModel(work.slices());
    changed = Double.NaN;
    decoders = Double.NaN;
  }

  ActiveModel.Status status(boolean wanted) {
    return new ActiveModel.Status(
        model,
        start,
        slices,
        madeAt,
        kept,
        running || wanted,
        mode,
        step,
        steps,
        losses.stream().mapToDouble(loss -> loss).toArray(),
        secondsLeft,
        agreement,
        heldOut,
        decoders,
        changed,
        changed < SETTLED && changedBefore < SETTLED,
        note);
  }
}
